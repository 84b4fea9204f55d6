"""What fuzzing has found (`make fuzz` keeps it in tests/read/corpus): each ends in a result or a list of problems, and leaves nothing half-written."""

import contextlib

import pytest

from generator import run
from generator.model.problem import DataError, PackError
from tests.support import ROOT

FOUND = sorted((ROOT / "tests/read/corpus").glob("*.xlsx"))


def test_there_is_a_corpus():
    assert FOUND


@pytest.mark.parametrize("path", FOUND, ids=lambda p: p.stem)
def test_no_traceback_and_nothing_half_written(path, tmp_path):
    copy = tmp_path / "输入.xlsx"
    copy.write_bytes(path.read_bytes())
    out = tmp_path / "out"
    with contextlib.suppress(DataError, PackError):  # told to the clerk; anything else is a fault of ours
        run.build_set(copy, out)
    assert not [p.name for p in out.rglob(".*")]
