"""What was handed in, sorted: one workbook per unit, older versions, copies, strangers, and who is missing. Plain values in, plain values out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from generator.bureau.identity import Identity
from generator.bureau.roster import Roster, RosterUnit
from generator.pack.schema import folded


@dataclass(frozen=True, slots=True)
class Seen:
    """A file that was looked at. time: when a program last saved it, seconds since 1970; the file's own time when it does not say."""

    name: str
    sha: str
    time: float
    identity: Identity

    @property
    def stamp(self) -> int:
        saved = self.identity.saved
        return int(datetime.fromisoformat(saved).timestamp()) if saved else int(self.time)

    @property
    def when(self) -> str:
        return datetime.fromtimestamp(self.stamp, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


@dataclass(frozen=True, slots=True)
class Aside:
    """A file that is not built. kind: 旧版本, 内容相同, 不在名册, 不是主工作簿; why, in a sentence."""

    name: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Job:
    """A unit's workbook that is to be built. notes: what the bureau should look at. refusal: why it cannot be built as things are."""

    key: str
    code: str
    name: str
    year: str
    pack: str
    file: Seen
    notes: tuple[str, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Collected:
    """jobs in the roster's order (else by code); covers: code of a unit → key of the job whose workbook holds it; missing: units of the roster that are in no workbook."""

    jobs: tuple[Job, ...]
    aside: tuple[Aside, ...]
    covers: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[RosterUnit, ...] = ()


def collect(seen: Sequence[Seen], roster: Roster | None, years: Mapping[str, str] | None = None, pack: str = "", template: str = "") -> Collected:
    """Which file stands for which unit. years: pack → its year; pack: the one to use whatever the workbooks say; template: the version handed out now."""
    years = years or {}
    aside: list[Aside] = []
    groups: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    listed: dict[tuple[str, str], RosterUnit | None] = {}
    by_content: dict[str, str] = {}
    for file in sorted(seen, key=lambda s: s.name):
        who = file.identity
        if who.refusal:
            aside.append(Aside(file.name, "不是主工作簿", who.refusal))
        elif file.sha in by_content:
            aside.append(Aside(file.name, "内容相同", f"和 {by_content[file.sha]} 一模一样"))
        else:
            by_content[file.sha] = file.name
            unit = roster.find(who.code, who.name) if roster else None
            wanted = _wanted_year(roster, unit, years)
            if roster and unit is None:
                aside.append(Aside(file.name, "不在名册", f"{who.code} {who.name}不在名册里；要做的话加进名册再运行"))
            elif wanted and who.year and who.year != wanted:
                aside.append(Aside(file.name, "别的年度", f"{who.code} {who.name}的年度是 {who.year}，这次收 {wanted} 年的"))
            else:
                key = (who.year, unit.code if unit else who.code)
                groups[key].append(file)
                listed[key] = unit
    jobs = [_job(key, files, listed[key], aside, pack, template) for key, files in groups.items()]
    jobs = _same_folder(jobs)
    order = {code: n for n, code in enumerate(roster.units)} if roster else {}
    jobs.sort(key=lambda j: (order.get(j.code, len(order)), j.code, j.year))
    covers: dict[str, str] = {}
    for job in jobs:
        for code, _ in job.file.identity.units[1:]:
            covers.setdefault(code, job.key)
    covers |= {job.code: job.key for job in jobs}  # a workbook of its own comes before being a line in another's
    missing = tuple(u for u in roster.units.values() if u.code not in covers) if roster else ()
    return Collected(tuple(jobs), tuple(sorted(aside, key=lambda a: (a.kind, a.name))), covers, missing)


def _wanted_year(roster: Roster | None, unit: RosterUnit | None, years: Mapping[str, str]) -> str:
    if roster is None or unit is None:
        return ""
    return years.get(unit.pack, "") if unit.pack else roster.year or years.get(roster.pack, "")


def _job(key: tuple[str, str], files: list[Seen], unit: RosterUnit | None, aside: list[Aside], pack: str, template: str) -> Job:
    """The newest of a unit's workbooks; two that cannot be told apart by time are nobody's guess."""
    files = sorted(files, key=lambda f: (-f.stamp, f.name))
    newest = files[0]
    tied = [f for f in files if f.stamp == newest.stamp]
    refusal = ""
    if len(tied) > 1:
        refusal = f"交了 {len(tied)} 份内容不同、保存时间相同（{newest.when}）的工作簿，分不出哪份新：{'、'.join(f.name for f in tied)}；留下要用的一份再运行"
    names = {folded(f.identity.name): f.identity.name for f in files}
    if len(names) > 1 and unit is None:
        refusal = refusal or f"单位编码 {key[1]} 有 {len(names)} 个单位名称（{'、'.join(f'{f.identity.name}：{f.name}' for f in files)}）；核对编码"
    for old in files[1:] if not refusal else ():
        aside.append(Aside(old.name, "旧版本", f"{newest.identity.code} {newest.identity.name} 用 {newest.name}（{newest.when}），这份是 {old.when}"))
    who, notes = newest.identity, []
    if unit and folded(unit.name) != folded(who.name):
        notes.append(f"名册里的名称是“{unit.name}”，工作簿里是“{who.name}”")
    if unit and unit.code != who.code:
        notes.append(f"名册里的编码是 {unit.code}，工作簿里是 {who.code}，按名称认的")
    if template and who.template and who.template != template:
        notes.append(f"工作簿是用旧的空白表（{who.template}）填的，现在是 {template}")
    if unit and unit.filed_with:
        notes.append(f"名册里写着和 {unit.filed_with} 合填，却单独交了一册")
    return Job(f"{key[0]}-{key[1]}", key[1], unit.name if unit else who.name, key[0], pack or who.pack, newest, tuple(notes), refusal)


def _same_folder(jobs: Sequence[Job]) -> list[Job]:
    """Results are in folders named by year and unit: two units of one name would put theirs into the same."""
    by_name: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in jobs:
        by_name[job.year, folded(job.file.identity.name)].append(job)
    told = []
    for job in jobs:
        same = by_name[job.year, folded(job.file.identity.name)]
        if len(same) > 1 and not job.refusal:
            why = f"{len(same)} 个单位都叫“{job.file.identity.name}”（{'、'.join(f'{j.code}：{j.file.name}' for j in same)}），结果会互相覆盖；核对单位名称"
            job = Job(job.key, job.code, job.name, job.year, job.pack, job.file, job.notes, why)
        told.append(job)
    return told
