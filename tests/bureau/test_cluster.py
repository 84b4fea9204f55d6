"""The same batch on a Dask cluster of several processes; a worker killed in the middle; nothing lost, nothing done twice."""

import os
import signal
import sys
import time

import msgspec
import pytest

from bench.units import file_name, units, workbook
from generator import run
from generator.bureau.batch import Options, Progress, run_batch
from generator.bureau.executor import Failure
from generator.bureau.ledger import FOLDER, Record
from generator.bureau.storage import Folder, Remote, storage
from generator.cli import main
from tests.bureau import faults
from tests.support import minimal, write

pytest.importorskip("distributed")
import dask
from distributed import Client, LocalCluster

from generator.bureau.cluster import Cluster

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
PACK = "pingjiang-2022"


@pytest.fixture(scope="module")
def cluster():
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1, "distributed.worker.daemon": True}),
        LocalCluster(n_workers=3, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50) as made,
    ):
        yield made


def collected(folder, count):
    pack = run.get_pack(PACK)
    folder.mkdir(parents=True)
    made = units(count, seed=3, large_every=0)
    for unit in made:
        (folder / file_name(pack, unit)).write_bytes(workbook(pack, unit))
    return made


class KillOne(Progress):
    """Kills a worker when the second unit is done."""

    def __init__(self, cluster):
        self.cluster, self.what, self.done, self.killed = cluster, "", 0, 0

    def begin(self, what, total):
        self.what = what

    def step(self, text):
        self.done += self.what == "生成"
        if self.done == 2 and not self.killed:
            with Client(self.cluster, set_as_default=False) as client:
                self.killed = next(iter(client.run(os.getpid).values()))
            os.kill(self.killed, signal.SIGKILL)


def test_a_worker_is_killed_and_nothing_is_lost_or_done_twice(cluster, tmp_path):
    source, out = tmp_path / "收件", tmp_path / "out"
    made = collected(source, 8)
    killer = KillOne(cluster)
    executor = Cluster(cluster.scheduler_address, 120)
    try:
        done = run_batch(Folder(str(source)), Folder(str(out)), None, executor, Options(), killer)
        assert killer.killed
        assert sorted(done.built) == sorted(f"2022-{u.code}" for u in made), "each once"
        assert dict(done.status.counts) == {"已生成": 7, "有警告": 1}
        records = [msgspec.json.decode(p.read_bytes(), type=Record) for p in (out / FOLDER).glob("2022-*.json")]
        assert len(records) == 8
        assert len({r.process for r in records}) >= 2, "several processes had a part in it"
        assert sorted(p.name for p in out.iterdir() if p.is_dir()) == sorted([*(f"2022{u.name}" for u in made), "内部"])
        assert not list(out.glob(".*")), "nothing half-written is left"
        again = run_batch(Folder(str(source)), Folder(str(out)), None, executor, Options(), Progress())
        assert (again.built, len(again.kept)) == ([], 8)
    finally:
        executor.close()


def test_crash_hang_and_fault_end_by_themselves(cluster):
    executor = Cluster(cluster.scheduler_address, 3)
    try:
        ended = dict(executor.run(faults.task, ["甲", "崩溃", "超时", "出错", "乙"]))
    finally:
        executor.close()
    assert (ended["甲"], ended["乙"]) == ("甲做完", "乙做完")
    assert {k: v.kind for k, v in ended.items() if isinstance(v, Failure)} == {"崩溃": "崩溃", "超时": "崩溃", "出错": "出错"}


def test_the_command_with_a_scheduler(cluster, tmp_path, capsys):
    source = tmp_path / "收件"
    collected(source, 2)
    assert main(["batch", str(source), "-o", str(tmp_path / "out"), "--scheduler", cluster.scheduler_address]) == 0
    assert "共 2 个单位：已生成 2 个" in capsys.readouterr().out
    start = time.monotonic()
    assert main(["batch", str(source), "-o", str(tmp_path / "o2"), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert time.monotonic() - start < 30


def test_same_bytes_from_a_store_behind_an_address(cluster, tmp_path):
    """fsspec addresses: workbooks and results reach the workers as from any store; the results are those of a plain folder."""
    source = tmp_path / "收件"
    collected(source, 1)
    write(source / "甲局.xlsx", minimal(收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", "十万"]]))
    executor = Cluster(cluster.scheduler_address, 120)
    try:
        assert isinstance(storage(f"file://{source}"), Remote)
        far = run_batch(storage(f"file://{source}"), storage(f"file://{tmp_path}/远"), None, executor, Options(), Progress())
        near = run_batch(Folder(str(source)), Folder(str(tmp_path / "近")), None, executor, Options(), Progress())
        assert run_batch(storage(f"file://{source}"), storage(f"file://{tmp_path}/远"), None, executor, Options(), Progress()).built == []
    finally:
        executor.close()
    assert dict(far.status.counts) == dict(near.status.counts) == {"已生成": 1, "有错误": 1}

    def results(folder):
        return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file() and FOLDER not in str(p) and "状态" not in p.name}

    assert results(tmp_path / "远") == results(tmp_path / "近")
    assert "file:///" in (tmp_path / "远" / "状态.html").read_text(encoding="utf-8")
