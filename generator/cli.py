"""The command line. Messages in Chinese; exit status 0 done, 1 the data have errors, 2 wrong usage or pack, 3 our fault."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import generator
from generator import auditing, authoring, run
from generator.bureau import commands as bureau
from generator.bureau import county
from generator.model.problem import DataError, Level, OutputError, PackError, Problem, UsageError
from generator.pack.library import Library, templates_folder
from generator.pack.pack import load_pack
from generator.pack.show import show_pack
from generator.render.blank import Prefill, Row, blank_workbook
from generator.render.data_package import FOLDER as OPEN_DATA
from generator.render.fonts import missing_fonts, said
from generator.render.office import NAMED, find_office, needed_office
from generator.render.terminal import waiting_lines
from generator.render.trace import as_text
from generator.rules.engine import check_rules

MOST_SHOWN = 60  # problems on a terminal; the rest are counted


class _Parser(argparse.ArgumentParser):
    """argparse with Chinese headings and errors."""

    def error(self, message: str) -> None:  # type: ignore[override]
        for english, chinese in (
            ("the following arguments are required:", "缺少："),
            ("unrecognized arguments:", "不认识的参数："),
            ("expected one argument", "后面要写一个值"),
            ("argument ", "参数 "),
            ("invalid choice:", "没有这个命令："),
            ("choose from", "可用"),
        ):
            message = message.replace(english, chinese)
        self.exit(2, f"{message}\n用法见：{self.prog} --help\n")

    def format_help(self) -> str:
        text = super().format_help()
        for english, chinese in (("usage:", "用法："), ("positional arguments:", "参数："), ("options:", "选项："), ("show this help message and exit", "显示这段说明")):
            text = text.replace(english, chinese)
        return text


def parser() -> argparse.ArgumentParser:
    top = _Parser(prog="yusuan", description="部门预算公开：一个主工作簿进，一套编号公开表和预算说明出。")
    top.add_argument("--version", action="version", version=f"yusuan {generator.__version__}", help="显示版本号")
    commands = top.add_subparsers(dest="command", metavar="命令", parser_class=_Parser)

    build = commands.add_parser(
        "build",
        help="核对主工作簿并生成全套公开表和说明",
        description="核对主工作簿；没有错误就生成全套公开表和说明，写到 输出文件夹/年度+单位名称/。有错误时不生成，在主工作簿旁边写一份标注件，在输出文件夹写校验报告.xlsx。",
    )
    build.add_argument("master", metavar="主工作簿.xlsx", type=Path)
    build.add_argument("-o", "--output", metavar="文件夹", type=Path, default=Path("outputs"), help="输出文件夹，默认 outputs")
    build.add_argument("--pack", metavar="套表", default="", help="套表编号，默认用主工作簿里写的")
    build.add_argument("--pdf", action="store_true", help="同时生成 PDF：每个文件一个，另有一个合订的供公开（需要 LibreOffice）")
    build.add_argument("--soffice", metavar="程序", default="", help=f"LibreOffice 的 soffice 在哪里，默认自己找（也可用环境变量 {NAMED}）")
    build.add_argument("--charts", action="store_true", help="画图，即使套表里写了 show_charts: 否：工作簿加一张“图”，说明书里加图")
    build.add_argument("--fast", action="store_true", help="不排版：目录页码留给 Word 打开时自己填")
    build.add_argument("--trace", action="store_true", help="同时生成 内部/溯源.xlsx：点每个数看它从哪里来（内部用，不要公开）")
    build.add_argument("--draft", action="store_true", help="有错误也生成（草稿，只供内部核对）")

    build.add_argument("--last-year", metavar="上年主工作簿.xlsx", type=Path, help="上年的主工作簿：核对上年数、原因是不是照抄")

    check = commands.add_parser(
        "check",
        help="只核对，不生成",
        description="核对主工作簿，列出全部问题；有问题时在主工作簿旁边写一份标注件（有问题的格子着色、加批注，第一张表列出全部问题），并在输出文件夹写校验报告.xlsx。",
    )
    check.add_argument("master", metavar="主工作簿.xlsx", type=Path)
    check.add_argument("-o", "--output", metavar="文件夹", type=Path, default=Path("outputs"), help="校验报告写到哪里，默认 outputs")
    check.add_argument("--no-copy", action="store_true", help="只在屏幕上列出，不写标注件和校验报告")
    check.add_argument("--pack", metavar="套表", default="", help="套表编号，默认用主工作簿里写的")
    check.add_argument("--last-year", metavar="上年主工作簿.xlsx", type=Path, help="上年的主工作簿：核对上年数、原因是不是照抄")

    explain = commands.add_parser(
        "explain",
        help="一个数从哪里来：主工作簿的哪几格、口径、相加、取整",
        description="说明一个数从哪里来。写表和格（'预算08表!F7'）、表 行 栏（'预算08表' '行政运行' '基本工资'）、说明里的数（收入总计、工资福利支出_变化），或印出来的数（462.25，列出它在哪里）。",
    )
    explain.add_argument("master", metavar="主工作簿.xlsx", type=Path)
    explain.add_argument("what", metavar="哪个数", nargs="+", help="'表!格'，或 表 行 栏，或说明里的数，或印出来的数")
    explain.add_argument("--pack", metavar="套表", default="", help="套表编号，默认用主工作簿里写的")
    explain.add_argument("--all", action="store_true", help="长的列举不省略")

    auditing.add_parser(commands)

    new = commands.add_parser("new", help="生成空白主工作簿", description="按套表生成空白主工作簿。")
    new.add_argument("--pack", metavar="套表", default="", help="套表编号；有名册时可以不写，用名册里的")
    new.add_argument("-o", "--output", metavar="文件.xlsx", type=Path, required=True, help="写到哪里；是文件夹时写 <套表>-主工作簿.xlsx，有名册时每个单位一册")
    bureau.add_new(new)
    bureau.add_roster(commands)

    bureau.add_batch(commands)

    county.add_consolidate(commands)
    county.add_diff(commands)

    pack = commands.add_parser("pack", help="套表：list、show、check、new、preview、export", description="查看、检查、新建、预览、打包套表。")
    inner = pack.add_subparsers(dest="pack_command", metavar="命令", parser_class=_Parser, required=True)
    inner.add_parser("list", help="有哪些套表")
    named = {
        "show": "把一套表的全部内容印成文字",
        "check": "检查一套表写得对不对",
        "preview": "用示例数据把每张表做出来看（工作簿、Word；装了 LibreOffice 还有 PDF 和图片）",
        "export": "打成一个 zip，发给单位",
    }
    made = {name: inner.add_parser(name, help=text, description=text) for name, text in named.items()}
    for sub in made.values():
        sub.add_argument("pack", metavar="套表", help="套表编号、文件夹或 zip")
    made["preview"].add_argument("-o", "--output", metavar="文件夹", type=Path, default=Path("outputs"), help="写到哪里，默认 outputs")
    made["preview"].add_argument("--master", metavar="主工作簿.xlsx", type=Path, help="用这个主工作簿的数据，不用示例数据")
    made["export"].add_argument("-o", "--output", metavar="文件.zip", type=Path, help="写到哪里，默认 <套表>.zip")
    fresh = inner.add_parser("new", help="照着一套表新建一套", description="照着一套表新建一套自己的：一个文件夹，里面的表样和说明模板用 Excel、Word 改。")
    fresh.add_argument("--from", dest="source", metavar="套表", required=True, help="照着哪一套")
    fresh.add_argument("--id", dest="pack_id", metavar="编号", required=True, help="新套表的编号，例如 mycounty-2024（字母、数字、横杠）")
    fresh.add_argument("-o", "--output", metavar="文件夹", type=Path, default=Path(), help="放在哪个文件夹下，默认当前文件夹")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """The program. Never ends in a traceback over data; what is our fault says so and where to find the details."""
    _utf8()
    words = list(sys.argv[1:] if argv is None else argv)
    arguments = parser().parse_args(words)
    if not arguments.command:
        parser().print_help()
        return 2
    try:
        return COMMANDS[arguments.command](arguments)
    except DataError as e:
        _report(list(e.problems))
        _print_lines(e.notes if isinstance(e, run.Returned) else [])
        return 1
    except (PackError, UsageError, OutputError) as e:
        print(e, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("已中断，没有写任何结果。", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:  # the last line of defence: anything here is a mistake of ours
        print("程序出错了，这是我们的问题，不是数据的问题。没有写任何结果。请把下面的内容和主工作簿一起发给维护人员：", file=sys.stderr)
        traceback.print_exc()
        return 3


def _utf8() -> None:
    """Chinese on any console: Windows pipes and old locales would otherwise fail on the first message."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _say(text: str) -> None:
    if sys.stderr.isatty():
        print(f"  {text}……", file=sys.stderr)


