"""What a worker does, one file at a time: look whose it is, or build it. Runs in another process, perhaps on another machine.

Data problems are values; only what is the program's own fault leaves as an exception, and the executor turns it into a
record. Nothing here knows of other units.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable
from contextlib import nullcontext
from datetime import datetime
from functools import cache
from pathlib import Path

import msgspec

from generator.build.controlled import NO_SCIPY
from generator.build.facts import facts
from generator.bureau.identity import Identity, identity
from generator.bureau.ledger import BUILT, MOST_KEPT, WARNED, WRONG, Record, Told, is_current, program_digest, read_record, write_record
from generator.bureau.storage import Folder, Storage, storage
from generator.model.problem import DataError, Level, OutputError, PackError, Place, Problem, UsageError
from generator.read import read_workbook
from generator.render.marked import is_untouched
from generator.render.office import shared_office
from generator.run import MARKED, REPORT_FILE, TABLES_FILE, Checked, Stopped, Wanted, build_set, folder_name, no_collecting

FIGURES = ("收入总计", "支出总计", "基本支出", "项目支出", "三公经费", "政府采购")  # facts of the base pack, in 元, for the status


class Look(msgspec.Struct, frozen=True):
    """A file to be looked at."""

    source: str
    name: str
    sha: str


class Order(msgspec.Struct, frozen=True):
    """A unit to be built. source, out: places as storage() takes them; program: the digest the worker's own must equal."""

    key: str
    source: str
    name: str
    sha: str
    pack: str
    out: str
    fingerprint: str
    program: str
    pdf: bool = False
    paged: bool = False
    last_source: str = ""
    last_name: str = ""


class OtherProgram(Exception):
    """The worker runs another version of the program than whoever sent the order."""


@cache
def _program() -> str:
    return program_digest()


def look(file: Look) -> Identity:
    """Whose workbook it is. What cannot be read, and copies of our own that nobody worked in, say why."""
    try:
        with storage(file.source).local(file.name) as path:
            if path.stem.endswith(MARKED) and is_untouched(path.read_bytes()):
                return Identity(refusal="这是程序写的标注件，还没有人改过")
            if path.name in (TABLES_FILE, REPORT_FILE):
                return Identity(refusal="这是程序写的结果，不是主工作簿")
            return identity(read_workbook(path))
    except DataError as e:
        return Identity(refusal=e.problems[0].message)
    except FileNotFoundError:
        return Identity(refusal="文件不见了")


@no_collecting()
def build(order: Order) -> Record:
    """The unit built, or refused with its problems; the record is written before it is given back.

    A result that already stands with the same fingerprint is not built again: the order may come twice, when a worker died
    after it had done its work. The garbage collector is off until everything of the unit is gone again: on while it is still
    held, it would look through all of it for nothing.
    """
    if order.program != _program():
        raise OtherProgram("这台机器上的程序和发出任务的机器不是同一个版本，请装成一样的")
    out = storage(order.out)
    before = read_record(out, order.key)
    if before is not None and is_current(out, before, order.fingerprint):
        return before
    start, worked = time.perf_counter(), time.process_time()
    last = storage(order.last_source).local(order.last_name) if order.last_name else nullcontext(None)
    with storage(order.source).local(order.name) as path, last as last_year, out.building() as folder:
        record = _built(order, path, folder, before, last_year)
    record = msgspec.structs.replace(
        record,
        seconds=round(time.perf_counter() - start, 3),
        processor=round(time.process_time() - worked, 3),
        finished=datetime.now().astimezone().isoformat(timespec="seconds"),
        process=os.getpid(),
        machine=platform.node(),
        peak_mb=_peak(),
    )
    other = read_record(out, order.key)
    if record.state == WRONG and other is not None and is_current(out, other, order.fingerprint):
        return other  # two workers had the same order (one was thought dead), and the other one was through first
    write_record(out, record)
    _forget(out, before, record)
    return record


def _built(order: Order, path: Path, folder: Path, before: Record | None, last_year: Path | None) -> Record:
    blank = Record(order.key, WRONG, order.fingerprint, order.name, order.sha)
    stands = "" if before is None else before.workbook if before.state in (BUILT, WARNED) else before.stands
    try:
        office = shared_office() if order.paged or order.pdf else None
        done = build_set(path, folder, order.pack, Wanted(paged=order.paged, pdf=order.pdf, beside=False), last_year=last_year, office=office)
    except Stopped as e:
        back = folder / f"{folder_name(path, e.checked)}{MARKED}"
        handed = tuple(f"{back.name}/{p.name}" for p in sorted(back.iterdir(), key=lambda p: (p.name == REPORT_FILE, p.name)) if p.is_file()) if back.is_dir() else ()
        return _with(blank, e.problems, e.checked, handed_back=handed, folder=folder_name(path, e.checked), stands=stands)
    except DataError as e:
        if last_year is not None:  # last year's workbook may be what cannot be read; this year's unit must not suffer for it
            record = _built(order, path, folder, before, None)
            told = Told(str(Level.WARNING), last_year.name, "上年的主工作簿用不了，没有和它核对", "核对上年的工作簿")
            return msgspec.structs.replace(record, state=WARNED if record.state == BUILT else record.state, problems=(*record.problems, told))
        return _with(blank, e.problems, stands=stands)
    except PackError as e:
        return _with(blank, [Problem(Level.ERROR, Place(path.name), m, "请财政局核对套表") for m in e.messages], stands=stands)
    except UsageError as e:  # no LibreOffice, or it failed twice over this unit; or no scipy, which says itself what to do
        hint = "" if str(e) == NO_SCIPY else "不要 PDF 就不带 --pdf 再运行"
        return _with(blank, [Problem(Level.ERROR, Place(path.name), str(e), hint)], stands=stands)
    except OutputError as e:
        return _with(blank, [Problem(Level.ERROR, Place(path.name), str(e), "关掉打开结果的程序，或换一个输出文件夹")], stands=stands)
    found = done.checked.problems.sorted()
    state = WARNED if any(p.level is Level.WARNING for p in found) else BUILT
    files = {name: (done.folder / name).stat().st_size for name in done.files}
    return _with(msgspec.structs.replace(blank, state=state), found, done.checked, folder=done.folder.name, files=files)


def _with(record: Record, problems: Iterable[Problem], checked: Checked | None = None, **more: object) -> Record:
    """The record with its problems (the gravest first, in reading order), counts and main figures."""
    rank = {Level.ERROR: 0, Level.WARNING: 1, Level.HINT: 2}
    found = sorted(problems, key=lambda p: rank[p.level])
    counts = {str(level): sum(p.level is level for p in found) for level in Level}
    figures = {}
    if checked is not None and checked.tables and not checked.master.unread:
        known = facts(checked.selector)
        figures = {name: str(known[name].now) for name in FIGURES if name in known}
    return msgspec.structs.replace(record, counts={k: n for k, n in counts.items() if n}, problems=tuple(Told.of(p) for p in found[:MOST_KEPT]), figures=figures, **more)


def _forget(out: Storage, before: Record | None, record: Record) -> None:
    """What an earlier refusal of this unit had left and this run did not write again."""
    if before is not None and record.state != WRONG:
        for name in before.handed_back:
            if name not in record.handed_back:
                out.remove(name)
        if isinstance(out, Folder) and before.handed_back:
            folder = out.root / Path(before.handed_back[0]).parent
            if folder != out.root and folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()


def _peak() -> float:
    """The process's peak memory in MB; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
