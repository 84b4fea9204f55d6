"""A workbook read, bound, checked, its tables built; nothing written. The pack is compiled once per process."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from generator.bind.bind import PACK_LINE, bind, pack_id_of
from generator.bind.cells import broken
from generator.bind.sheets import find_line
from generator.build.origins import origins_in
from generator.build.paper import on_paper
from generator.build.rounding import PrintedSet, printed_set
from generator.build.select import Selector
from generator.build.trace import Tracer, typed_in
from generator.model.master import Master
from generator.model.problem import DataError, Level, PackError, Place, Problem, Problems, UnknownPack
from generator.model.table import Table
from generator.pack.pack import Pack, load_pack, pack_files
from generator.pack.schema import folded
from generator.read import CellKind, RawWorkbook, read_workbook
from generator.render.report import FAILED, NOT_RUN, PASSED
from generator.rules.engine import Outcome, check_rules, run_rules

Say = Callable[[str], None]
SHEET_OF_UNITS = ("单位信息", "单位基本信息", "基本信息")  # by name, before any pack says how it is called
MOST_BROKEN = 200


@dataclass(slots=True)
class Checked:
    """A workbook read, bound, checked and its tables built; nothing written yet.

    coverage: table number → (通过, 未通过 or 未能核对; why): whether the table shows all its money.
    """

    pack: Pack
    master: Master
    selector: Selector
    tables: list[Table]
    problems: Problems
    outcomes: list[Outcome] = field(default_factory=list)
    coverage: dict[str, tuple[str, str]] = field(default_factory=dict)
    printed: PrintedSet | None = None  # how the tables were rounded; None when they were built without asking the pack


@cache
def _compiled(pack: str, near: Path | None, stamp: str) -> Pack:
    """The pack, loaded once per process; `stamp` changes when its files do."""
    loaded = load_pack(pack, near)
    check_rules(loaded)
    gc.collect()
    gc.freeze()  # a pack's many small objects stay for the life of the process; looking at them again and again doubles the time of a unit
    return loaded


def get_pack(pack: str, near: Path | None = None) -> Pack:
    """The pack by id, folder or zip. PackError when it is unknown or wrong."""
    return _compiled(pack, near, _stamp(pack_files(pack, near)))


def _stamp(files: list[Path]) -> str:
    return "|".join(f"{f}:{f.stat().st_mtime_ns}:{f.stat().st_size}" for f in files)


@contextmanager
def no_collecting() -> Iterator[None]:
    """The garbage collector off while one unit is worked on: nearly all it would look at lives until the unit is done, and
    looking costs a quarter of the time. On again afterwards, as it was."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@no_collecting()
def check(path: Path, pack_id: str = "", say: Say = lambda text: None, last_year: Path | None = None) -> Checked:
    """Everything short of writing. Problems are in the result; DataError when the file is no master workbook at all.

    last_year: the same unit's workbook of the year before, for the rules that compare with it.
    """
    say(f"读取 {path.name}")
    raw = read_workbook(path)
    pack = pack_of(raw, path, pack_id)
    return check_raw(raw, pack, say, last_year_master(last_year, pack) if last_year else None)


def last_year_master(path: Path, pack: Pack) -> Master:
    """Last year's workbook, bound with its own set of tables (this year's when that is not here). DataError when it cannot be read."""
    raw = read_workbook(path)
    try:
        own = get_pack(pack_id_of(raw) or pack.id, path.resolve().parent)
    except PackError:
        own = pack
    problems = Problems()
    master = bind(raw, own, problems)
    if broken := [p for p in problems.sorted() if p.level is Level.ERROR]:
        raise DataError(*(Problem(p.level, p.place, f"上年的主工作簿：{p.message}", p.hint, p.rule) for p in broken))
    return master


