"""The bureau's commands on the command line: roster, new with a roster, batch. cli.py hooks them in."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from generator.bureau.batch import Options, Progress, Run, run_batch
from generator.bureau.executor import Executor, LocalPool, cores
from generator.bureau.hand_out import hand_out
from generator.bureau.last_year import LastYear, read_last_year, roster_units
from generator.bureau.ledger import UNDONE, WRONG
from generator.bureau.roster import read_roster, roster_workbook
from generator.bureau.status import PAGE_FILE, WORKBOOK_FILE
from generator.bureau.storage import Folder, storage
from generator.model.problem import UsageError
from generator.render.pdf import needed_tools
from generator.run import get_pack, write_file

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
    batch.add_argument("--last-year", metavar="文件夹", default="", help="上年的主工作簿在哪里：核对上年数、原因是不是照抄")
    batch.add_argument("--jobs", metavar="个数", type=int, default=0, help="同时做几个单位，默认每个核一个")
    batch.add_argument("--pack", metavar="套表", default="", help="套表编号，默认用各工作簿里写的")
    batch.add_argument("--pdf", action="store_true", help="同时生成 PDF（需要 LibreOffice，每个单位多几秒到十几秒；每个进程只开一个 LibreOffice）")
    batch.add_argument("--paged", action="store_true", help="预先填好说明书目录的页码（需要 LibreOffice，每个单位多几秒）")
    batch.add_argument("--again", action="store_true", help="没有变的也重做")
    batch.add_argument("--timeout", metavar="秒", type=float, default=TIMEOUT, help=f"一个单位最多做多久，默认 {TIMEOUT} 秒")
    batch.add_argument("--memory", metavar="MB", type=int, default=MEMORY, help=f"一个单位最多用多少内存，默认 {MEMORY}，0 不限")
    batch.add_argument("--scheduler", metavar="地址", default="", help="用几台机器做：Dask 调度器的地址（tcp://…），要装 yusuan[cluster]")


def add_roster(commands: Any) -> None:
    """The arguments of `roster`, and those that `new` has for many units."""
    roster = commands.add_parser(
        "roster", help="生成名册的样表，或照收来的工作簿列一份", description="生成名册的样表：一个单位一行，发空白表、收表、查谁没有交都按它。有上年（或今年收来）的主工作簿时，可以照着它们列出来。"
    )
    roster.add_argument("--pack", metavar="套表", required=True, help="套表编号（下拉的单位性质等从这里取）")
    roster.add_argument("--from", dest="source", metavar="文件夹", type=Path, help="照这个文件夹里的主工作簿列出单位")
    roster.add_argument("-o", "--output", metavar="名册.xlsx", type=Path, required=True, help="写到哪里")


def add_new(new: argparse.ArgumentParser) -> None:
    """What `new` takes to write a blank for every unit of a roster."""
    new.add_argument("--roster", metavar="名册.xlsx", type=Path, help="按名册一个单位一册，填好单位信息")
    new.add_argument("--last-year", metavar="文件夹", type=Path, help="上年的主工作簿在哪里：带入上年数、延续的项目、指标、人数和要改的文字（要和 --roster 一起用）")


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
    if arguments.jobs < 0 or arguments.timeout <= 0:
        raise UsageError("--jobs 和 --timeout 要大于 0")
    if arguments.pdf and not arguments.scheduler:  # workers elsewhere have a LibreOffice of their own
        needed_tools()
    last_year = storage(arguments.last_year) if arguments.last_year else None
    for place in (source, last_year):
        if isinstance(place, Folder) and not place.root.is_dir():
            raise UsageError(f"找不到文件夹 {place.where}")
    listed = read_roster(arguments.roster) if arguments.roster else None
    options = Options(arguments.pack, arguments.pdf, arguments.paged, arguments.again, last_year)
    executor = _executor(arguments)
    try:
        run = run_batch(source, out, listed, executor, options, _Bar() if sys.stderr.isatty() else _Lines())
    finally:
        executor.close()
    _tell(run, arguments.output)
    if run.stopped:
        return 130
    return 1 if any(r.state in (WRONG, UNDONE) for r in run.records.values()) else 0


def roster(arguments: argparse.Namespace) -> int:
    """Writes a roster to fill in; 0. An existing file is never overwritten."""
    if arguments.output.exists():
        raise UsageError(f"{arguments.output} 已经有了，不覆盖；换个名字或先移走它")
    pack = get_pack(arguments.pack)
    units = roster_units(arguments.source, pack) if arguments.source else []
    write_file(arguments.output, roster_workbook(pack, units))
    print(f"名册：{arguments.output}" + (f"（{len(units)} 个单位）" if arguments.source else ""))
    return 0


def new_from_roster(arguments: argparse.Namespace) -> int:
    """A blank for every unit of the roster; says what was carried over, who is new, and who is no more."""
    listed = read_roster(arguments.roster)
    pack = get_pack(arguments.pack or listed.pack) if arguments.pack or listed.pack else None
    last_year = LastYear()
    if arguments.last_year:
        if not arguments.last_year.is_dir():
            raise UsageError(f"找不到文件夹 {arguments.last_year}")
        if pack is None or not pack.file.year.isdigit():
            raise UsageError("不知道今年是哪一年：写 --pack，或在名册里填“套表”")
        last_year = read_last_year(arguments.last_year, listed, int(pack.file.year))
    made = list(hand_out(listed, arguments.pack, last_year, arguments.output))
    written = [m for m in made if not m.kept]
    print(f"空白主工作簿 {len(written)} 册：{arguments.output}")
    if kept := [m for m in made if m.kept]:
        print(f"已经有了、没有动的 {len(kept)} 册：{_few([m.path.name for m in kept])}")
    if arguments.last_year:
        merged = [said for m in made for said in m.merged]
        print(f"带入上年数的 {sum(bool(m.old) for m in made)} 册" + (f"，其中几个单位合并的：{_few(merged)}" if merged else ""))
        if fresh := [m.unit.name for m in made if not m.old]:
            print(f"没有上年数的 {len(fresh)} 册：{_few(fresh)}")
        if last_year.gone:
            print(f"上年有、今年名册里没有的 {len(last_year.gone)} 个：{_few([f'{b.code} {b.name}' for b in last_year.gone])}；改了编码或合并了的，写进名册的“对照”再运行")
        for file in last_year.aside:
            print(f"没有用的上年文件：{file.name}（{file.why}）")
    return 0


def _few(names: Sequence[str], most: int = 10) -> str:
    return "、".join(names[:most]) + (f"等 {len(names)} 个" if len(names) > most else "")


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


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {"batch": batch, "roster": roster}
