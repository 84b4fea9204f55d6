"""Where every unit stands, as plain values; the page and the workbook show the same."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from generator.bureau.collect import Aside, Collected, Job
from generator.bureau.ledger import BUILT, MISSING, UNDONE, WARNED, WRONG, Record, Standing, Told
from generator.bureau.roster import Roster, RosterUnit
from generator.bureau.storage import Folder, Storage
from generator.bureau.work import FIGURES
from generator.model.amount import printed
from generator.model.problem import Level

PAGE_FILE, WORKBOOK_FILE = "状态.html", "状态表.xlsx"
WAITING = "等着做"
STATES = (WRONG, UNDONE, MISSING, WARNED, BUILT, WAITING)  # what the bureau has to chase comes first
SHOWN = 3  # problems shown of each unit


@dataclass(frozen=True, slots=True)
class Line:
    """A unit. figures: as printed, 万元, in the order of FIGURES; empty when not known. notes: what to look at that is no problem of the workbook."""

    code: str
    name: str
    department: str
    contact: str
    year: str
    state: str
    workbook: str = ""
    handed_in: str = ""
    record: Record | None = None
    notes: tuple[str, ...] = ()
    filed_with: str = ""

    @property
    def shown(self) -> tuple[Told, ...]:
        problems = self.record.problems if self.record is not None and not self.filed_with else ()
        return tuple(p for p in problems if p.level != str(Level.HINT))[:SHOWN]

    @property
    def figures(self) -> tuple[str, ...]:
        if self.record is None or self.filed_with:
            return ()
        return tuple(f"{printed(Decimal(v), '万元'):,}" if (v := self.record.figures.get(name)) is not None else "" for name in FIGURES)

    @property
    def problem_counts(self) -> str:
        return "、".join(f"{n} 个{level}" for level, n in self.record.counts.items()) if self.record is not None and not self.filed_with else ""


@dataclass(frozen=True, slots=True)
class Status:
    """lines: units to chase first, then as the roster has them. counts: state → units."""

    title: str
    lines: tuple[Line, ...]
    aside: tuple[Aside, ...]
    counts: Mapping[str, int]
    rostered: bool
    stopped: bool = False

    @property
    def summary(self) -> str:
        said = "，".join(f"{state} {self.counts[state]} 个" for state in (BUILT, WARNED, WRONG, UNDONE, MISSING, WAITING) if self.counts.get(state))
        return f"{'名册' if self.rostered else ''}共 {len(self.lines)} 个单位：{said or '还没有收到工作簿'}" + (f"；另有 {len(self.aside)} 个文件没有用" if self.aside else "")

    @property
    def standings(self) -> list[Standing]:
        """The same in few words, for whoever goes on from here (consolidate --batch)."""
        return [_standing(line) for line in self.lines]

    @property
    def by_department(self) -> list[tuple[str, dict[str, int]]]:
        """Department → state → units, in the order of the lines."""
        found: dict[str, Counter[str]] = {}
        for line in self.lines:
            found.setdefault(line.department or "（没有写主管部门）", Counter())[line.state] += 1
        return [(name, dict(counts)) for name, counts in sorted(found.items())]


def _standing(line: Line) -> Standing:
    if line.record is None:
        return Standing(line.code, line.name, line.state, line.workbook)
    first = next(iter(line.record.problems), None) if line.state not in (BUILT, WARNED) else None
    return Standing(line.code, line.name, line.state, line.workbook, line.record.sha, f"{first.where} {first.message}" if first else "")


def status_of(collected: Collected, records: Mapping[str, Record], roster: Roster | None, stopped: bool = False) -> Status:
    """Every unit of the roster, else every unit that handed something in."""
    jobs = {job.key: job for job in collected.jobs}
    lines: list[Line] = []
    for unit in roster.units.values() if roster else ():
        key = collected.covers.get(unit.code)
        if key is None:
            lines.append(_line(unit, "", MISSING))
            continue
        lines.append(_covered(unit, jobs[key], records.get(key)))
    if roster is None:
        for job in collected.jobs:
            unit = RosterUnit(job.code, job.name, {})
            lines.append(_covered(unit, job, records.get(job.key)))
    lines.sort(key=lambda line: STATES.index(line.state))
    years = sorted({line.year for line in lines if line.year})
    title = f"{(roster.year if roster and roster.year else '、'.join(years))}{' 年' if years or (roster and roster.year) else ''}部门预算公开收表和生成情况"
    return Status(title, tuple(lines), collected.aside, Counter(line.state for line in lines), roster is not None, stopped)


def _covered(unit: RosterUnit, job: Job, record: Record | None) -> Line:
    """A unit that handed something in, in a workbook of its own or as a line of another's."""
    other = f"{job.code} {job.name}" if job.code != unit.code else ""
    notes = () if other else job.notes
    if record is not None and record.stands and not other:
        notes = (*notes, f"文件夹里还是上一次生成的结果（用的是 {record.stands}），不要公开")
    return _line(unit, job.year, record.state if record else WAITING, job.file.name, job.file.when, record, notes, other)


def _line(unit: RosterUnit, year: str, state: str, workbook: str = "", when: str = "", record: Record | None = None, notes: tuple[str, ...] = (), other: str = "") -> Line:
    return Line(unit.code, unit.name, unit.department, unit.text("联系岗位"), year, state, workbook, when, record, notes, other)


def link(place: Storage, name: str, seen_from: Storage) -> str:
    """A link to a file as the status in `seen_from` writes it: relative where both are folders, the full address elsewhere."""
    if isinstance(place, Folder) and isinstance(seen_from, Folder):
        target, start = (place.root / name).resolve(), seen_from.root.resolve()
        try:
            return quote(Path(os.path.relpath(target, start)).as_posix())
        except ValueError:  # another drive of Windows
            return target.as_uri()
    return quote(f"{place.where.rstrip('/')}/{name}", safe=":/")
