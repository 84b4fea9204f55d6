"""Every broken workbook says what cases.yaml says it says: the cell, the level, the words; and nothing else."""

import pytest

from tests.errors.gallery import CASES, problems, where


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["名"])
def test_message(case, tmp_path):
    found = problems(case, tmp_path)
    shown = "\n".join(map(str, found))
    left = list(found)
    for place, said in case["报"].items():
        level, _, words = str(said).partition(" ")
        match = next((p for p in left if where(p) == place and p.level == level and words in p.message), None)
        assert match is not None, f"没有报 {place} {said}；实际：\n{shown}"
        left.remove(match)
    assert not left, "多报了：\n" + "\n".join(map(str, left))