def check_raw(raw: RawWorkbook, pack: Pack, say: Say = lambda text: None, last_year: Master | None = None) -> Checked:
    """A workbook already read, bound and checked, its tables built."""
    problems = Problems()
    master = replace(bind(raw, pack, problems), previous=last_year)
    selector = Selector(master, pack)
    say("核对")
    outcomes: list[Outcome] = []
    tables: list[Table] = []
    coverage: dict[str, tuple[str, str]] = {}
    printed: PrintedSet | None = None
    if master.data.get("单位"):
        say(f"生成 {len(pack.tables)} 张表")
        printed = printed_set(selector)
        for spec, built in zip(pack.tables, printed.built, strict=True):
            tables.append(on_paper(built.table))
            unread = next((master.unread[d] for d in ("单位", "支出", "收入", spec.dataset) if d in master.unread), None)
            if unread is None:
                problems.extend(built.problems)
                coverage[spec.number] = (FAILED if built.problems else PASSED, "；".join(p.message for p in built.problems))
            else:
                coverage[spec.number] = (NOT_RUN, f"“{unread.sheet}”里有读不出来的内容（{unread.cell or '整张表'}），改好后再核对")
        problems.extend(printed.problems if not master.unread else ())
        outcomes = run_rules(selector, printed.exact, said=printed.selector)
        for outcome in outcomes:
            problems.extend(outcome.problems)
        problems.found = _once(problems.found, {r.instead_of: r.id for r in pack.file.rules if r.instead_of})
    return Checked(pack, master, selector, tables, problems, outcomes, coverage, printed)


def pack_of(raw: RawWorkbook, path: Path, pack_id: str = "") -> Pack:
    """The pack asked for, else the one the workbook names. DataError when the workbook names none, or one that is not here."""
    near = path.resolve().parent
    if pack_id:
        return get_pack(pack_id, near)
    named = pack_id_of(raw)
    if not named:
        raise DataError(_no_pack(raw), *broken_cells(raw))
    try:
        return get_pack(named, near)
    except UnknownPack as unknown:
        found = find_line(raw.sheets, PACK_LINE)
        place = found[0].place(found[1], found[2]) if found else Place(raw.file)
        message, _, known = unknown.messages[0].partition("；")
        raise DataError(Problem(Level.ERROR, place, message, known), *broken_cells(raw)) from None


def _no_pack(raw: RawWorkbook) -> Problem:
    """Why it is not known which set of tables is meant."""
    sheet = next((s for s in raw.sheets if folded(s.name) in SHEET_OF_UNITS), None)
    if sheet is None:
        message = "缺工作表“单位信息”（上面写着套表和年度），不知道按哪一套表做；也可能不是主工作簿"
        return Problem(Level.ERROR, Place(raw.file), message, "从财政局发的空白主工作簿里把“单位信息”复制过来；或用 --pack 指定套表")
    found = find_line(raw.sheets, PACK_LINE)
    place = found[0].place(found[1], found[2]) if found else sheet.place(0, 0)
    return Problem(Level.ERROR, place, "没有填“套表”，不知道按哪一套表做", "在“单位信息”的“套表”后面填套表编号，或用 --pack 指定")


def broken_cells(raw: RawWorkbook) -> list[Problem]:
    """The cells nobody can read, whatever the set of tables is: told at once, not after the first mend."""
    found = [(s, r, c) for s in raw.sheets for r in range(1, s.height + 1) for c in range(1, s.width + 1) if s.cell(r, c).kind in (CellKind.ERROR, CellKind.UNCALCULATED)]
    return [Problem(Level.ERROR, s.place(r, c), broken(s.cell(r, c)), "改成正确的内容后保存", "单元格") for s, r, c in found[:MOST_BROKEN]]


def _once(problems: list[Problem], said_by: Mapping[str, str]) -> list[Problem]:
    """One root cause, one message: money that several twin tables cannot show is told once, with the tables' numbers."""
    merged: dict[tuple[Place, str], list[Problem]] = {}
    told = {(p.place, p.rule) for p in problems}
    for p in problems:
        if (p.place, said_by.get(p.rule)) in told:
            continue
        merged.setdefault((p.place, p.rule) if p.rule == "表内全覆盖" else (p.place, p.rule + p.message), []).append(p)
    out = []
    for same in merged.values():
        first = same[0]
        if len(same) > 1 and first.rule == "表内全覆盖":
            others = "、".join(dict.fromkeys(re.split("没有放得下", p.message)[0] for p in same[1:]))
            first = Problem(first.level, first.place, f"{first.message}（{others}也一样）", first.hint, first.rule)
        out.append(first)
    return out


def tracer(path: Path, pack_id: str = "", say: Say = lambda text: None) -> tuple[Tracer, int]:
    """Who answers where the figures of a workbook come from, and how many errors the workbook has."""
    say(f"读取 {path.name}")
    raw = read_workbook(path)
    pack = pack_of(raw, path, pack_id)
    problems = Problems()
    master = bind(raw, pack, problems)
    if not master.data.get("单位"):
        raise DataError(*problems.sorted())
    return Tracer(Selector(master, pack), typed_in(raw), origins_in(raw)), len(problems.errors)
