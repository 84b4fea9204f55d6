"""All units: what was handed in is looked at, sorted and built, and only what changed since the last run.

The order of a run: list the files, look whose each is (apart, in workers: a file may be hostile), choose one per unit,
compare fingerprints with the ledger, build the rest in workers, write the status. Stopped at any moment it goes on where it
was: a unit is done when its record stands.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath

import msgspec

from generator.bureau.collect import Collected, Job, Seen, collect
from generator.bureau.executor import Executor, Failure
from generator.bureau.identity import Identity, master_schema
from generator.bureau.ledger import UNDONE, WRONG, Record, Told, digest, files_digest, is_current, keep_identities, known_identities, program_digest, read_record, write_record, write_standings
from generator.bureau.roster import Roster
from generator.bureau.status import PAGE_FILE, WORKBOOK_FILE, Status, status_of
from generator.bureau.status_page import status_page
from generator.bureau.status_workbook import status_workbook
from generator.bureau.storage import Entry, Folder, Storage
from generator.bureau.work import Look, Order, build, look
from generator.model.problem import Level, OutputError, PackError
from generator.pack.pack import load_pack, pack_files
from generator.pack.schema import folded

REFRESH = 10  # seconds, at least, between two writings of the status page while units are built


@dataclass(frozen=True, slots=True)
class Options:
    """pack: the one to use whatever the workbooks say. again: build what is up to date, too. last_year: where last year's workbooks are, to check against."""

    pack: str = ""
    pdf: bool = False
    paged: bool = False
    again: bool = False
    last_year: Storage | None = None


class Progress:
    """How a run tells where it is; this one keeps quiet. begin, then a step for each end, then finish."""

    def begin(self, what: str, total: int) -> None: ...

    def step(self, text: str) -> None: ...

    def finish(self) -> None: ...


@dataclass(slots=True)
class Run:
    """A run and what it has come to. records: by key, those of this run and those that are still good. built: keys of this run."""

    source: Storage
    out: Storage
    roster: Roster | None
    collected: Collected = field(default_factory=lambda: Collected((), ()))
    records: dict[str, Record] = field(default_factory=dict)
    built: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    seconds: float = 0
    stopped: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def status(self) -> Status:
        return status_of(self.collected, self.records, self.roster, self.stopped)


def run_batch(source: Storage, out: Storage, roster: Roster | None, executor: Executor, options: Options, progress: Progress) -> Run:
    """The whole run. KeyboardInterrupt is not passed on: the status is written with what is done, and `stopped` is set.

    OutputError when the result folder cannot be written; whatever is wrong with single files and units stands in the status.
    """
    start = time.monotonic()
    run = Run(source, out, roster)
    program = program_digest()
    try:
        known = known_identities(out, program)
        seen = _seen(source, run, executor, known, progress)
        before = collect(_seen(options.last_year, run, executor, known, progress), None) if options.last_year else None
        keep_identities(out, program, known)
        schema = master_schema()
        run.collected = collect(seen, roster, _years(roster), options.pack, f"{schema.template} {schema.version}")
        orders = _orders(run, program, options, before)
        _write_page(run)
        _build(run, executor, orders, progress)
    except KeyboardInterrupt:
        run.stopped = True
    progress.finish()
    run.seconds = time.monotonic() - start
    _write_status(run)
    return run


def _seen(source: Storage, run: Run, executor: Executor, known: dict[str, Identity], progress: Progress) -> list[Seen]:
    """Every file with its content's hash and whose it is. known: what is remembered by content from run to run; added to."""
    entries = [e for e in source.workbooks() if not _ours(source, run.out, e)]
    shas: dict[str, str] = {}
    found: dict[str, Identity] = {}
    for entry in entries:
        try:
            shas[entry.name] = hashlib.sha256(source.read(entry.name)).hexdigest()
        except OSError as e:
            found[entry.name] = Identity(refusal=f"文件打不开（{e.strerror or e}），可能正在 WPS 或 Excel 里打开")
    found |= {name: known[f"{sha}:{name}"] for name, sha in shas.items() if f"{sha}:{name}" in known}
    looks = [Look(source.where, name, sha) for name, sha in shas.items() if name not in found]
    failed = set()
    progress.begin("认工作簿", len(looks))
    for task, ended in executor.run(look, looks):
        if isinstance(ended, Failure):
            failed.add(task.name)
            ended = Identity(refusal=f"读不出来：{ended.text}")
        found[task.name] = ended
        progress.step("" if not ended.refusal else f"{task.name}：{ended.refusal}")
    known |= {f"{sha}:{name}": found[name] for name, sha in shas.items() if name not in failed}
    return [Seen(e.name, shas.get(e.name, e.name), e.time, found[e.name]) for e in entries]


def _ours(source: Storage, out: Storage, entry: Entry) -> bool:
    """Results of ours among what was collected: the result folder itself, and any folder with a run.json."""
    if isinstance(source, Folder) and isinstance(out, Folder):
        path, results = (source.root / entry.name).resolve(), out.root.resolve()
        if results in path.parents and results != source.root.resolve():
            return True
    name = PurePosixPath(entry.name)
    if name.name == WORKBOOK_FILE:
        return True
    return name.parent != PurePosixPath(".") and source.size(f"{name.parent}/run.json") >= 0