def _report(problems: Sequence[Problem], building: bool = True) -> None:
    """The problems in reading order, errors first to be counted."""
    for problem in problems[:MOST_SHOWN]:
        print(problem)
    if len(problems) > MOST_SHOWN:
        print(f"……还有 {len(problems) - MOST_SHOWN} 条")
    counts = {level: sum(p.level is level for p in problems) for level in Level}
    print("共 " + "、".join(f"{n} 个{level}" for level, n in counts.items() if n) + "。" + ("有错误，没有生成；改好后再运行一次。" if counts[Level.ERROR] and building else ""))


def _build(arguments: argparse.Namespace) -> int:
    _exists(arguments.master)
    if arguments.last_year:
        _exists(arguments.last_year)
    if arguments.soffice:
        os.environ[NAMED] = arguments.soffice
        needed_office()
    paged = not arguments.fast and find_office() is not None
    done = run.build_set(
        arguments.master,
        arguments.output,
        arguments.pack,
        run.Wanted(draft=arguments.draft, paged=paged, pdf=arguments.pdf, trace=arguments.trace, charts=arguments.charts),
        last_year=arguments.last_year,
        say=_say,
    )
    problems = done.checked.problems.sorted()
    if problems:
        _report(problems) if not arguments.draft else [print(p) for p in problems]
    tables = done.checked.tables
    empty = sum(t.empty for t in tables)
    print(f"已生成 {len(tables)} 张表（其中空表 {empty} 张）和说明：{done.folder}")
    for name in done.files:
        if not name.startswith(f"{OPEN_DATA}/"):
            print(f"  {name}")
    if data := sum(name.startswith(f"{OPEN_DATA}/") for name in done.files):
        print(f"  {OPEN_DATA}/（开放数据，{data} 个文件）")
    if hint := said(missing_fonts(run.fonts(done.checked))):
        print(hint)
    if not paged and not arguments.pdf:
        print("目录的页码由 Word、WPS 打开时自己填" + ("" if arguments.fast else "（装了 LibreOffice 就能预先填好）") + "。")
    if done.note:
        print(done.note)
    return 1 if done.checked.problems.errors else 0


