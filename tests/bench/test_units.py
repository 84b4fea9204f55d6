"""Made-up units: the same seed the same bytes, every one builds, in every pack, and the largest are large."""

import pytest

from bench.units import LARGE, file_name, filled_lines, units, workbook
from generator import run
from tests.support import SAMPLES


def test_same_seed_same_bytes():
    pack = run.get_pack("pingjiang-2022")
    first, again = units(3, seed=5), units(3, seed=5)
    assert first == again
    assert [workbook(pack, u) for u in first] == [workbook(pack, u) for u in again]
    assert workbook(pack, units(3, seed=6)[0]) != workbook(pack, first[0])


def test_codes_and_names_differ():
    made = units(300)
    assert len({u.code for u in made}) == len({u.name for u in made}) == 300
    assert {u.nature for u in made} == {"行政", "参公", "事业"}


def test_sizes():
    pack = run.get_pack("pingjiang-2022")
    lines = [filled_lines(pack, u) for u in units(50)]
    assert all(40 <= n <= 340 for n in lines[:49]), lines
    assert LARGE * 0.8 < lines[49] < LARGE * 1.3


@pytest.mark.parametrize("pack_id", SAMPLES)
def test_each_builds_without_errors(pack_id, tmp_path):
    pack = run.get_pack(pack_id)
    warned = 0
    for unit in units(10, seed=3, large_every=10, large=400):
        path = tmp_path / file_name(pack, unit)
        path.write_bytes(workbook(pack, unit))
        done = run.build_set(path, tmp_path / "out")
        assert done.folder.name == f"{pack.file.year}{unit.name}"
        warned += any(str(p.level) == "警告" for p in done.checked.problems.found)
    assert 0 < warned < 10  # some are to be looked at, most are clean
