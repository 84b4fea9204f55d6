"""The command `audit`: finished disclosures in; a list, 审核报告.xlsx and marked copies out."""

from __future__ import annotations

import argparse
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from generator import run
from generator.model.problem import Level, UsageError
from generator.published.audit import Audit, audit_units
from generator.published.extract import ENDINGS
from generator.published.marked import marked_copy
from generator.published.report import report_workbook
from generator.published.rulebook import Rulebook, rules_page

MOST_SHOWN = 60


def add_parser(commands: Any) -> None:
    """The subcommand with its options."""
    sub = commands.add_parser(
        "audit",
        help="审核已经做好的公开件（Word、Excel、PDF）",
        description="审核一个单位已经做好的预算公开文件：.docx、.xlsx、.pdf，同一单位的几个文件一起给；一次给几个单位的，按单位分开审。列出问题，写审核报告.xlsx（问题、检查表、未检查）和标注件（Word 批注、Excel 批注、PDF 高亮）。不认识的县的表也能读。",
    )
    sub.add_argument("files", metavar="文件", type=Path, nargs="*", help=".docx、.xlsx、.pdf；也可以给一个文件夹")
    sub.add_argument("-o", "--output", metavar="文件夹", type=Path, default=Path("outputs"), help="报告和标注件写到哪里，默认 outputs")
    sub.add_argument("--pack", metavar="套表", default="", help="按这套表核对：应有的表、表头、金额单位、科目表，和它改过的审核规则；不写就看表号、表名自己认，认不出的用全国的规则")
    sub.add_argument("--rules", action="store_true", help="列出审核规则（加 --pack 就是这套表改过以后的），不审核")
    sub.add_argument("--no-copy", action="store_true", help="只在屏幕上列出，不写报告和标注件")


def command(arguments: argparse.Namespace) -> int:
    """Exit status 1 when there is an error among the findings."""
    pack = run.get_pack(arguments.pack) if arguments.pack else None
    if arguments.rules:
        print(rules_page(Rulebook(pack)), end="")
        return 0
    if not arguments.files:
        raise UsageError("没有给要审核的文件；例如 yusuan audit 说明.docx 公开表.xlsx")
    paths = [p for given in arguments.files for p in (_inside(given) if given.is_dir() else [given])]
    if not paths:
        raise UsageError("文件夹里没有 .docx、.xlsx、.pdf")
    if missing := [p for p in paths if not p.exists()]:
        raise UsageError(f"找不到 {missing[0]}；请核对文件名")
    if sys.stderr.isatty():
        print(f"  读 {len(paths)} 个文件……", file=sys.stderr)
    audits = audit_units(paths, pack)
    for number, found in enumerate(audits, 1):
        _print(found)
        if not arguments.no_copy:
            folder = arguments.output if len(audits) == 1 else arguments.output / _folder(found, number)
            for path in _written(found, [d.path for d in found.documents if d.path], folder):
                print(f"  {path}")
    return 1 if any(found.count(Level.ERROR) for found in audits) else 0


def _folder(found: Audit, number: int) -> str:
    """A folder for one of several units."""
    unit = re.sub(r'[\\/:*?"<>|\s]', "", found.about.organs[0] if found.about.organs else "")[:40]
    return f"{number:02d}-{found.about.year or ''}{unit}"


def _inside(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in ENDINGS and not p.name.startswith(("~$", ".")) and not re.search(r"审核报告|校验报告|-审核标注", p.name))


def _print(found: Audit) -> None:
    for finding in found.findings[:MOST_SHOWN]:
        print(finding)
    if len(found.findings) > MOST_SHOWN:
        print(f"……还有 {len(found.findings) - MOST_SHOWN} 条，见审核报告")
    if found.seen is not None:
        print(f"套表：{found.seen.name}")
    unit = "、".join(str(x) for x in (found.about.organs[0] if found.about.organs else "", f"{found.about.year}年" if found.about.year else "") if x)
    counts = "、".join(f"{n} 个{level}" for level in Level if (n := found.count(level)))
    print(f"{unit}：读到 {len(found.tables)} 张表，核对 {found.compared} 次，{counts or '没有发现问题'}。")
    if waiting := [c for c in found.checks if c.state == "未检查"]:
        print("未检查：" + "；".join(f"{c.name}（{c.reason}）" for c in waiting))
    for text in found.unchecked[:8]:
        print(f"未核对：{text}")
    if len(found.unchecked) > 8:
        print(f"……没有核对的还有 {len(found.unchecked) - 8} 项，见审核报告的“未检查”")


def _written(found: Audit, paths: list[Path], folder: Path) -> list[Path]:
    written = [folder / "审核报告.xlsx"]
    run.write_file(written[0], report_workbook(found, datetime(found.about.year or 2000, 1, 1)))
    for path in paths:
        own = [f for f in found.findings if f.spot.file == path.name]
        if own and (copy := marked_copy(path, own)) is not None:
            target = folder / f"{path.stem}-审核标注{copy[0]}"
            run.write_file(target, copy[1])
            written.append(target)
    return written