def _check(arguments: argparse.Namespace) -> int:
    _exists(arguments.master)
    if arguments.last_year:
        _exists(arguments.last_year)
    try:
        checked = run.check(arguments.master, arguments.pack, _say, arguments.last_year)
    except DataError as refused:
        notes = [] if arguments.no_copy else run.hand_back_refused(arguments.master, refused.problems, arguments.output)
        raise run.Returned(refused.problems, notes) from refused
    _report(checked.problems.sorted()) if checked.problems.found else print("没有发现问题。")
    where = "去掉 --no-copy 逐项看校验报告" if arguments.no_copy else "逐项见校验报告的“核对结果”"
    _print_lines(waiting_lines(run.about(checked), checked.problems.sheet_order, where))
    if not arguments.no_copy:
        _print_lines(run.hand_back(arguments.master, checked, arguments.output))
    return 1 if checked.problems.errors else 0


def _print_lines(lines: Sequence[str]) -> None:
    for line in lines:
        print(line)


def _explain(arguments: argparse.Namespace) -> int:
    _exists(arguments.master)
    tracer, errors = run.tracer(arguments.master, arguments.pack, _say)
    for line in as_text(tracer.ask(arguments.what), arguments.all):
        print(line)
    if errors:
        print(f"注意：主工作簿里有 {errors} 个错误，上面的数可能不全；先运行 yusuan check。")
    return 0


