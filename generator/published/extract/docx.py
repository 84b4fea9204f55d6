"""Word → Document: paragraphs and tables of the body in reading order, text boxes and content controls with them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree

from generator.published.extract.numbering import Numbers, W
from generator.published.model import Document, Grid, GridCell, Paragraph, Spot
from generator.published.sections import Sections
from generator.published.words import clean
from generator.read.package import Package

PICTURE = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
OFFICE = "{urn:schemas-microsoft-com:office:office}"
MC_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
MOST_COLUMNS = 400
_PAGE_NUMBER = re.compile(r"^[-—–－·\s]*(?:第\s*)?\d{0,4}\s*(?:页)?(?:\s*[/，共]\s*(?:共\s*)?\d*\s*页?)?[-—–－·\s]*$")
SKIPPED = {MC_FALLBACK, f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}delText"}


def read_docx(path: Path) -> Document:
    """Deleted text of tracked changes is left out, inserted text taken; automatic numbers are text. Raises Refused when it is no sound .docx.

    Headers, footers and footnotes follow the body. Pictures and embedded workbooks are told as unread.
    """
    package = Package(path.read_bytes())
    root = _xml(package, "word/document.xml")
    assert root is not None
    document = Document(path.name, "docx")
    sections = Sections(path.name)
    paragraphs = {p: n for n, p in enumerate(root.iter(f"{W}p"))}
    tables = {t: n for n, t in enumerate(root.iter(f"{W}tbl"))}
    numbers = Numbers(_xml(package, "word/numbering.xml"), _xml(package, "word/styles.xml")).texts(paragraphs)
    body = root.find(f"{W}body")
    for element in _blocks(body) if body is not None else ():
        if element.tag == f"{W}tbl":
            document.blocks.append(_grid(element, tables[element], paragraphs, numbers, path.name))
            continue
        for n, text in enumerate(_lines(element)):
            text = (numbers.get(element, "") if n == 0 and text.strip() else "") + text.strip()
            if text:
                document.blocks.append(Paragraph(text, sections.spot(text, ("p", paragraphs[element], n))))
    document.blocks += _apart(package, path.name)
    pictures = sum(1 for _ in root.iter(f"{PICTURE}pic"))
    if pictures:
        document.unread.append(f"有 {pictures} 张图片，图片里的文字和表没有读")
    objects = sum(1 for o in root.iter(f"{W}object") if any(e.tag == f"{OFFICE}OLEObject" for e in o.iter()))
    if objects:
        document.unread.append(f"有 {objects} 个嵌入的对象（多半是 Excel 表），里面的数没有读；请另附工作簿，或在 Word 里改成表格")
    if any(True for _ in root.iter(f"{W}altChunk")):
        document.unread.append("有并入的外来文档（altChunk），没有读；请用 WPS 或 Word 打开后另存一次再审")
    return document


def _xml(package: Package, part: str) -> etree._Element | None:
    """A part of the package; None when it has none (the main part must be there)."""
    if part not in package and part != "word/document.xml":
        return None
    return etree.fromstring(package.xml(part), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def _apart(package: Package, file: str) -> Iterator[Paragraph]:
    """What stands outside the body, once each: headers, footers, footnotes. Page numbers are left out."""
    for pattern, name in ((r"word/(?:header|footer)\d*\.xml", "页眉页脚"), (r"word/(?:footnotes|endnotes)\.xml", "脚注")):
        said: dict[str, None] = {}
        for part in sorted(n for n in package.names if re.fullmatch(pattern, n)):
            root = _xml(package, part)
            for p in root.iter(f"{W}p") if root is not None else ():
                said.update(dict.fromkeys(t for line in _lines(p) if (t := line.strip()) and not _PAGE_NUMBER.match(t)))
        for n, text in enumerate(said, 1):
            yield Paragraph(text, Spot(file, name, paragraph=n, anchor=("p", -1, n)))


def _blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables in order; content controls and the like are looked through; text boxes follow their paragraph."""
    for child in parent:
        if child.tag in SKIPPED or not isinstance(child.tag, str):
            continue
        if child.tag == f"{W}tbl":
            if _is_layout(child):
                for cell in (c for row in _children(child, f"{W}tr") for c in _children(row, f"{W}tc")):
                    yield from _blocks(cell)
            else:
                yield child
        elif child.tag == f"{W}p":
            yield child
            for box in child.iter(f"{W}txbxContent"):
                if not any(a.tag == MC_FALLBACK for a in box.iterancestors()):
                    yield from _blocks(box)
        elif child.tag not in (f"{W}sectPr",):
            yield from _blocks(child)


