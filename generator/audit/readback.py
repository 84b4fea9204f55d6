"""What was written, read back and held against the model, figure by figure, before anything is handed over.

A difference is never the clerk's fault: it stops the build as ours and names the place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import unescape
from io import BytesIO

import python_calamine

from generator.audit.charts import picture_differences
from generator.audit.prose import prose_differences, read_paragraphs
from generator.audit.word import DOCUMENT, apart
from generator.model.chart import Chart
from generator.model.figures import written
from generator.model.prose import Paragraph
from generator.model.table import Cell, LineKind, Table
from generator.read.finished import Finished

CELL, ROW = "\x1f", "\x1e"  # between cells and rows of a flat grid: no text of a document can hold them
MOST_NAMED = 10
_ZERO = Decimal(0)
_SURE = Decimal(10**9)  # below it six decimals still fit the 15 digits that a float keeps


class ReadbackError(Exception):
    """A written file does not say what the model says. Our fault: exit status 3."""


def expected_text(table: Table, cell: Cell) -> str:
    """What a reader sees in the cell."""
    if cell.shown is not None:
        return written(cell.shown, table.styles[cell.style].number_format)
    return cell.text or ""


def workbook_differences(data: bytes, tables: Sequence[Table]) -> Iterator[str]:
    """Where the workbook differs from the tables: sheet, cell, both values."""
    book = python_calamine.load_workbook(BytesIO(data))
    names = book.sheet_names
    for table in (sheet for whole in tables for sheet in whole.sheets):
        if table.name not in names:
            yield f"缺工作表 {table.name}"
            continue
        grid = book.get_sheet_by_name(table.name).to_python(skip_empty_area=False)
        blank_zero = [not written(_ZERO, style.number_format) for style in table.styles]
        width = max(len(table.columns), len(grid[0]) if grid else 0)
        covered: dict[int, list[int]] = {}
        for r, c in table.covered:
            covered.setdefault(r, []).append(c)
        for r, line in enumerate(table.lines):
            row = grid[r] if r < len(grid) else []
            stored = [(cell.text or "") if (shown := cell.shown) is None else _stored(shown) if shown or not blank_zero[cell.style] else "" for cell in line.cells]
            for c in covered.get(r, ()):
                stored[c] = ""
            if [*row, *[""] * (width - len(row))] != [*stored, *[""] * (width - len(stored))]:  # a line as it must be, nearly always
                yield from _row_differences(table, r, row)


def _stored(shown: Decimal) -> float | Decimal:
    """A figure as a cell's float; one with more digits than a float surely keeps stays as it is, to be looked at more closely."""
    return float(shown) if -_SURE < shown < _SURE else shown


def _row_differences(table: Table, r: int, row: Sequence[object]) -> Iterator[str]:
    """Where a line that is not just what its cells say differs from the table: what a merge covers is blank, or says the merge's text again where a page begins."""
    labels = {m.column: expected_text(table, table.cell(m.row, m.column)) for m in table.merges if m.row < r < m.row + m.rows}
    for c, cell in enumerate(table.lines[r].cells):
        found = row[c] if c < len(row) else ""
        wanted = (labels.get(c, "") if found else "") if (r, c) in table.covered else expected_text(table, cell)
        if cell.shown is not None and wanted:
            same = isinstance(found, (int, float)) and Decimal(repr(found)) == cell.shown
        else:
            same = str(found) == wanted
        if not same:
            yield f"{table.name}!{table.address(r, c)} 应为 {wanted or '空白'}，写出来是 {found if found != '' else '空白'}"


