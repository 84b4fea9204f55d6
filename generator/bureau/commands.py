"""The bureau's commands on the command line: batch. cli.py hooks them in."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tqdm import tqdm

from generator.bureau.batch import Options, Progress, Run, run_batch
from generator.bureau.executor import Executor, LocalPool, cores
from generator.bureau.ledger import UNDONE, WRONG
from generator.bureau.roster import read_roster
from generator.bureau.status import PAGE_FILE, WORKBOOK_FILE
from generator.bureau.storage import Folder, storage
from generator.model.problem import UsageError

TIMEOUT, MEMORY = 300, 2048  # seconds and MB a unit may take; a unit of 3,000 lines takes seconds and a tenth of it


def add_batch(commands: Any) -> None:
    """The arguments of `batch`."""
    batch = commands.add_parser(
        "batch",
        help="一个文件夹里的全部单位：认出、核对、生成，写状态表",
        description="把一个文件夹（连同下级文件夹）里的主工作簿全部核对、生成。按内容认单位，不看文件名；同一单位交了几份的用最新的。一个单位出错不影响别的；再运行一次只做变了的。写 状态.html 和 状态表.xlsx。",
    )
    batch.add_argument("source", metavar="收件文件夹", help="单位交来的主工作簿放在哪里")
    batch.add_argument("-o", "--output", metavar="文件夹", default="outputs", help="输出文件夹，默认 outputs")
    batch.add_argument("--roster", metavar="名册.xlsx", type=Path, help="按名册查谁没有交（样表：yusuan roster）")
    batch.add_argument("--jobs", metavar="个数", type=int, default=0, help="同时做几个单位，默认每个核一个")
    batch.add_argument("--pack", metavar="套表", default="", help="套表编号，默认用各工作簿里写的")
    batch.add_argument("--pdf", action="store_true", help="同时生成 PDF（需要 LibreOffice，每个单位多十几秒）")
    batch.add_argument("--paged", action="store_true", help="预先填好说明书目录的页码（需要 LibreOffice，每个单位多几秒）")
    batch.add_argument("--again", action="store_true", help="没有变的也重做")
    batch.add_argument("--timeout", metavar="秒", type=float, default=TIMEOUT, help=f"一个单位最多做多久，默认 {TIMEOUT} 秒")
    batch.add_argument("--memory", metavar="MB", type=int, default=MEMORY, help=f"一个单位最多用多少内存，默认 {MEMORY}，0 不限")
    batch.add_argument("--scheduler", metavar="地址", default="", help="用几台机器做：Dask 调度器的地址（tcp://…），要装 yusuan[cluster]")


class _Lines(Progress):
    """For files and pipes: a line for every unit."""

    def begin(self, what: str, total: int) -> None:
        self.what, self.total, self.done = what, total, 0
        if total:
            print(f"{what}：{total} 个", flush=True)

    def step(self, text: str) -> None:
        self.done += 1
        if text:
            print(f"[{self.done}/{self.total}] {text}", flush=True)


class _Bar(Progress):
    """For a terminal: counts and the time that is left; only what went wrong gets a line."""

    bar: Any = None

    def begin(self, what: str, total: int) -> None:
        self.finish()
        form = "{desc} {n_fmt}/{total_fmt} |{bar:30}| 已用 {elapsed}，还要 {remaining}"
        self.bar = tqdm(total=total, desc=what, bar_format=form, file=sys.stderr) if total else None

    def step(self, text: str) -> None:
        if self.bar is not None:
            if text.startswith((WRONG, UNDONE)):
                self.bar.write(text, file=sys.stdout)
            self.bar.update()

    def finish(self) -> None:
        if self.bar is not None:
            self.bar.close()
        self.bar = None


def batch(arguments: argparse.Namespace) -> int:
    """0 when every workbook that was handed in was built; 1 when some have errors; 130 when it was stopped."""
    source, out = storage(arguments.source), storage(arguments.output)
    if isinstance(source, Folder) and not source.root.is_dir():
        raise UsageError(f"找不到文件夹 {arguments.source}")
    if arguments.jobs < 0 or arguments.timeout <= 0:
        raise UsageError("--jobs 和 --timeout 要大于 0")
    roster = read_roster(arguments.roster) if arguments.roster else None
    executor = _executor(arguments)
    try:
        run = run_batch(source, out, roster, executor, Options(arguments.pack, arguments.pdf, arguments.paged, arguments.again), _Bar() if sys.stderr.isatty() else _Lines())
    finally:
        executor.close()
    _tell(run, arguments.output)
    if run.stopped:
        return 130
    return 1 if any(r.state in (WRONG, UNDONE) for r in run.records.values()) else 0


def _executor(arguments: argparse.Namespace) -> Executor:
    if arguments.scheduler:
        from generator.bureau.cluster import Cluster

        return Cluster(arguments.scheduler, arguments.timeout)
    return LocalPool(arguments.jobs or cores(), arguments.timeout, arguments.memory)


def _tell(run: Run, where: str) -> None:
    status = run.status
    print(f"{status.summary}。")
    print(f"这次做了 {len(run.built)} 个，{len(run.kept)} 个没有变，用时 {run.seconds:.1f} 秒" + ("；中途停下了，再运行一次就接着做" if run.stopped else ""))
    for note in run.notes:
        print(note)
    for name in (PAGE_FILE, WORKBOOK_FILE):
        print(f"  {where.rstrip('/')}/{name}")


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {"batch": batch}