def _years(roster: Roster | None) -> dict[str, str]:
    """The year of every pack the roster names; a pack that cannot be loaded has none and is told with its units."""
    years = {}
    for pack in {roster.pack, *(u.pack for u in roster.units.values())} - {""} if roster else ():
        try:
            years[pack] = load_pack(pack).file.year
        except PackError:
            continue
    return years


def _before(job: Job, roster: Roster | None, last: Collected | None) -> Job | None:
    """The unit's workbook of last year, by the roster's table 对照, by code, by name; None when there is none or several were merged."""
    if last is None:
        return None
    codes = [old for old, new in roster.moved.items() if new == job.code] if roster else []
    keys = {last.covers[code] for code in codes or [job.code] if code in last.covers}
    found = [j for j in last.jobs if j.key in keys or (not codes and not keys and folded(j.name) == folded(job.name))]
    if len(found) != 1 or found[0].refusal or not job.year.isdigit() or found[0].year != str(int(job.year) - 1):
        return None
    return found[0]


def _orders(run: Run, program: str, options: Options, last: Collected | None = None) -> list[Order]:
    """What has to be built; everything else has its record already. Large workbooks first, so that no long one is left for the end."""

    @cache
    def pack_digest(pack: str, near: Path | None) -> str:
        return files_digest(pack_files(pack, near))

    orders: list[tuple[int, Order]] = []
    for job in run.collected.jobs:
        before = read_record(run.out, job.key)
        if job.refusal:
            run.records[job.key] = _refused(job, before, job.refusal)
            continue
        near = (run.source.root / job.file.name).resolve().parent if isinstance(run.source, Folder) else None
        try:
            pack = pack_digest(job.pack, near) if job.pack else ""
        except PackError as e:
            run.records[job.key] = _refused(job, before, e.messages[0])
            continue
        was = _before(job, run.roster, last)
        fingerprint = digest(part.encode() for part in (job.file.sha, was.file.sha if was else "", PurePosixPath(job.file.name).name, job.pack, pack, program, f"{options.pdf} {options.paged}"))
        if before is not None and not options.again and is_current(run.out, before, fingerprint):
            run.records[job.key] = msgspec.structs.replace(before, workbook=job.file.name)
            run.kept.append(job.key)
            continue
        order = Order(job.key, run.source.where, job.file.name, job.file.sha, job.pack, run.out.where, f"{fingerprint}{time.time_ns() if options.again else ''}", program, options.pdf, options.paged)
        if was is not None and options.last_year is not None:
            order = msgspec.structs.replace(order, last_source=options.last_year.where, last_name=was.file.name)
        orders.append((run.source.size(job.file.name), order))
    return [order for _, order in sorted(orders, key=lambda pair: (-pair[0], pair[1].key))]


def _refused(job: Job, before: Record | None, why: str) -> Record:
    stands = "" if before is None else before.stands if before.state in (WRONG, UNDONE) else before.workbook
    told = Told(str(Level.ERROR), job.file.name, why)
    return Record(job.key, WRONG, "", job.file.name, job.file.sha, folder=before.folder if before and stands else "", counts={str(Level.ERROR): 1}, problems=(told,), stands=stands)


def _build(run: Run, executor: Executor, orders: list[Order], progress: Progress) -> None:
    progress.begin("生成", len(orders))
    names = {job.key: job.name for job in run.collected.jobs}
    written, wait = time.monotonic(), float(REFRESH)
    for order, ended in executor.run(build, orders):
        if isinstance(ended, Failure):
            before = read_record(run.out, order.key)
            stands = "" if before is None else before.stands if before.state in (WRONG, UNDONE) else before.workbook
            told = Told(str(Level.ERROR), order.name, f"没有做完（{ended.kind}）：{ended.text}", "单独运行 yusuan check 看看；还是这样就把工作簿发给维护人员", ended.detail)
            ended = Record(
                order.key, UNDONE, order.fingerprint, order.name, order.sha, folder=before.folder if before and stands else "", counts={str(Level.ERROR): 1}, problems=(told,), stands=stands
            )
            write_record(run.out, ended)
        run.records[order.key] = ended
        run.built.append(order.key)
        progress.step(f"{ended.state}  {names[order.key]}" + (f"：{ended.problems[0].message}" if ended.state in (WRONG, UNDONE) and ended.problems else ""))
        if time.monotonic() - written > wait:
            start = time.monotonic()
            _write_page(run)
            written = time.monotonic()
            wait = max(REFRESH, 20 * (written - start))  # a page of a whole province takes seconds


def _write_page(run: Run) -> None:
    run.out.write(PAGE_FILE, status_page(run.status, run.source, run.out))


def _write_status(run: Run) -> None:
    """The page, the workbook, and both in few words for `consolidate --batch`. A workbook that is open in Excel gets a second name, and that is said."""
    status = run.status
    run.out.write(PAGE_FILE, status_page(status, run.source, run.out))
    write_standings(run.out, status.standings)
    data = status_workbook(status, run.source, run.out)
    try:
        run.out.write(WORKBOOK_FILE, data)
    except OutputError:
        other = WORKBOOK_FILE.replace(".xlsx", "(2).xlsx")
        run.out.write(other, data)
        run.notes.append(f"{WORKBOOK_FILE} 正被别的程序打开，写到了 {other}")
