"""One unit, start to finish, against the plain baseline: medians, ratios per round, peak memory.

    python -m bench [--rounds 9] [--sample pingjiang-2022]

Both sides run in one process by turns, so what slows the machine slows both; the ratio is the median of the rounds'
ratios. Peak memory is measured in fresh processes. Trust ratios, not milliseconds.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import baseline
from generator import run

ROOT = Path(__file__).resolve().parent.parent


def stages(path: Path, out: Path) -> dict[str, float]:
    """One build of ours, milliseconds by stage (as build_set says them)."""
    marks: list[tuple[str, float]] = []
    run.build_set(path, out, say=lambda text: marks.append((text, time.perf_counter())))
    marks.append(("写入", time.perf_counter()))
    return {name: (end - start) * 1000 for (name, start), (_, end) in zip(marks, marks[1:], strict=False)}


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def plain(path: Path, folder: Path, tables: list) -> None:
    baseline.read(path)
    (folder / "b.xlsx").write_bytes(baseline.fill_workbook(folder / "template.xlsx", tables))
    (folder / "b.docx").write_bytes(baseline.fill_word(folder / "template.docx", tables))


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rounds", type=int, default=9)
    ap.add_argument("--sample", default="pingjiang-2022")
    ap.add_argument("--only", choices=("ours", "plain"), help=argparse.SUPPRESS)
    arguments = ap.parse_args()
    path = ROOT / "inputs" / f"{arguments.sample}.xlsx"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if arguments.only == "ours":
            run.build_set(path, folder)
            print(peak())
            return 0
        first = timed(lambda: run.build_set(path, folder / "ours"))
        done = run.build_set(path, folder / "ours")
        tables = done.checked.tables
        (folder / "template.xlsx").write_bytes((done.folder / run.TABLES_FILE).read_bytes())
        baseline.word_template(folder / "template.docx", tables)
        if arguments.only == "plain":
            plain(path, folder, tables)
            print(peak())
            return 0
        cells = sum(len(line.cells) for t in tables for line in t.lines)
        print(f"{arguments.sample}: {len(tables)} tables, {cells} cells; {arguments.rounds} rounds, by turns")
        ours, theirs, shares = [], [], []
        for _ in range(arguments.rounds):
            ours.append(timed(lambda: shares.append(stages(path, folder / "ours"))))
            theirs.append(timed(lambda: plain(path, folder, tables)))
        ratio = statistics.median(b / a for a, b in zip(ours, theirs, strict=True))
        print(f"whole build: ours {statistics.median(ours):.0f} ms (first unit of a process {first:.0f} ms), baseline {statistics.median(theirs):.0f} ms: {ratio:.1f} times as fast")
        for stage in shares[0]:
            print(f"  {stage:<20} {statistics.median(s[stage] for s in shares):6.0f} ms")
    for side in ("ours", "plain"):
        made = subprocess.run([sys.executable, "-m", "bench", "--only", side, "--sample", arguments.sample], cwd=ROOT, capture_output=True, text=True, check=True)
        print(f"peak memory {side}: {int(made.stdout.split()[-1]) / 1024:.0f} MB")
    return 0


def peak() -> int:
    """Peak memory of this process in KB (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    sys.exit(main())
