"""Which sheet and which column is meant, found by text and never by position.

Sheets may be renamed or re-ordered, lines and columns inserted, headings worded differently: the schema's names and
aliases decide, for a renamed sheet its headings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import cast

from generator.model.problem import Place, Problems
from generator.pack.pack import Pack
from generator.pack.schema import Column, Schema, Sheet, folded
from generator.read import CellKind, RawCell, RawSheet, RawWorkbook, Value, to_text
from generator.read.cells import as_cell

HEADING_DEPTH = 40  # headings stand in the first lines; further down a match would be data
GUIDES = ("填报说明", "校验结果", "代码表", "样例说明", "汇总来源", "抵销清单", "内部往来")
TOTAL_WORDS = frozenset(map(folded, ("合计", "小计", "总计", "本年合计", "共计", "合 计")))


@dataclass(slots=True)
class BoundSheet:
    """A sheet of the workbook and what its columns are.

    columns: schema column → column number; spread: column number → (code, sub-item); totals: columns of typed totals;
    lines: the 名称：值 lines above the heading → (row, column) of the value.
    """

    schema: Sheet
    raw: RawSheet
    heading: int = 0
    columns: dict[str, int] = field(default_factory=dict)
    spread: dict[int, tuple[str, str]] = field(default_factory=dict)
    totals: list[int] = field(default_factory=list)
    lines: dict[str, tuple[int, int]] = field(default_factory=dict)

    def place(self, row: int, name: str = "") -> Place:
        return self.raw.place(row, self.columns.get(name, 0))


def words(cell: RawCell | Value, lines: bool = False) -> str:
    """The cell's text; empty for blank and for what cannot be read (the reader of values tells that)."""
    if type(cell) is str:  # nearly always
        return _words(cell, lines) if cell else ""
    if isinstance(cell, RawCell) and cell.kind is CellKind.TEXT:
        return _words(cast("str", cell.value), lines)
    return to_text(cell, lines).value


@lru_cache(maxsize=16384)  # the same headings, codes and names stand in many cells
def _words(text: str, lines: bool) -> str:
    return to_text(text, lines).value


def is_blank(cell: RawCell | Value) -> bool:
    """Nothing there, or only blanks."""
    if type(cell) is str:
        return not words(cell)
    if isinstance(cell, RawCell):
        return cell.kind is CellKind.BLANK or (cell.kind is CellKind.TEXT and not words(cell))
    return cell is None


@cache
def _names(column: Column) -> frozenset[str]:
    """All folded headings a column answers to."""
    return frozenset(folded(n) for n in (column.name, *column.aliases))


@lru_cache(maxsize=4096)
def heading_text(value: str) -> str:
    """A heading without its unit and its star: `本年预算数（元）*` is 本年预算数.

    >>> heading_text("本年预算数（万元）")
    '本年预算数'
    """
    return folded(re.sub(r"[（(](单位[:：])?(万元|元|人|选填|必填)[)）]|\*", "", value))


def _spread(pack: Pack, sheet: Sheet, text: str) -> tuple[str, str] | None:
    """(code, sub-item) of a wide sheet's heading; by its code, or by its name when that is clear."""
    assert sheet.spread
    found = re.match(r"\s*[\[【（(]?(\d{3}(?:\d\d)*)[\]】）)]?[\s—-]*(.*)", text, re.DOTALL)
    if found and found[1].startswith(tuple(sheet.spread.classes)):
        code, rest = found[1], found[2]
        item = re.split(r"[—:：-]+", rest)[-1].strip() if re.search(r"[—:：-]", rest) else ""
        items = pack.file.sub_items.get(code, [])
        return code, next((i for i in items if folded(i) == folded(item)), "")
    plain = folded(text.replace("其中", ""))
    named = [c.code for c in pack.department.named(plain) if c.code.startswith(tuple(sheet.spread.classes))]
    if len(named) == 1:
        return named[0], ""
    split = [(code, i) for code, names in pack.file.sub_items.items() for i in names if folded(i) == plain and code.startswith(tuple(sheet.spread.classes))]
    return split[0] if len(split) == 1 else None


def bind_sheets(raw: RawWorkbook, pack: Pack, problems: Problems) -> dict[str, BoundSheet]:
    """The schema's sheets by name, those that are there. Sheets that are nobody's and hold something are named."""
    found: dict[str, BoundSheet] = {}
    wanted_names = {folded(n) for w in pack.schema.sheets for n in (w.name, *w.aliases)}
    left = [s for s in raw.sheets if folded(s.name) in wanted_names or not _guide(s)]
    for wanted in pack.schema.sheets:  # by name first
        names = {folded(n) for n in (wanted.name, *wanted.aliases)}
        match = next((s for s in left if folded(s.name) in names), None)
        if match is not None:
            found[wanted.name] = _bind_sheet(wanted, match, pack)
            left.remove(match)
    for sheet in list(left):  # then by headings
        candidates = [_bind_sheet(wanted, sheet, pack) for wanted in pack.schema.sheets if wanted.name not in found]
        scored = sorted(((_likeness(b), i) for i, b in enumerate(candidates)), reverse=True)
        if scored and scored[0][0] and (len(scored) == 1 or scored[0][0] > scored[1][0]):  # a tie is not guessed
            best = candidates[scored[0][1]]
            found[best.schema.name] = best
            left.remove(sheet)
            problems.hint(sheet.place(0, 0), f"这张表改了名字，按表头认作“{best.schema.name}”")
    for sheet in left:
        if any(as_cell(value).value is not None for line in sheet.rows[:5] for value in line[:9]):
            known = "、".join(s.name for s in pack.schema.sheets if s.name not in found)
            problems.hint(sheet.place(0, 0), "不认识这张表，里面的内容没有读", f"如果它是必填的表（还缺：{known or '无'}），请改回原来的表名" if known else "")
    return found


