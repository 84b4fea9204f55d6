"""One unit, start to finish, against the plain baseline: medians, ratios per round, peak memory.

    python -m bench [--rounds 9] [--sample pingjiang-2022]

Each side lives in a process of its own, warm, and they run by turns, so what slows the machine slows both and neither
carries the other's objects; the ratio is the median of the rounds' ratios. Trust ratios, not milliseconds.
"""

from __future__ import annotations

import argparse
import json
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

BESIDES = ("写开放数据", "查有没有不能公开的内容")  # stages of ours that make or look for something else than the tables and the explanation
PROOF = "读回核对"  # a stage of the baseline: ours proves what it writes within its own
ROOT = Path(__file__).resolve().parent.parent


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def ours(path: Path, folder: Path) -> Callable[[], dict[str, float]]:
    """One build of ours: milliseconds by stage, as build_set says them."""
    from generator import run

    def once() -> dict[str, float]:
        marks: list[tuple[str, float]] = []
        run.build_set(path, folder / "ours", say=lambda text: marks.append((text, time.perf_counter())))
        marks.append(("", time.perf_counter()))
        return {name: (end - start) * 1000 for (name, start), (_, end) in pairwise(marks)}

    return once


def plain(path: Path, folder: Path) -> Callable[[], dict[str, float]]:
    """One run of the baseline: read twice, fill the workbook, fill the Word file, load and look at both."""
    from bench import baseline

    tables = pickle.loads((folder / "tables.pickle").read_bytes())

    def once() -> dict[str, float]:
        return {
            "读两遍": timed(lambda: baseline.read(path)),
            "填公开表": timed(lambda: (folder / "b.xlsx").write_bytes(baseline.fill_workbook(folder / "template.xlsx", tables))),
            "填说明": timed(lambda: (folder / "b.docx").write_bytes(baseline.fill_word(folder / "template.docx", tables))),
            PROOF: timed(lambda: baseline.prove(folder / "b.xlsx", folder / "b.docx", tables)),
        }

    return once


def work(side: str, path: Path, folder: Path) -> None:
    """A worker: a line in, one run, a line out with its times and the peak memory so far."""
    once: Callable[[], dict[str, float]] | None = None
    for _ in sys.stdin:
        start = time.perf_counter()
        if once is None:
            once = (ours if side == "ours" else plain)(path, folder)
        stages = once()
        print(json.dumps({"ms": (time.perf_counter() - start) * 1000, "stages": stages, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}), flush=True)


def prepared(path: Path, folder: Path) -> str:
    """The baseline's templates and finished figures, made beforehand and not timed; says how large the job is."""
    from bench import baseline
    from generator import run

    done = run.build_set(path, folder / "ours")
    tables = done.checked.tables
    (folder / "template.xlsx").write_bytes((done.folder / run.TABLES_FILE).read_bytes())
    baseline.word_template(folder / "template.docx", tables)
    (folder / "tables.pickle").write_bytes(pickle.dumps(tables))
    return f"{len(tables)} tables, {sum(len(line.cells) for t in tables for line in t.lines)} cells"


def _times(ours_took: list[float], plain_took: list[float]) -> float:
    """The median of the rounds' ratios."""
    return statistics.median(b / a for a, b in zip(ours_took, plain_took, strict=True))


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rounds", type=int, default=9)
    ap.add_argument("--sample", default="pingjiang-2022")
    ap.add_argument("--worker", choices=("ours", "plain"), help=argparse.SUPPRESS)
    ap.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = ap.parse_args()
    path = ROOT / "inputs" / f"{arguments.sample}.xlsx"
    if arguments.worker:
        work(arguments.worker, path, arguments.folder)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{arguments.sample}: {prepared(path, folder)}; {arguments.rounds} rounds, by turns")
        command = [sys.executable, "-m", "bench", "--sample", arguments.sample, "--folder", name, "--worker"]
        workers = {side: subprocess.Popen([*command, side], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for side in ("ours", "plain")}
        said: dict[str, list[dict]] = {side: [] for side in workers}
        for _ in range(arguments.rounds + 1):  # the first of each is cold: imports, pack, templates
            for side, worker in workers.items():
                assert worker.stdin is not None
                assert worker.stdout is not None
                worker.stdin.write("\n")
                worker.stdin.flush()
                said[side].append(json.loads(worker.stdout.readline()))
        for worker in workers.values():
            worker.communicate()
    cold = {side: rounds[0]["ms"] for side, rounds in said.items()}
    warm = {side: rounds[1:] for side, rounds in said.items()}
    for side in workers:
        print(f"{side}: {statistics.median(r['ms'] for r in warm[side]):.0f} ms a unit, the first of a process {cold[side]:.0f} ms, peak {said[side][-1]['peak'] / 1024:.0f} MB")
        for stage in warm[side][0]["stages"]:
            print(f"    {stage:<16} {statistics.median(r['stages'][stage] for r in warm[side]):6.0f} ms")
    whole = [r["ms"] for r in warm["ours"]]
    job = [sum(ms for stage, ms in r["stages"].items() if stage not in BESIDES) for r in warm["ours"]]
    proven = [r["ms"] for r in warm["plain"]]
    written = [r["ms"] - r["stages"][PROOF] for r in warm["plain"]]
    print("times as fast (medians of the rounds' ratios), everything of ours; and without what the baseline has no twin of:")
    for name, plain_took in (("a baseline that proves nothing", written), ("a baseline that proves its files", proven)):
        print(f"    {name}: {_times(whole, plain_took):.1f}; {_times(job, plain_took):.1f}")
    print(f"no twin: {'、'.join(BESIDES)}; without them ours takes {statistics.median(job):.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
