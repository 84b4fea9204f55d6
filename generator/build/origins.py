"""汇总来源: which line of a consolidated workbook came from which line of which unit's workbook."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from generator.model.problem import Place
from generator.read import RawWorkbook, to_integer, to_text

SHEET = "汇总来源"
HEADING = ("工作表", "从第几行", "到第几行", "单位编码", "单位名称", "原文件", "原工作表", "原来从第几行", "到第几行", "说明")
Whence = Callable[[Place], str]


def nowhere(place: Place) -> str:
    """For a workbook that was not put together from others."""
    return ""


@dataclass(frozen=True, slots=True)
class Origin:
    """One line of a consolidated workbook: where it stands, whose it is, where it stood. note: what was changed, else empty."""

    sheet: str
    row: int
    unit: str
    name: str
    place: Place
    note: str = ""


def listed(origins: Iterable[Origin]) -> Iterator[tuple[object, ...]]:
    """The lines of the sheet: runs of lines that stood one below the other become one."""
    run: list[Origin] = []
    for origin in origins:
        if run and not _follows(run[-1], origin):
            yield _line(run)
            run = []
        run.append(origin)
    if run:
        yield _line(run)


def _follows(before: Origin, after: Origin) -> bool:
    same = (before.sheet, before.unit, before.place.file, before.place.sheet, before.note) == (after.sheet, after.unit, after.place.file, after.place.sheet, after.note)
    return same and after.row == before.row + 1 and after.place.row == before.place.row + 1


def _line(run: list[Origin]) -> tuple[object, ...]:
    first, last = run[0], run[-1]
    return (first.sheet, first.row, last.row, first.unit, first.name, first.place.file, first.place.sheet, first.place.row, last.place.row, first.note)


def origins_in(raw: RawWorkbook) -> Whence:
    """What to say of a cell of this workbook: `甲局.xlsx!收入!第6行`; nothing when it was not put together from others."""
    sheet = next((s for s in raw.sheets if s.name == SHEET), None)
    if sheet is None:
        return nowhere
    runs: dict[str, list[tuple[int, int, str, str, int, str]]] = {}
    for row in range(4, sheet.height + 1):
        texts = [to_text(sheet.cell(row, c)).value for c in range(1, len(HEADING) + 1)]
        numbers = [to_integer(sheet.cell(row, c)).value for c in (2, 3, 8)]
        if texts[0] and None not in numbers:
            start, end, was = (int(n) for n in numbers if n is not None)
            runs.setdefault(texts[0], []).append((start, end, texts[5], texts[6], was, texts[9]))
    for found in runs.values():
        found.sort()

    def whence(place: Place) -> str:
        found = runs.get(place.sheet, [])
        at = bisect_right(found, place.row, key=lambda run: run[0]) - 1
        if at < 0 or not found[at][0] <= place.row <= found[at][1]:
            return ""
        start, _, file, name, was, note = found[at]
        return f"{Place(file, name, was + place.row - start)}" + (f"，{note}" if note else "")

    return whence
