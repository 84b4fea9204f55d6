"""A batch takes no more memory from unit to unit: what a unit was made of goes with it."""

import gc
import subprocess
import sys

import openpyxl
import pytest

from bench.units import units, workbook
from generator.run import Stopped, Wanted, build_set, get_pack
from tests.support import ROOT

PACK = "pingjiang-2022"
MOST_MB = 220  # of a process that builds a department of 3,000 lines; 194 when this was written, 380 before documents were written piece by piece
FEW = 300  # objects: the standard library's json leaves a few closures; a unit's tables and workbooks are tens of thousands


def left_by(action):
    """How many objects only the garbage collector could find after the action."""
    action()  # what is made once a process
    gc.collect()
    gc.disable()
    try:
        action()
        return gc.collect()
    finally:
        gc.enable()


def test_a_built_unit_leaves_nothing_for_the_garbage_collector(tmp_path):
    path = tmp_path / "甲.xlsx"
    path.write_bytes(workbook(get_pack(PACK), units(1, seed=3)[0]))
    assert left_by(lambda: build_set(path, tmp_path / "out", wanted=Wanted(charts=True))) < FEW


def test_a_refused_unit_leaves_nothing_either(tmp_path):
    path = tmp_path / "甲.xlsx"
    path.write_bytes(workbook(get_pack(PACK), units(1, seed=3)[0]))
    book = openpyxl.load_workbook(path)
    book["项目支出"].cell(8, 8).value = "不是数"
    book.save(path)

    def refused():
        with pytest.raises(Stopped):
            build_set(path, tmp_path / "out", wanted=Wanted(beside=False))

    assert left_by(refused) < FEW


BUILD = """
import sys
from pathlib import Path
from generator.run import build_set

build_set(Path(sys.argv[1]), Path(sys.argv[2]))
# Not getrusage: a program begun by another one takes over its highest memory (Linux, exec).
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM:")))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the highest memory of a program alone is known on Linux only")
def test_a_department_of_3000_lines_fits_into_little_memory(tmp_path):
    department = next(u for u in units(50, seed=4, large_every=50) if u.below)
    path = tmp_path / "甲.xlsx"
    path.write_bytes(workbook(get_pack(PACK), department))
    done = subprocess.run([sys.executable, "-c", BUILD, str(path), str(tmp_path / "out")], cwd=ROOT, capture_output=True, text=True, check=True)
    peak = int(done.stdout) / 1024
    assert peak < MOST_MB, f"{peak:.0f} MB"