def document_differences(
    data: bytes, tables: Sequence[Table], whole: bool = True, says: Mapping[str, Sequence[Paragraph]] | None = None, charts: Sequence[Chart] = ()
) -> Iterator[str]:
    """Where the Word document differs from the tables, its prose from what it must say, and its pictures from the charts.

    Every instance of a table must stand in it, in order, cell by cell. whole: the document holds the whole set; otherwise a
    table that is not there at all is no difference. says: part → its paragraphs; None leaves the prose alone.
    """
    expected: list[tuple[str, list[list[str]]]] = []
    for table in tables:
        blocks = [(part, rows) for part in table.parts for rows in part.instances]
        expected += [(table.name if len(blocks) == 1 else f"{table.name}第{n}份", _expected_grid(part, rows)) for n, (part, rows) in enumerate(blocks, 1)]
    wanted = [_flat(grid) for _, grid in expected]
    prose: list[bytes] = []  # what stands outside and inside the tables by turns; nothing for a table that is as it must be
    grids: list[str] = []
    right = 0
    document = Finished(data)
    for is_table, piece in apart(document):
        if is_table:
            grids.append(_grid(piece))
            if right < len(wanted) and grids[-1] == wanted[right]:
                right, piece = right + 1, b""
        prose.append(piece)
    others = {part: document.read(part) for part in says or () if part != DOCUMENT}
    yield from picture_differences(document, prose[::2], charts)
    ours: set[int] = set()
    at = 0
    for (name, grid), flat in zip(expected, wanted, strict=True):
        hit = next((i for i in range(at, len(grids)) if grids[i] == flat), None)
        heading = flat.partition(ROW)[0]
        near = next((i for i in range(at, len(grids) if hit is None else hit) if grids[i].partition(ROW)[0] == heading and (whole or grids[i] not in wanted)), None)
        if near is not None:  # the same heading comes first: this is the table, and it is wrong
            yield from _cell_differences(name, grid, _rows(grids[near]))
            hit = near
        if hit is not None:
            at = hit + 1
            ours.add(hit)
        elif whole:
            yield f"说明里没有 {name}"
    if says and DOCUMENT in says:
        kept = [text if n % 2 == 0 else text * (n // 2 not in ours) for n, text in enumerate(prose)]
        yield from prose_differences(read_paragraphs(b"".join(kept).decode()), says[DOCUMENT])
    for part, other in others.items():
        yield from prose_differences(read_paragraphs(other.decode()), (says or {})[part], "页眉" if "header" in part else "页脚" if "footer" in part else "脚注")


def word_grids(data: bytes) -> list[list[list[str]]]:
    """The tables of a .docx as rows of cell texts, without line breaks.

    A cell covered from above is an empty text, one covered from the left is not there.
    """
    return [_rows(_grid(piece)) for is_table, piece in apart(Finished(data)) if is_table]


def _flat(grid: list[list[str]]) -> str:
    """A grid as one text, so that comparing two is one step."""
    return ROW.join([CELL.join(row) for row in grid])


def _rows(flat: str) -> list[list[str]]:
    return [row.split(CELL) for row in flat.split(ROW)]


def _grid(table: bytes) -> str:
    """The flat grid of a table's texts."""
    rows = [[_cell_text(cell) for cell in row.split(b"</w:tc>")[:-1]] for row in table.split(b"</w:tr>")[:-1]]
    flat = ROW.encode().join([CELL.encode().join(row) for row in rows]).decode()
    return unescape(flat) if "&" in flat else flat


def _cell_text(cell: bytes) -> bytes:
    """The texts of a cell: what stands between a tag and </w:t>."""
    end = cell.find(b"</w:t>")
    if end < 0:
        return b""
    if cell.find(b"</w:t>", end + 6) < 0:
        return cell[cell.rfind(b">", 0, end) + 1 : end]
    return b"".join(piece[piece.rfind(b">") + 1 :] for piece in cell.split(b"</w:t>")[:-1])


def _expected_grid(table: Table, rows: range) -> list[list[str]]:
    """What the Word table of one instance should say, in the form of `word_grids`."""
    covered, beside, merged = table.covered, table.beside, table.covered_rows
    grid = []
    for r in rows:
        line = table.lines[r]
        if line.kind is LineKind.LEAD:
            continue
        texts = [text.replace("\n", "") for text in table.printed[r]]
        grid.append(texts if r not in merged else ["" if (r, c) in covered else text for c, text in enumerate(texts) if (r, c) not in beside])
    return grid


def _cell_differences(name: str, wanted: list[list[str]], found: list[list[str]]) -> Iterator[str]:
    if len(wanted) != len(found):
        yield f"{name} 应有 {len(wanted)} 行，说明里是 {len(found)} 行"
    for r, (a, b) in enumerate(zip(wanted, found, strict=False)):
        for c in range(max(len(a), len(b))):
            x, y = a[c] if c < len(a) else "（没有）", b[c] if c < len(b) else "（没有）"
            if x != y:
                yield f"{name} 第{r + 1}行第{c + 1}格应为 {x or '空白'}，说明里是 {y or '空白'}"


def prove(name: str, differences: Iterator[str]) -> None:
    """ReadbackError when there is any difference."""
    wrong = list(differences)
    if wrong:
        more = f"；还有 {len(wrong) - MOST_NAMED} 处" if len(wrong) > MOST_NAMED else ""
        raise ReadbackError(f"{name} 与数据不一致：" + "；".join(wrong[:MOST_NAMED]) + more)
