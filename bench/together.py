"""What a bureau does with all units at once: consolidate them, compare two versions of them.

    python -m bench.together [--units 200] [--changed 10]

consolidate: `yusuan consolidate` with its checks, sums held against the units, and overview. diff: `yusuan diff` of the folder and
a second version of it in which every --changed-th unit has other figures. Each in a process of its own; processor time and
peak memory.
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.batch import PACK
from bench.units import units, write_units
from generator import run


def measured(what: str, *arguments: str) -> None:
    """Runs a command of the program and prints what it took. Exits when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = "import resource, sys; from generator.cli import main; code = main(sys.argv[1:]); print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr); sys.exit(code)"
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{what}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"  {what:<12}{seconds:7.1f} s processor, peak {done.stderr.split()[-1]} MB", flush=True)


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--units", type=int, nargs="+", default=[200])
    ap.add_argument("--changed", type=int, default=10)
    arguments = ap.parse_args()
    pack = run.get_pack(PACK)
    for count in arguments.units:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            made = units(count, seed=3, large_every=0)
            other = [dataclasses.replace(u, seed=u.seed + 4) if n % arguments.changed == 0 else u for n, u in enumerate(made)]
            write_units(pack, made, folder / "a")
            write_units(pack, other, folder / "b")
            print(f"{count} units")
            measured("consolidate", "consolidate", str(folder / "a"), "-o", str(folder / "县.xlsx"))
            measured("diff", "diff", str(folder / "a"), str(folder / "b"), "-o", str(folder / "对比.xlsx"))


if __name__ == "__main__":
    main()
