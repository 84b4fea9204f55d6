"""A task that crashes, hangs, eats memory or raises ends by itself and touches no other."""

import sys

import pytest

from generator.bureau.executor import Failure, LocalPool
from tests.bureau import faults


@pytest.fixture
def pool():
    made = LocalPool(2, timeout=5, memory_mb=3000)
    yield made
    made.close()


def test_every_end_is_its_own(pool):
    wanted = ["甲", "崩溃", "乙", "超时", "丙", "内存", "丁", "出错", "戊"]
    if sys.platform == "win32":
        wanted.remove("内存")
    ended = dict(pool.run(faults.task, wanted))
    assert set(ended) == set(wanted)
    for name in "甲乙丙丁戊":
        assert ended[name] == f"{name}做完"
    for kind in set(wanted) - set("甲乙丙丁戊"):
        assert isinstance(ended[kind], Failure)
        assert ended[kind].kind == kind
    assert "退出码 9" in ended["崩溃"].text
    assert "5 秒没有做完" in ended["超时"].text
    assert "ValueError: 不对" in ended["出错"].text
    assert "faults.py" in ended["出错"].detail


def test_a_process_that_died_by_chance_gets_a_second_try(pool, tmp_path):
    assert list(pool.run(faults.crash_once, [str(tmp_path / "m")])) == [(str(tmp_path / "m"), "做完")]