def _exists(path: Path) -> None:
    if not path.exists():
        raise UsageError(f"找不到 {path}；请核对文件名，或把主工作簿直接拖到 yusuan.bat 上")


def _new(arguments: argparse.Namespace) -> int:
    if arguments.roster:
        return bureau.new_from_roster(arguments)
    if arguments.last_year or not arguments.pack:
        raise UsageError("--last-year 要和 --roster 一起用" if arguments.last_year else "缺少：--pack 套表，或 --roster 名册.xlsx")
    pack = run.get_pack(arguments.pack)
    target: Path = arguments.output
    if target.is_dir() or target.suffix.lower() != ".xlsx":
        target = target / f"{pack.id}-主工作簿.xlsx"
    if target.exists():
        raise UsageError(f"{target} 已经有了，不覆盖；换个名字或先移走它")
    year = int(pack.file.year) if pack.file.year.isdigit() else 2000
    lines: dict[str, object] = {"年度": pack.file.year, "套表": pack.id}
    texts: list[Row] = [{"事项": t.name, "填写提示": t.hint} for t in pack.file.texts]
    data = blank_workbook(pack, Prefill(lines, {}, {"文字说明": texts}), datetime(year, 1, 1))
    run.write_file(target, data)
    print(f"空白主工作簿：{target}")
    return 0


def _pack(arguments: argparse.Namespace) -> int:
    if arguments.pack_command == "list":
        for pack_id in Library(templates_folder()).ids():
            try:
                pack = load_pack(pack_id)
                print(f"{pack_id}  {pack.file.name}  {len(pack.tables)} 张表")
            except PackError as e:
                print(f"{pack_id}  有错误：{e.messages[0]}")
        return 0
    if arguments.pack_command == "new":
        folder = authoring.new_pack(arguments.source, arguments.pack_id, arguments.output)
        print(f"新套表：{folder}\n用 Excel 改 {arguments.pack_id}.xlsx，用 Word 改 .docx，改完运行：yusuan pack check {folder}")
        return 0
    pack = load_pack(arguments.pack)
    if arguments.pack_command == "preview":
        check_rules(pack)
        paths, problems = authoring.preview(pack, arguments.output, arguments.master, _say)
        for path in paths:
            print(path)
        if problems:
            print("\n有钱印不出来的地方（用的是示例数据时，看看是不是少了行或列）：" if not arguments.master else "")
            _report(problems, building=False)
        return 0
    if arguments.pack_command == "export":
        check_rules(pack)
        run.templates(pack)
        target = arguments.output or Path(f"{pack.id}.zip")
        run.write_file(target, authoring.exported(pack))
        print(f"已打包：{target}\n单位把它和主工作簿放在同一个文件夹，或用 --pack {target.name} 指定")
        return 0
    if arguments.pack_command == "show":
        print(show_pack(pack), end="")
        return 0
    check_rules(pack)
    templates = run.templates(pack)
    if not any(t.places_all for t in templates.values()):
        placed = {"".join(name.split()) for t in templates.values() for name in t.places}
        if lost := [t.number for t in pack.tables if t.number not in placed]:
            print(f'提示：这些表没有放进任何说明模板：{"、".join(lost)}。在模板里写一段 {{{{p 表格("{lost[0]}") }}}}，或用 {{{{p 全套表格 }}}}')
    print(f"套表“{pack.id}”没有发现问题：{len(pack.tables)} 张表，{len(templates)} 个说明模板。")
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "audit": auditing.command,
    "build": _build,
    "check": _check,
    "explain": _explain,
    "new": _new,
    "pack": _pack,
    **bureau.COMMANDS,
    **{name: partial(command, say=_say) for name, command in county.COMMANDS.items()},
}