def bind_one(raw: RawWorkbook, wanted: Sheet, pack: Pack | None = None) -> BoundSheet | None:
    """One sheet of a schema by its name, else by its headings; None when it is not there. A wide sheet needs its pack."""
    names = {folded(n) for n in (wanted.name, *wanted.aliases)}
    named = [_bind_sheet(wanted, s, pack) for s in raw.sheets if folded(s.name) in names]
    if named:
        return named[0]
    bound = [_bind_sheet(wanted, s, pack) for s in raw.sheets if not _guide(s)]
    return max(bound, key=_likeness, default=None) if any(map(_likeness, bound)) else None


def _guide(sheet: RawSheet) -> bool:
    """The instructions, the drop-down lists, the result sheet of an earlier check, what consolidation reads or notes are not data."""
    return folded(sheet.name) in {folded(n) for n in GUIDES}


def _bind_sheet(wanted: Sheet, sheet: RawSheet, pack: Pack | None) -> BoundSheet:
    bound = BoundSheet(wanted, sheet)
    by_name = {n: c.name for c in wanted.columns for n in _names(c)}
    best: dict[str, int] = {}
    for row in range(1, min(HEADING_DEPTH, len(sheet.rows)) + 1):
        columns: dict[str, int] = {}
        spread: dict[int, tuple[str, str]] = {}
        totals: list[int] = []
        for column, value in enumerate(sheet.rows[row - 1], 1):
            if value == "" or not (text := words(value)):
                continue
            name = by_name.get(heading_text(text)) or by_name.get(folded(text))
            if name is not None:
                columns.setdefault(name, column)
            elif wanted.spread and pack is not None and (code := _spread(pack, wanted, text)):
                spread[column] = code
            elif heading_text(text) in TOTAL_WORDS:
                totals.append(column)
        if len(columns) + len(spread) / 10 > len(best) + len(bound.spread) / 10 and (len(columns) > 1 or spread):
            best, bound.spread, bound.totals, bound.heading = columns, spread, totals, row
        if best and row >= bound.heading + 3 and not any(c.required and c.name not in best for c in wanted.columns):
            break  # a whole heading was found; below it are data
    bound.columns = best
    notes = {words(c.note) for c in wanted.lines if c.note}  # printed beside the entry cell of a blank
    named = {n: c.name for c in (*wanted.lines, *_unit_line()) for n in _names(c)}
    for row in range(1, (bound.heading or min(HEADING_DEPTH, len(sheet.rows) + 1))):
        for column, value in enumerate(sheet.rows[row - 1], 1):
            if value == "":
                continue
            text = words(value)
            label, colon, inside = text.partition("：") if "：" in text else text.partition(":")
            name = named.get(folded(label))
            if name and name not in bound.lines:
                bound.lines[name] = (row, column) if colon and inside.strip() else _value_right_of(sheet, row, column, notes)
    return bound


def _value_right_of(sheet: RawSheet, row: int, column: int, notes: Collection[str] = ()) -> tuple[int, int]:
    """The cell beside a label; a label merged over several columns has its value right of the merge."""
    right = next((m[3] for m in sheet.merges if m[0] <= row - 1 <= m[2] and m[1] <= column - 1 <= m[3]), column - 1)
    for n in range(right + 2, right + 6):  # an inserted column leaves a gap
        if not is_blank(value := sheet.value(row, n)):
            return (row, n) if words(value) not in notes else (row, right + 2)
    return row, right + 2


@cache
def _unit_line() -> tuple[Column, ...]:
    return (Column("金额单位", "文字", ("单位",)),)


def _likeness(bound: BoundSheet) -> int:
    """How many headings are the sheet's own; 0 when a required one is missing or most headings are strangers."""
    wanted = bound.schema
    if not bound.heading or any(c.required and c.name not in bound.columns for c in wanted.columns) or (wanted.spread and len(bound.spread) < 3):
        return 0
    heads = sum(1 for value in bound.raw.rows[bound.heading - 1] if words(value))
    known = len(bound.columns) + len(bound.spread)
    return known if known >= 3 and known >= 0.6 * heads else 0


def sheet_named(raw: RawWorkbook, schema: Schema, name: str) -> RawSheet | None:
    """A sheet by its own name or alias, before any pack is known."""
    wanted = schema.sheet(name)
    names = {folded(n) for n in (wanted.name, *wanted.aliases)}
    return next((s for s in raw.sheets if folded(s.name) in names), None)


def find_line(sheets: Iterable[RawSheet], labels: Iterable[str]) -> tuple[RawSheet, int, int] | None:
    """The value beside a label, searched in the first lines of the sheets: how the pack's id is found before the pack is."""
    wanted = {folded(label) for label in labels}
    for sheet in sheets:
        for row in range(1, min(HEADING_DEPTH, len(sheet.rows)) + 1):
            for column, value in enumerate(sheet.rows[row - 1][:12], 1):
                if folded(words(value).rstrip("：:")) in wanted:
                    return (sheet, *_value_right_of(sheet, row, column))
    return None
