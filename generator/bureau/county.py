"""The commands `consolidate` and `diff` on the command line. cli.py hooks them in."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from generator.audit.readback import ReadbackError
from generator.build.select import Selector
from generator.bureau.adds_up import TableSum, table_sums
from generator.bureau.compare import Comparison
from generator.bureau.comparing import compared
from generator.bureau.consolidate import Consolidated, Whole, consolidate, workbooks_in
from generator.bureau.overview import overview
from generator.bureau.passed import Passed, passed
from generator.bureau.transfers import TAKEN_HEADING
from generator.model.amount import show
from generator.model.master import Master
from generator.model.problem import Level, UsageError
from generator.render.comparison import Row, Shown, as_lines, comparison_workbook
from generator.render.overview import overview_workbook
from generator.run import Say, check, safe_name, write_file
from generator.run.making import run_date

ZERO = Decimal(0)
OVERVIEW = "汇总分析"
Parsers = Any  # argparse's own type of add_subparsers() is private


def add_consolidate(commands: Parsers) -> None:
    """The arguments of `consolidate`."""
    new = commands.add_parser(
        "consolidate",
        help="把几个单位的主工作簿汇总成部门（全县）的一册",
        description="把同一套表、同一年度的几个主工作簿汇总成一册：一样能核对、能生成公开表；每一行注明来自哪个单位的哪个文件。另写一本汇总分析（按单位、功能、经济分类、项目、三公、来源，带图和透视数据）。",
    )
    new.add_argument("masters", metavar="主工作簿或文件夹", nargs="+", type=Path, help="要汇总的工作簿；文件夹连同下级文件夹里的都算")
    new.add_argument("-o", "--output", metavar="文件.xlsx", type=Path, default=Path("outputs"), help="写到哪里；写文件夹时文件名是 年度+名称+汇总.xlsx，默认 outputs")
    new.add_argument("--main", metavar="单位", default="", help="汇总册用哪个单位的名称（编码或名称），默认是与主管部门同名的本级单位，没有就是第一个")
    new.add_argument("--name", metavar="名称", default="", help="汇总册另起一个名称（例如 某某县），不用任何一个单位的")
    new.add_argument("--code", metavar="编码", default="", help="和 --name 一起用：这个名称的编码")
    new.add_argument("--transfers", metavar="往来表.xlsx", type=Path, help="内部往来：哪个单位的支出是哪个单位的收入，汇总时抵销")
    new.add_argument("--batch", metavar="结果文件夹", type=Path, help="只汇总 yusuan batch 已经生成的（每个单位它用的那一份）；有错误、没做完的单位列出来，不算在内")
    new.add_argument("--pack", metavar="套表", default="", help="套表编号，默认用主工作簿里写的")
    new.add_argument("--no-overview", action="store_true", help="不写汇总分析")
    new.add_argument("--overwrite", action="store_true", help="输出的文件已经有了也重写")


def run_consolidate(arguments: argparse.Namespace, say: Say) -> int:
    """0 when written, also when the rules find fault with it; what they find is counted."""
    if arguments.main and arguments.name:
        raise UsageError("--main 和 --name 只能用一个")
    target: Path = arguments.output
    is_file = target.suffix.lower() == ".xlsx"
    if is_file and any(target.resolve() == p.resolve() for p in arguments.masters):
        raise UsageError(f"{target} 是要汇总的工作簿之一，不能写到它上面")
    _free(target if is_file else None, arguments.overwrite)
    target = _consolidated(arguments, target, is_file, say)  # with all its units' facts; they are gone again before the whole is checked
    say("核对汇总册")
    problems = check(target, arguments.pack).problems
    counts = {level: sum(p.level is level for p in problems.found) for level in Level}
    print("汇总册核对：" + ("、".join(f"{n} 个{level}" for level, n in counts.items() if n) or "没有问题") + f"。看全部：yusuan check {target}；生成公开表：yusuan build {target}")
    return 0


def _consolidated(arguments: argparse.Namespace, target: Path, is_file: bool, say: Say) -> Path:
    """Writes the workbook and its overview, when they add up, and says what they hold; where the workbook is."""
    sources = [p for p in arguments.masters if not is_file or p.is_dir() or p.resolve() != target.resolve()]
    chosen = passed(arguments.batch, workbooks_in(sources)) if arguments.batch else Passed(sources)
    whole = Whole(arguments.name, arguments.code) if arguments.name else None
    made = consolidate(chosen.paths, arguments.pack, arguments.main, whole, arguments.transfers, target.name if is_file else "汇总.xlsx", say, leave=target if is_file else None)
    made = replace(made, notes=(*chosen.notes, *made.notes))
    unit = made.master.main.text("单位名称")
    if not is_file:
        target = target / f"{safe_name(f'{made.master.year}{unit}汇总')}.xlsx"
        _free(target, arguments.overwrite)
    say("逐表核对：部门 = 各单位之和")
    sums = list(table_sums(made.pack, made.master, _units_as_consolidated(made)))
    if wrong := [(t, w) for t in sums for w in t.wrong]:
        table, (what, own, parts) = wrong[0]
        raise ReadbackError(f"{table.number} {what}：汇总册 {own}，各单位之和 {parts}；共 {len(wrong)} 处")
    write_file(target, made.data)
    _tell(made, target, sums)
    if not arguments.no_overview:
        say("写汇总分析")
        beside = target.with_name(f"{target.stem}-{OVERVIEW}.xlsx")
        write_file(beside, _overview(made, sums, chosen.in_short))
        print(f"汇总分析：{beside}")
    return target


def _free(target: Path | None, overwrite: bool) -> None:
    if target is not None and target.exists() and not overwrite:
        raise UsageError(f"{target} 已经有了，不覆盖（里面可能有补写的文字）；确定要重写加 --overwrite，或换个名字")


def _units_as_consolidated(made: Consolidated) -> list[Master]:
    """Each workbook as it was; one that a transfer changed as it stands in the whole, because it must add up after the change."""
    changed = {t.unit for t in made.taken}
    return [_part_of(made.master, set(m.master.units)) if changed & set(m.master.units) else m.master for m in made.members]


def _part_of(whole: Master, codes: set[str]) -> Master:
    """The records of some units."""
    data = {name: tuple(r for r in records if r.text("单位编码") in codes) for name, records in whole.data.items()}
    return replace(whole, data=data, texts={k: v for k, v in whole.texts.items() if k[0] in codes})


def _tell(made: Consolidated, target: Path, compared: list[TableSum]) -> None:
    selector = Selector(made.master, made.pack)
    income, spent = (selector.sum(d, "本年", selector.all(d)) for d in ("收入", "支出"))
    print(f"汇总册：{target}")
    print(f"  {len(made.members)} 个工作簿，{len(made.master.units)} 个单位；收入 {show(income, '万元')}，支出 {show(spent, '万元')}")
    for number in dict.fromkeys(t.number for t in made.taken):
        steps = [t for t in made.taken if t.number == number]
        out = next(t for t in steps if t.what == "付款单位减支出")
        into = next(t for t in steps if t.what == "收款单位减收入")
        parts = [f"{m}数 {show(-amount)}" for m in ("本年", "上年") if (amount := sum((t.change for t in steps if t.what == "付款单位减支出" and t.measure == m), ZERO))]
        print(f"  抵销 {number}：{out.unit} 的支出（{out.about}）= {into.unit} 的收入（{into.about}），{'，'.join(parts)}")
    for member in made.members:
        warned = sum(p.level is not Level.ERROR for p in member.problems)
        if warned:
            print(f"  {member.path.name} 读的时候有 {warned} 条警告、提示：yusuan check {member.path}")
    print(f"  部门 = 各单位之和：{len(compared)} 张表 {sum(t.cells for t in compared)} 格逐格相加，全部一致")
    for note in made.notes:
        print(f"  {note}")


def _overview(made: Consolidated, compared: list[TableSum], left_out: str) -> bytes:
    selector, master = Selector(made.master, made.pack), made.master
    title = f"{master.main.text('单位名称')}{master.year}年部门预算汇总分析"
    notes = [
        ("来源", f"{len(made.members)} 个工作簿，{len(master.units)} 个单位；套表 {made.pack.file.name or made.pack.id}"),
        ("口径", "收入、支出都是预算数；内部往来已经抵销" if made.taken else "收入、支出都是预算数；没有抵销内部往来"),
    ]
    if left_out:
        notes.append(("没有算在内", left_out))
    checks: list[tuple[str, str, str, str]] = []
    taken: dict[tuple[str, str], Decimal] = {}
    for step in made.taken:
        taken[step.dataset, step.measure] = taken.get((step.dataset, step.measure), ZERO) + step.change
    for dataset in ("收入", "支出"):
        for measure in ("本年", "上年"):
            own = selector.sum(dataset, measure, selector.all(dataset))
            parts = sum((r.amounts.get(measure, ZERO) for m in made.members for r in m.master.records(dataset)), ZERO)
            less = taken.get((dataset, measure), ZERO)
            said = show(parts) + (f"，抵销 {show(less)}" if less else "")
            checks.append((f"{dataset}·{measure}", show(own), said, "一致" if own == parts + less else "不一致"))
    checks += [(f"{t.number} {t.title}", f"{t.cells} 格", "逐格相加", "不一致" if t.wrong else "一致") for t in compared]
    made_overview = overview(selector, title, notes, checks, [t.row() for t in made.taken])
    return overview_workbook(made_overview, run_date(master), TAKEN_HEADING)


# --- diff ---------------------------------------------------------------------------------------------------------------


def add_diff(commands: Parsers) -> None:
    """The arguments of `diff`."""
    new = commands.add_parser(
        "diff",
        help="两个版本、两个年度比一比：哪些数、哪些字变了",
        description="比对两份：主工作簿、放着各单位主工作簿的文件夹，或已经生成、公开的表和文档（结果文件夹、.xlsx、.docx、.pdf）。按单位、科目、项目对应，不按位置；改名、改码、增加、删去都列出来。写 对比.xlsx。",
    )
    new.add_argument("before", metavar="之前", type=Path)
    new.add_argument("after", metavar="之后", type=Path)
    new.add_argument("-o", "--output", metavar="文件.xlsx", type=Path, default=Path("outputs/对比.xlsx"), help="对比工作簿写到哪里，默认 outputs/对比.xlsx")
    new.add_argument("--map", metavar="对照.xlsx", type=Path, help="改了的编码和名称：一行一个，列名“类别”（单位、功能科目、部门经济、来源、项目）、“原来”、“现在”")
    new.add_argument("--no-file", action="store_true", help="只在屏幕上列出，不写对比工作簿")
    new.add_argument("--pack", metavar="套表", default="", help="套表编号，默认用主工作簿里写的")


def run_diff(arguments: argparse.Namespace, say: Say) -> int:
    """0, whatever differs."""
    comparison = compared(arguments.before, arguments.after, arguments.map, arguments.pack, say)
    shown = _shown(comparison)
    for line in as_lines(shown):
        print(line)
    if not arguments.no_file:
        when = max((run_date(s.master) for s in (comparison.before, comparison.after) if s.master), default=None)
        write_file(arguments.output, comparison_workbook(shown, when or datetime(max(comparison.after.year, 1980), 1, 1)))
        print(f"对比工作簿：{arguments.output}")
    return 0


def _shown(comparison: Comparison) -> Shown:
    parts = [(name, [Row(d.part, str(d.kind), d.what, d.item, d.before, d.after, d.unit, d.place) for d in found]) for name, found in comparison.parts]
    return Shown(comparison.before.name, comparison.after.name, comparison.figures, parts, comparison.notes)


COMMANDS: dict[str, Callable[..., int]] = {"consolidate": run_consolidate, "diff": run_diff}
