"""Many units against the plain baseline and the floor, with the same number of processes.

    python -m bench.batch [--units 1 20 200] [--jobs 1 2] [--large 4]

ours: `yusuan batch` as it is: whose workbook is which, checks, every table, Word, read-back, proof, report, status; processes
started and packs compiled within the time. baseline: bench/baseline.py, given finished figures and templates, which computes
and checks nothing; once as it writes its files, once with a proof of its own (both loaded again, every cell looked at), since
ours proves what it writes. floor: the parts of the very files we wrote compressed again (zlib 6), and the same workbook read
with calamine.

Clock times suffer from whatever else the machine does; the processor's seconds do not, so the ratios are of those. The
baseline is run over at most --baseline units of every size. by turns: the same units our way and the plain way one after the
other in one process: the fairest ratio on a machine whose pace changes.
"""

from __future__ import annotations

import argparse
import gc
import itertools
import multiprocessing
import pickle
import statistics
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from python_calamine import CalamineWorkbook

from bench import baseline
from bench.__main__ import BESIDES
from bench.units import LARGE, Unit, file_name, filled_lines, units, write_units
from generator import run
from generator.bureau.batch import Options, Progress, Run, run_batch
from generator.bureau.executor import LocalPool
from generator.bureau.storage import Folder

PACK = "pingjiang-2022"
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Spent:
    """What one unit took. clock, processor in seconds; peak in MB, of the process so far."""

    name: str
    clock: float
    processor: float
    peak: float = 0