def _is_layout(table: etree._Element) -> bool:
    """A table that only holds other tables in their places: larger ones within it, and hardly a word of its own."""
    inner = sum(1 for t in table.iter(f"{W}tbl") if t is not table for _ in t.iter(f"{W}tc"))
    if inner < 4:
        return False
    own = [c for row in _children(table, f"{W}tr") for c in _children(row, f"{W}tc") if c.find(f".//{W}tbl") is None]
    return sum(bool(_cell_text(c, {})) for c in own) <= 4 and len(own) < inner


def _lines(paragraph: etree._Element) -> list[str]:
    """The text of a paragraph, a line for each break; text boxes in it are paragraphs of their own."""
    parts: list[str] = []
    stack = [iter(paragraph)]
    while stack:
        child = next(stack[-1], None)
        if child is None:
            stack.pop()
        elif child.tag == f"{W}t":
            parts.append(child.text or "")
        elif child.tag == f"{W}tab" and child.getparent().tag == f"{W}r":
            parts.append("\t")
        elif child.tag in (f"{W}br", f"{W}cr"):
            parts.append("\n")
        elif child.tag == f"{W}noBreakHyphen":
            parts.append("-")
        elif child.tag not in SKIPPED and child.tag not in (f"{W}txbxContent", f"{W}pPr", f"{W}rPr"):
            stack.append(iter(child))
    return clean("".join(parts)).split("\n")


def _cell_text(cell: etree._Element, numbers: Mapping[etree._Element, str]) -> str:
    """All text of a cell; a table within it is read as text, its cells apart by spaces."""
    fallbacks = {p for f in cell.iter(MC_FALLBACK) for p in f.iter(f"{W}p")}
    lines = (f"{numbers.get(p, '')}{text}" for p in cell.iter(f"{W}p") if p not in fallbacks and (text := " ".join(_lines(p)).strip()))
    return "\n".join(lines)


def _grid(table: etree._Element, index: int, paragraphs: Mapping[etree._Element, int], numbers: Mapping[etree._Element, str], file: str) -> Grid:
    rows: list[list[GridCell]] = []
    kept = [row for row in _children(table, f"{W}tr") if row.find(f"{W}trPr/{W}del") is None]  # a row deleted in tracked changes is gone
    for r, row in enumerate(kept):
        cells: list[GridCell] = []
        before = row.find(f"{W}trPr/{W}gridBefore")
        for _ in range(_number(before)):
            cells.append(GridCell("", Spot(file, row=r + 1, column=len(cells) + 1)))
        for cell in _children(row, f"{W}tc"):
            properties = cell.find(f"{W}tcPr")
            span = max(1, _number(properties.find(f"{W}gridSpan") if properties is not None else None))
            merge = properties.find(f"{W}vMerge") if properties is not None else None
            first = next(cell.iter(f"{W}p"), None)
            spot = Spot(file, row=r + 1, column=len(cells) + 1, anchor=("p", paragraphs.get(first, -1), 0, index))
            above = rows[-1][len(cells)] if rows and len(cells) < len(rows[-1]) else None
            if merge is not None and merge.get(f"{W}val", "continue") == "continue" and above is not None:
                new = GridCell(above.text, above.spot, "above")
            else:
                new = GridCell(_cell_text(cell, numbers), spot)
            for n in range(min(span, MOST_COLUMNS)):
                cells.append(GridCell(new.text, new.spot, new.covered or ("left" if n else "")) if n else new)
        rows.append(cells)
    width = max(map(len, rows), default=0)
    blank = Spot(file)
    filled = tuple(tuple(row + [GridCell("", blank)] * (width - len(row))) for row in rows)
    return Grid(filled, Spot(file, anchor=("t", index)))


def _children(parent: etree._Element, tag: str) -> Iterator[etree._Element]:
    """Children of this tag, content controls looked through, tables within cells left alone."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}customXml", f"{W}ins"):
            yield from _children(child, tag)


def _number(element: etree._Element | None) -> int:
    value = element.get(f"{W}val", "0") if element is not None else "0"
    return min(int(value), MOST_COLUMNS) if value.isdigit() else 0
