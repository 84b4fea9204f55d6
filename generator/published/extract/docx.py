"""Word → Document: paragraphs and tables of the body in reading order, text boxes and content controls with them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from generator.published.model import Document, Grid, GridCell, Paragraph, Spot
from generator.published.sections import Sections
from generator.read.package import Package

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MC_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
MOST_COLUMNS = 400
SKIPPED = {MC_FALLBACK, f"{W}del", f"{W}moveFrom", f"{W}instrText", f"{W}delText"}


def read_docx(path: Path) -> Document:
    """Deleted text of tracked changes is left out, inserted text taken. Raises Refused when it is no sound .docx."""
    package = Package(path.read_bytes())
    root = etree.fromstring(package.xml("word/document.xml"), etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    document = Document(path.name, "docx")
    sections = Sections(path.name)
    paragraphs = {p: n for n, p in enumerate(root.iter(f"{W}p"))}
    tables = {t: n for n, t in enumerate(root.iter(f"{W}tbl"))}
    body = root.find(f"{W}body")
    for element in _blocks(body) if body is not None else ():
        if element.tag == f"{W}tbl":
            document.blocks.append(_grid(element, tables[element], paragraphs, path.name))
            continue
        for n, text in enumerate(_lines(element)):
            if text.strip():
                document.blocks.append(Paragraph(text.strip(), sections.spot(text.strip(), ("p", paragraphs[element], n))))
    pictures = sum(1 for _ in root.iter("{http://schemas.openxmlformats.org/drawingml/2006/picture}pic"))
    if pictures:
        document.unread.append(f"有 {pictures} 张图片，图片里的文字和表没有读")
    return document


def _blocks(parent: etree._Element) -> Iterator[etree._Element]:
    """Paragraphs and tables in order; content controls and the like are looked through; text boxes follow their paragraph."""
    for child in parent:
        if child.tag in SKIPPED or not isinstance(child.tag, str):
            continue
        if child.tag == f"{W}tbl":
            yield child
        elif child.tag == f"{W}p":
            yield child
            for box in child.iter(f"{W}txbxContent"):
                if not any(a.tag == MC_FALLBACK for a in box.iterancestors()):
                    yield from _blocks(box)
        elif child.tag not in (f"{W}sectPr",):
            yield from _blocks(child)


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
    return "".join(parts).split("\n")


def _cell_text(cell: etree._Element) -> str:
    """All text of a cell; a table within it is read as text, its cells apart by spaces."""
    return "\n".join(" ".join(_lines(p)).strip() for p in cell.iter(f"{W}p")).strip()


def _grid(table: etree._Element, index: int, paragraphs: dict[etree._Element, int], file: str) -> Grid:
    rows: list[list[GridCell]] = []
    for r, row in enumerate(_children(table, f"{W}tr")):
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
                new = GridCell(_cell_text(cell), spot)
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