def spent(name: str, action: Callable[[], object]) -> Spent:
    import resource

    clock, processor = time.perf_counter(), time.process_time()
    action()
    return Spent(name, time.perf_counter() - clock, time.process_time() - processor, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def prepare(paths: tuple[Path, Path]) -> None:
    """The baseline's templates and finished figures of a unit, from our own result; not timed."""
    workbook, folder = paths
    checked = run.check(workbook)
    result = folder.parent / "ours" / run.folder_name(workbook, checked)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tables.pickle").write_bytes(pickle.dumps(checked.tables))
    (folder / "template.xlsx").write_bytes((result / run.TABLES_FILE).read_bytes())
    baseline.word_template(folder / "template.docx", checked.tables)


def plain(paths: tuple[Path, Path]) -> tuple[Spent, Spent]:
    """A unit the plain way: written, and proven."""
    workbook, folder = paths
    tables = pickle.loads((folder / "tables.pickle").read_bytes())

    def write() -> None:
        baseline.read(workbook)
        (folder / "b.xlsx").write_bytes(baseline.fill_workbook(folder / "template.xlsx", tables))
        (folder / "b.docx").write_bytes(baseline.fill_word(folder / "template.docx", tables))

    return spent(workbook.name, write), spent(workbook.name, lambda: baseline.prove(folder / "b.xlsx", folder / "b.docx", tables))


def by_turns(paths: tuple[Path, Path]) -> tuple[float, float, float, float]:
    """Processor seconds of a unit our way, of them those of stages the baseline has no twin of, the plain way, and its proof: by turns and
    warm, so that what else the machine does meets all alike."""
    workbook, folder = paths
    marks: list[tuple[str, float]] = []

    @run.no_collecting()  # as a batch does it
    def own() -> Spent:
        marks.clear()
        return spent(workbook.name, lambda: run.build_set(workbook, folder / "ours", wanted=run.Wanted(beside=False), say=lambda text: marks.append((text, time.process_time()))))

    took: list[tuple[float, float, float, float]] = []
    for n in range(3):
        gc.collect()
        mine = own().processor
        besides = sum(end - start for (text, start), (_, end) in itertools.pairwise(marks) if text in BESIDES)
        gc.collect()
        written, proven = plain(paths)
        if n:  # the first turn compiles the pack
            took.append((mine, besides, written.processor, proven.processor))
    mine, besides, writing, proving = (statistics.mean(column) for column in zip(*took, strict=True))
    return mine, besides, writing, proving


def floor(paths: tuple[Path, Path]) -> Spent:
    """The least there is to do: our files' parts compressed again, the workbook's cells read."""
    workbook, result = paths
    parts = []
    for path in sorted(result.iterdir()):
        if path.suffix in (".xlsx", ".docx"):
            with zipfile.ZipFile(path) as package:
                parts.append([(name, package.read(name)) for name in package.namelist()])

    def work() -> None:
        for part in parts:
            with zipfile.ZipFile(BytesIO(), "w", zipfile.ZIP_DEFLATED, compresslevel=6) as package:
                for name, data in part:
                    package.writestr(name, data)
        book = CalamineWorkbook.from_path(str(workbook))
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python()

    return spent(workbook.name, work)


def in_processes(jobs: int, function: Callable[[tuple[Path, Path]], R], arguments: Sequence[tuple[Path, Path]]) -> tuple[float, list[R]]:
    """Clock time of everything with processes of its own, and what came of each unit."""
    start = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        ended = pool.map(function, arguments, chunksize=1)
    return time.perf_counter() - start, ended


def ours(inbox: Path, out: Path, jobs: int) -> Run:
    executor = LocalPool(jobs, 600)
    try:
        return run_batch(Folder(str(inbox)), Folder(str(out)), None, executor, Options(), Progress())
    finally:
        executor.close()


def one_size(count: int, large: int, jobs: int, most_plain: int, folder: Path) -> None:
    """Measures and prints one number of units with one number of processes."""
    pack = run.get_pack(PACK)
    made: list[Unit] = units(count, seed=3, large_every=0)
    if large:
        made = [*made[: max(count - large, 0)], *[u for u in units(50 * large, seed=4, large_every=50) if u.below]]
    inbox = folder / "in"
    write_units(pack, made, inbox)
    lines = {file_name(pack, u): filled_lines(pack, u) for u in made}
    done = ours(inbox, folder / "ours", jobs)
    wrong = [r.key for r in done.records.values() if r.state not in ("已生成", "有警告")]
    if wrong:
        sys.exit(f"not built: {wrong}")
    records = {r.workbook: r for r in done.records.values()}
    total = sum(lines.values())
    print(f"\n{count} units, {jobs} process{'es' if jobs > 1 else ''}: {total} lines, {min(lines.values())} to {max(lines.values())}")
    print(
        f"  ours      {done.seconds:7.1f} s  {count / done.seconds:6.2f} units/s  processor {sum(r.processor for r in records.values()) / count * 1000:5.0f} ms a unit, median {statistics.median(r.processor for r in records.values()) * 1000:.0f}; peak {max(r.peak_mb for r in records.values()):.0f} MB a process"
    )
    by_lines = sorted(lines, key=lambda n: lines[n])
    some = by_lines[:: max(1, -(-len(by_lines) // most_plain))]
    _, _ = in_processes(jobs, prepare, [(inbox / n, folder / f"plain-{i}") for i, n in enumerate(some)])
    clock, told = in_processes(jobs, plain, [(inbox / n, folder / f"plain-{i}") for i, n in enumerate(some)])
    share = sum(records[n].processor for n in some)
    each = 1000 / len(some)
    writing, proving = sum(w.processor for w, _ in told), sum(p.processor for _, p in told)
    print(
        f"  baseline  {clock:7.1f} s for {len(some)} units{'' if len(some) == count else ' of all sizes'}; processor {writing * each:5.0f} ms a unit, with its proof {(writing + proving) * each:5.0f}; peak {max(p.peak for _, p in told):.0f} MB; ours is {writing / share:.1f} and {(writing + proving) / share:.1f} times as fast"
    )
    _, turns = in_processes(jobs, by_turns, [(inbox / n, folder / f"plain-{i}") for i, n in enumerate(some)])
    mine, besides, writing, proving = (sum(column) for column in zip(*turns, strict=True))
    print(
        f"  by turns  processor {mine * each:5.0f} ms a unit; baseline {writing * each:5.0f}, with its proof {(writing + proving) * each:5.0f}; ours is {writing / mine:.1f} and {(writing + proving) / mine:.1f} times as fast"
    )
    print(
        f"            without {'、'.join(BESIDES)}, of which the baseline has no twin: {(mine - besides) * each:.0f} ms, {writing / (mine - besides):.1f} and {(writing + proving) / (mine - besides):.1f} times"
    )
    clock, least = in_processes(jobs, floor, [(inbox / n, folder / "ours" / records[n].folder) for n in by_lines])
    print(
        f"  floor     processor {sum(s.processor for s in least) / count * 1000:5.0f} ms a unit; ours takes {sum(r.processor for r in records.values()) / sum(s.processor for s in least):.1f} times as long"
    )
    for low, high in ((0, 100), (100, 200), (200, 400), (400, 10**6)):
        sized = [n for n in lines if low < lines[n] <= high]
        if sized:
            taken = sum(records[n].processor for n in sized)
            print(
                f"    {low + 1:>4} to {min(high, max(lines[n] for n in sized)):>4} lines: {len(sized):>3} units, {taken / len(sized) * 1000:6.0f} ms a unit, {taken / sum(lines[n] for n in sized) * 1000:5.2f} ms a line"
            )
    again = ours(inbox, folder / "ours", jobs)
    print(f"  again     {again.seconds:7.1f} s, {len(again.built)} built")


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--units", type=int, nargs="+", default=[20])
    ap.add_argument("--jobs", type=int, nargs="+", default=[2])
    ap.add_argument("--large", type=int, default=0, help=f"so many of the units are departments of about {LARGE} lines")
    ap.add_argument("--baseline", type=int, default=6, help="over at most so many units the baseline is run")
    arguments = ap.parse_args()
    for count, jobs in itertools.product(arguments.units, arguments.jobs):
        if count == 1 and jobs > 1:
            continue
        with tempfile.TemporaryDirectory() as name:
            one_size(count, arguments.large, jobs, arguments.baseline, Path(name))


if __name__ == "__main__":
    main()
