"""The marked copy of a workbook, from its bytes and its problems."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from generator.model.problem import DataError, Level, Place, Problem
from generator.read import CellKind, read_workbook
from generator.read.package import Package
from generator.read.refusal import Refused
from generator.read.sniff import opened
from generator.read.xlsx import main_part
from generator.render.excel_package import ExcelPackage, part_names
from generator.render.marked.book import Book
from generator.render.marked.result import result_sheet
from generator.render.marked.values import values_as_xlsx
from generator.render.marked.words import MOST_LISTED, RESULT_PART, About


def marked_copy(path: Path, problems: Sequence[Problem], about: About) -> tuple[str, bytes]:
    """The marked copy of the workbook at `path` with problems in reading order: (its file ending, its bytes).

    Same input, same bytes. Raises DataError when the workbook cannot be read.
    """
    try:
        data = path.read_bytes()
        _, container = opened(data)
        if isinstance(container, Package) and main_part(container).endswith("workbook.xml"):
            return _marked(data, path, problems, about, "")
        data, names = values_as_xlsx(read_workbook(path))
        renamed = [Problem(p.level, Place(p.place.file, names.get(p.place.sheet, p.place.sheet), p.place.row, p.place.column), p.message, p.hint, p.rule) for p in problems]
        kept = f"原文件是 {path.suffix or '旧格式'}，本副本只有各格的值，没有公式和格式；也可以回原文件里改。"
        return _marked(data, path, renamed, about, kept)
    except Refused as refused:
        raise DataError(Problem(Level.ERROR, Place(path.name), refused.message, refused.hint)) from refused
    except OSError as fault:
        raise DataError(Problem(Level.ERROR, Place(path.name), f"文件读不出来（{fault.strerror or fault}）")) from fault


def is_untouched(data: bytes) -> bool:
    """Whether a file is a marked copy as it was written: no program has saved it since, so nobody's work is in it."""
    return RESULT_PART in part_names(data)


def _marked(data: bytes, path: Path, problems: Sequence[Problem], about: About, kept: str) -> tuple[str, bytes]:
    book = Book(ExcelPackage(data))
    book.clear()
    listed = [s.name for s in book.sheets if s.kind == "worksheet"]
    by_sheet: dict[str, list[Problem]] = {}
    for problem in problems:
        by_sheet.setdefault(problem.place.sheet, []).append(problem)
    heads = _headings(path, problems)
    formats = book.styles.mark_formats()
    left = MOST_LISTED
    for number, sheet in enumerate(book.sheets, 1):
        if sheet.kind == "worksheet" and (found := by_sheet.get(sheet.name)):
            left -= sheet.mark(found, heads, formats, number, left)
        sheet.unselect()
        sheet.save()
    suffix = book.add_result(result_sheet(path.name, problems, about, kept, set(listed), {s.name for s in book.sheets if s.hidden}, book.styles))
    return suffix, book.package.packed()


def _headings(path: Path, problems: Sequence[Problem]) -> dict[tuple[str, int], int]:
    """(sheet, column) → row of the heading, for problems of a whole column: the line of the first forty with the most texts."""
    wanted = {p.place.sheet for p in problems if p.place.column and not p.place.row}
    if not wanted:
        return {}
    found: dict[tuple[str, int], int] = {}
    for sheet in read_workbook(path).sheets:
        if sheet.name in wanted:
            texts = [sum(1 for n in range(1, sheet.width + 1) if sheet.cell(row, n).kind is CellKind.TEXT) for row in range(1, min(sheet.height, 40) + 1)]
            row = texts.index(max(texts)) + 1 if texts else 1
            found |= {(sheet.name, n): row for n in range(1, sheet.width + 1)}
    return found
