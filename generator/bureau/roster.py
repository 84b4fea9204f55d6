"""名册: which units there are. One workbook a year, from templates/packs/roster.yaml, read and written like a master."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from generator.bind.sheets import TOTAL_WORDS, BoundSheet, bind_one, words
from generator.model.problem import DataError, Place, Problems
from generator.pack.library import Library, templates_folder
from generator.pack.pack import Pack
from generator.pack.schema import Schema, folded, load_schema
from generator.read import RawWorkbook, read_workbook
from generator.render.blank import Prefill, Row, blank_workbook

ABOLISHED = "撤销"


@dataclass(frozen=True, slots=True)
class RosterUnit:
    """A unit of the roster. values: column → text as typed; filed_with: the code of the unit in whose workbook it is; pack: its own when it differs."""

    code: str
    name: str
    values: Mapping[str, str]
    filed_with: str = ""
    pack: str = ""

    def text(self, column: str) -> str:
        return self.values.get(column, "")

    @property
    def department(self) -> str:
        return self.text("主管部门名称") or self.text("主管部门编码")


@dataclass(frozen=True, slots=True)
class Roster:
    """units by code, in the roster's order. moved: last year's code → this year's (ABOLISHED for none); sources: last year's name of a source → this year's."""

    file: str
    year: str = ""
    pack: str = ""
    units: Mapping[str, RosterUnit] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)

    def find(self, code: str, name: str) -> RosterUnit | None:
        """The unit of that code; else the only one of that name."""
        if code in self.units:
            return self.units[code]
        named = [u for u in self.units.values() if name and folded(u.name) == folded(name)]
        return named[0] if len(named) == 1 else None

    def pack_of(self, unit: RosterUnit) -> str:
        return unit.pack or self.pack


@cache
def roster_schema() -> Schema:
    return load_schema(Library(templates_folder()).shared("roster.yaml"))


def is_roster(raw: RawWorkbook) -> bool:
    """Whether a workbook is a roster, by its template or its sheet 名册."""
    names = {folded(n) for n in ("名册", *roster_schema().sheet("名册").aliases)}
    return any(folded(s.name) in names for s in raw.sheets)


def read_roster(path: Path) -> Roster:
    """The roster in a workbook. DataError with every problem: no code, a code twice, filed with a unit that is not there, moved to one that is not."""
    raw = read_workbook(path)
    problems = Problems()
    problems.sheet_order = {s.name: i for i, s in enumerate(raw.sheets)}
    schema = roster_schema()
    bound = bind_one(raw, schema.sheet("名册"))
    if bound is None or not bound.heading:
        problems.error(raw.sheets[0].place(0, 0) if raw.sheets else Place(path.name), "不是名册：找不到有“单位编码、单位名称”两列的表", "用 yusuan roster 生成名册的样表填写", "名册")
        raise DataError(*problems.found)
    units: dict[str, RosterUnit] = {}
    for row, values in _rows(bound, problems):
        code, name = values.get("单位编码", ""), values.get("单位名称", "")
        if code in units:
            problems.error(bound.place(row, "单位编码"), f"单位编码“{code}”重复（{units[code].name}、{name}）", "一个单位一行，编码不能相同", "名册")
        elif code and name:
            units[code] = RosterUnit(code, name, values, values.get("合填单位编码", ""), values.get("套表", ""))
    for row, values in _rows(bound, Problems()):
        other = values.get("合填单位编码", "")
        if other and (other not in units or units[other].filed_with):
            problems.error(bound.place(row, "合填单位编码"), f"合填单位“{other}”" + ("不在名册里" if other not in units else "自己也和别的单位合填"), "写单独成册的那个单位的编码", "名册")
    moved = _pairs(raw, "对照", "上年编码", "今年编码", problems)
    for old, new in moved.items():
        if new not in units and new != ABOLISHED:
            problems.error(_sheet_place(raw, "对照"), f"上年编码 {old} 对到 {new}，名册里没有这个编码", f"改成名册里的编码；单位已经撤销的写“{ABOLISHED}”", "名册")
    if problems.errors:
        raise DataError(*problems.sorted())
    lines = {name: words(bound.raw.cell(*at)) for name, at in bound.lines.items()}
    return Roster(path.name, lines.get("年度", ""), lines.get("套表", ""), units, moved, _pairs(raw, "来源对照", "上年来源", "今年来源", problems))


def _rows(bound: BoundSheet, problems: Problems) -> Iterable[tuple[int, dict[str, str]]]:
    """Every filled line as texts; a required cell that is empty is told."""
    for row in range(bound.heading + 1, len(bound.raw.rows) + 1):
        values = {name: words(bound.raw.cell(row, n)) for name, n in bound.columns.items()}
        if not any(values.values()) or any(folded(v) in TOTAL_WORDS for v in values.values()):
            continue
        for column in bound.schema.columns:
            if column.required and not values.get(column.name):
                problems.error(bound.place(row, column.name), f"没有填“{column.name}”", "这一行不要就整行清空", "名册")
        yield row, values


def _pairs(raw: RawWorkbook, sheet: str, left: str, right: str, problems: Problems) -> dict[str, str]:
    wanted = roster_schema().sheet(sheet)
    names = {folded(n) for n in (wanted.name, *wanted.aliases)}
    bound = bind_one(raw, wanted) if any(folded(s.name) in names for s in raw.sheets) else None
    if bound is None or not bound.heading:
        return {}
    return {v.get(left, ""): v.get(right, "") for _, v in _rows(bound, problems)}


def _sheet_place(raw: RawWorkbook, name: str) -> Place:
    return next((s.place(0, 0) for s in raw.sheets if folded(s.name) == folded(name)), raw.sheets[0].place(0, 0))


def roster_workbook(pack: Pack, units: Sequence[RosterUnit] = (), created: datetime | None = None) -> bytes:
    """A roster to fill in, with the drop-downs of a pack; `units` are in it already."""
    rows: list[Row] = [{**dict(u.values.items()), "单位编码": u.code, "单位名称": u.name, "合填单位编码": u.filed_with, "套表": u.pack if u.pack != pack.id else ""} for u in units]
    year = int(pack.file.year) if pack.file.year.isdigit() else 2000
    about = ("一个单位一行；编码是文本，前面的 0 要留住。", "和别的单位合填一册的，写明合填单位编码；空白表发给单独成册的单位。")
    prefill = Prefill({"年度": pack.file.year, "套表": pack.id}, {}, {"名册": rows}, about)
    return blank_workbook(replace(pack, schema=roster_schema()), prefill, created or datetime(year, 1, 1))
