"""What the clerk mends with: the marked copy of the workbook and 校验报告.xlsx."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import generator
from generator.build.rounding import RULE as ROUNDING
from generator.model.problem import DataError, Level, OutputError, Problem
from generator.render.marked import About, is_untouched, marked_copy
from generator.render.report import FAILED, NOT_RUN, PASSED, FiguresLine, Report, RuleLine, TableLine, report_workbook
from generator.rules.engine import Status
from generator.run.checking import Checked
from generator.run.files import safe_name, write_file
from generator.run.making import run_date

REPORT_FILE = "校验报告.xlsx"
MARKED = "（校验）"  # ends the name of a marked copy, and of the folder that holds the report when there is no result


def folder_name(path: Path, checked: Checked) -> str:
    """The folder of a unit's result as its pack wants it called; the workbook's own name when no unit or no year could be read."""
    master = checked.master
    if not master.data.get("单位") or not master.year:
        return safe_name(path.stem)
    return safe_name(checked.pack.file.folder.replace("{年度}", str(master.year)).replace("{单位名称}", master.main.text("单位名称")))


def about(checked: Checked) -> About:
    """What the marked copy and the report say besides the problems."""
    master, pack = checked.master, checked.pack
    unit = master.main.text("单位名称") if master.data.get("单位") else ""
    return About(
        heading="　".join(filter(None, (f"{master.year} 年" if master.year else "", unit, f"套表：{pack.file.name or pack.id}"))),
        not_run=[(o.rule.id, o.reason) for o in checked.outcomes if o.status is Status.NOT_RUN],
        rules=frozenset(o.rule.id for o in checked.outcomes),
        text_sheets=frozenset([s.name for s in pack.schema.sheets if s.dataset == "文字"] + [place.sheet for _, place in master.texts.values()]),
    )


def report(path: Path, checked: Checked, draft: bool = False, files: Mapping[str, bytes] | None = None) -> bytes:
    """校验报告.xlsx. files: the documents that were written and read back; None when the build was refused or only checked."""
    master, pack, problems = checked.master, checked.pack, checked.problems.sorted()
    errors = len(checked.problems.errors)
    said = about(checked)
    if errors:
        verdict = f"未通过：有 {errors} 个错误" + ("，只生成了草稿" if files and draft else "，没有生成公开表")
    else:
        verdict = "通过" + ("，公开表和说明已生成" if files else "，可以生成") + (f"；{len(said.not_run)} 项未能核对" if said.not_run else "")
    numbers = {t.number: len([c for line in t.lines for c in line.cells if c.shown is not None]) for t in checked.tables}
    facts = [
        ("单位", master.main.text("单位名称") if master.data.get("单位") else "（没有读出来）"),
        ("年度", str(master.year or "（没有读出来）")),
        ("主工作簿", path.name),
        ("套表", f"{pack.file.name}（{pack.id}）" if pack.file.name else pack.id),
        ("日期", run_date(master).strftime("%Y-%m-%d")),
        ("程序", f"yusuan {generator.__version__}"),
    ]
    if files or not errors:
        facts.append(("公开表", f"{len(checked.tables)} 张，其中空表 {sum(t.empty for t in checked.tables)} 张，共 {sum(numbers.values())} 个数"))
    if files:
        facts.append(("读回核对", f"{'、'.join(n for n in files if n.endswith(('.xlsx', '.docx')) and '/' not in n)}写出后逐个数读回，与主工作簿算出的数一致"))
    read = [p for p in problems if p.rule not in said.rules and p.rule not in ("表内全覆盖", ROUNDING)]
    wrong = sum(p.level is Level.ERROR for p in read)
    rules = [RuleLine("逐格读取主工作簿", FAILED if wrong else PASSED, str(Level.ERROR), found=len(read))]
    rules += [RuleLine(o.rule.id, str(o.status), o.rule.level, o.rule.basis, o.reason, len(o.problems)) for o in checked.outcomes]
    if not checked.outcomes:
        rules += [RuleLine(r.id, NOT_RUN, r.level, r.basis, "单位信息没有读出来，改好后再核对") for r in pack.file.rules]
    figures = [FiguresLine(o.rule.id, c.what, c.left, c.right, PASSED if c.agrees else FAILED, c.gap) for o in checked.outcomes for c in o.compared]
    tables = [TableLine(t.number, t.title, numbers[t.number], *checked.coverage.get(t.number, (NOT_RUN, ""))) for t in checked.tables]
    title = f"{said.heading.split('　套表')[0].replace('　', '')}预算公开校验报告"
    basis = {o.rule.id: o.rule.basis for o in checked.outcomes}
    return report_workbook(Report(title, verdict, not errors, facts, problems, said, basis, rules, figures, tables, run_date(master)))


def hand_back(path: Path, checked: Checked, out: Path, beside: bool = True) -> list[str]:
    """Writes what the clerk mends with and says where, a line each; a folder that cannot be written is said, not raised.

    The marked copy stands beside the workbook, else (or when it is not wanted `beside`) in out/<年度><单位名称>（校验）/, where the report is. A result of an
    earlier build stays as it is.
    """
    folder = out / f"{folder_name(path, checked)}{MARKED}"
    notes = []
    if checked.problems.found:
        try:
            suffix, data = marked_copy(path, checked.problems.sorted(), about(checked))
            notes.append(_write_copy(path, folder, suffix, data, beside))
        except DataError as e:  # the program could read its cells, but a part that only the copy needs is broken
            notes.append(f"标注件没有写成：{e.problems[0].message}")
        except OutputError as e:
            notes.append(f"标注件没有写成：{e}")
    elif beside:
        _clear_copies(path, path.parent)
    try:
        write_file(folder / REPORT_FILE, report(path, checked))
        notes.append(f"校验报告：{folder / REPORT_FILE}")
    except OutputError as e:
        notes.append(f"校验报告没有写成：{e}")
    return notes


def hand_back_refused(path: Path, problems: Sequence[Problem], out: Path, beside: bool = True) -> list[str]:
    """The marked copy of a workbook that could not be taken for one: as far as the file opens. Nothing when it does not, or
    when it is another file that is wrong."""
    problems = [p for p in problems if p.place.file == path.name]
    if not problems:
        return []
    try:
        suffix, data = marked_copy(path, problems, About())
        return [_write_copy(path, out / f"{safe_name(path.stem)}{MARKED}", suffix, data, beside)]
    except DataError:
        return []  # the file itself cannot be opened, as the problems say
    except OutputError as e:
        return [f"标注件没有写成：{e}"]


def _write_copy(path: Path, folder: Path, suffix: str, data: bytes, beside: bool) -> str:
    """The marked copy under the first name that costs nobody any work. OutputError when no folder takes it."""
    for name in list(_free_copies(path, path.parent, suffix))[: 2 if beside else 0]:  # the second when a program holds the first one open
        try:
            write_file(name, data)
            return f"标注件：{name}"
        except OutputError:
            continue
    other = next(_free_copies(path, folder, suffix), None)
    if other is None:
        raise OutputError(f"{folder} 里已经有 99 份标注件，请删去不要的")
    write_file(other, data)
    return f"标注件：{other}" + ("（主工作簿所在的文件夹写不进，写到了这里）" if beside else "")


def _copies(path: Path, folder: Path, suffix: str) -> Iterator[Path]:
    """甲局（校验）.xlsx, 甲局（校验2）.xlsx …"""
    base = re.sub(r"（校验\d*）$", "", path.stem)
    return (folder / f"{base}{MARKED if n == 1 else f'（校验{n}）'}{suffix}" for n in range(1, 100))


def _free_copies(path: Path, folder: Path, suffix: str) -> Iterator[Path]:
    """The names that are free, or hold an earlier marked copy nobody has worked in; never the workbook itself."""
    for name in _copies(path, folder, suffix):
        try:
            if not name.exists() or (not name.samefile(path) and is_untouched(name.read_bytes())):
                yield name
        except OSError:
            continue


def _clear_copies(path: Path, folder: Path) -> None:
    """Marked copies of an earlier check that nobody has worked in: what they say is mended."""
    for suffix in (".xlsx", ".xlsm"):
        for name in _copies(path, folder, suffix):
            try:
                if not name.exists():
                    break
                if not name.samefile(path) and is_untouched(name.read_bytes()):
                    name.unlink()
            except OSError:
                continue


def clear_hand_back(path: Path, result: Path, beside: bool = True) -> None:
    """After a build that went through, what an earlier refusal had left."""
    if beside:
        _clear_copies(path, path.parent)
    folder = result.with_name(result.name + MARKED)
    if folder.is_dir():
        _clear_copies(path, folder)
        try:
            (folder / REPORT_FILE).unlink(missing_ok=True)
            folder.rmdir()
        except OSError:
            pass  # something of the user's is in it, or a program holds it open
