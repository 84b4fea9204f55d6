"""A saved web page → Document. Most disclosures stand on web pages; saved or copied into Word they keep their tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree, html

from generator.published.model import Document, Grid, GridCell, Paragraph, Spot
from generator.published.sections import Sections
from generator.published.words import clean, decoded

_BLOCKS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "section", "article", "tr", "td", "th", "center", "blockquote", "form", "dd", "dt", "pre"}
_SKIPPED = {"script", "style", "noscript", "template", "head", "nav", "select", "button"}
MOST_SPANNED = 400


def read_html(path: Path) -> Document:
    """Text and tables of the page in order; what its scripts would add is not there. Frames and pictures are told as unread."""
    document = Document(path.name, "html")
    text = decoded(path.read_bytes())
    if text.startswith("<?xml"):
        text = text.partition("?>")[2]
    root = html.document_fromstring(text or "<html></html>")
    sections = Sections(path.name)
    for n, block in enumerate(_blocks(root.find("body") if root.find("body") is not None else root)):
        if isinstance(block, str):
            document.blocks.append(Paragraph(block, sections.spot(block, ("h", n))))
        else:
            document.blocks.append(_grid(block, path.name, n))
    for tag, what in (("img", "张图片"), ("iframe", "个嵌入的页面"), ("object", "个嵌入的对象")):
        if count := sum(1 for _ in root.iter(tag)):
            document.unread.append(f"有 {count} {what}，里面的文字和表没有读")
    return document


def _blocks(parent: etree._Element) -> Iterator[str | etree._Element]:
    """Paragraphs as text, tables as elements."""
    words: list[str] = []

    def flushed() -> Iterator[str]:
        for line in "".join(words).split("\n"):
            if text := " ".join(clean(line).split(" ")).strip():
                yield text
        words.clear()

    def walk(element: etree._Element) -> Iterator[str | etree._Element]:
        for child in element:
            if not isinstance(child.tag, str) or child.tag in _SKIPPED:
                words.append(_flat(child.tail))
                continue
            table = child.tag == "table" and not _is_layout(child)
            if table or child.tag in _BLOCKS:
                yield from flushed()
            if table:
                yield child
            else:
                words.append("\n" if child.tag == "br" else _flat(child.text))
                yield from walk(child)
            if child.tag in _BLOCKS:
                yield from flushed()
            words.append(_flat(child.tail))

    words.append(_flat(parent.text))
    yield from walk(parent)
    yield from flushed()


def _flat(text: str | None) -> str:
    """Line ends of the source are spaces, and between Chinese characters nothing."""
    return "".join(line.strip("\t\r ") for line in (text or "").split("\n")) if text and "\n" in text else (text or "")


def _is_layout(table: etree._Element) -> bool:
    return table.find(".//table") is not None or max((len(_cells(row)) for row in _rows(table)), default=0) < 2


def _rows(table: etree._Element) -> list[etree._Element]:
    return [r for r in table.iter("tr") if next(r.iterancestors("table"), None) is table]


def _cells(row: etree._Element) -> list[etree._Element]:
    return [c for c in row if c.tag in ("td", "th")]


def _span(cell: etree._Element, name: str) -> int:
    value = cell.get(name, "1").strip()
    return max(1, min(int(value), MOST_SPANNED)) if value.isdigit() else 1


def _grid(table: etree._Element, file: str, number: int) -> Grid:
    filled: dict[tuple[int, int], GridCell] = {}
    rows = _rows(table)
    for r, row in enumerate(rows):
        c = 0
        for cell in _cells(row):
            while (r, c) in filled:
                c += 1
            text = "\n".join(t for t in _blocks(cell) if isinstance(t, str))
            spot = Spot(file, row=r + 1, column=c + 1, anchor=("h", number, r, c))
            wide, high = _span(cell, "colspan"), min(_span(cell, "rowspan"), len(rows) - r)
            for down in range(high):
                for right in range(wide):
                    filled.setdefault((r + down, c + right), GridCell(text, spot, "left" if right else "above" if down else ""))
            c += wide
    width = max((c for _, c in filled), default=-1) + 1
    blank = GridCell("", Spot(file))
    return Grid(tuple(tuple(filled.get((r, c), blank) for c in range(width)) for r in range(len(rows))), Spot(file, anchor=("h", number)))
