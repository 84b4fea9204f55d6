"""One unit from workbook to folder: what `build` calls, and every worker of a batch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import generator
from generator.build.origins import origins_in
from generator.build.trace import Tracer, typed_in
from generator.model.problem import DataError, Problem
from generator.read import read_workbook
from generator.render.data_package import as_json
from generator.render.office import Office
from generator.render.pdf import needed_tools
from generator.render.publication import Publication, publication
from generator.render.trace import trace_workbook
from generator.run.checking import Checked, Say, check, no_collecting
from generator.run.files import safe_name, write_folder
from generator.run.handing_back import REPORT_FILE, clear_hand_back, folder_name, hand_back, hand_back_refused, report
from generator.run.making import TABLES_FILE, documents, hold_clean, open_data, run_date, templates

TRACE_FILE = "内部/溯源.xlsx"  # in a folder of its own: it names the cells of the unit's workbook and is not for publication


@dataclass(frozen=True, slots=True)
class Done:
    """What a build left behind."""

    folder: Path
    files: tuple[str, ...]
    checked: Checked
    note: str = ""


class Returned(DataError):
    """The workbook goes back to the clerk. notes: what was left to mend it with, a line each."""

    def __init__(self, problems: Sequence[Problem], notes: list[str]) -> None:
        super().__init__(*problems)
        self.notes = notes


class Stopped(Returned):
    """Errors stopped the build. checked: how far it got."""

    def __init__(self, checked: Checked, notes: list[str]) -> None:
        super().__init__(checked.problems.sorted(), notes)
        self.checked = checked


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a build is to leave behind besides the tables and the explanation.

    draft: something also when there are errors, watermarked and for inside use. paged: the Word documents laid out with
    LibreOffice to fill the page numbers of their contents (a few seconds); without it Word fills them in itself. pdf: every
    document also as PDF, and one bound from them (not of a draft). trace: 内部/溯源.xlsx. charts: the pack's pictures, though
    the pack has them switched off. beside: a marked copy of a refused workbook goes beside it; otherwise to the folder with
    the report (a batch leaves what it collects alone).
    """

    draft: bool = False
    paged: bool = False
    pdf: bool = False
    trace: bool = False
    charts: bool = False
    beside: bool = True


SET = Wanted()


@no_collecting()
def build_set(
    path: Path,
    out: Path,
    pack_id: str = "",
    wanted: Wanted = SET,
    *,
    last_year: Path | None = None,
    office: Office | None = None,
    say: Say = lambda text: None,
) -> Done:
    """Check, then write the whole set to out/<年度><单位名称>/.

    last_year: the unit's workbook of the year before, to be held against. office: one that serves other units too; by
    default one for this unit, when it is needed.
    Raises DataError with every problem when there are errors (not for a draft), OutputError when it cannot be written,
    UsageError when a PDF was asked for and cannot be made; also DataError when a finished file holds what must not be
    published (audit.clean); then nothing is left half-written and an earlier result stands.
    """
    if wanted.pdf:
        needed_tools()
    if office is None and (wanted.paged or wanted.pdf):
        with Office() as own:
            return build_set(path, out, pack_id, wanted, last_year=last_year, office=own, say=say)
    try:
        checked = check(path, pack_id, say, last_year)
    except DataError as refused:
        raise Returned(refused.problems, hand_back_refused(path, refused.problems, out, wanted.beside)) from refused
    errors = checked.problems.errors
    if errors and (not wanted.draft or not checked.tables):
        say("写标注件和校验报告")
        raise Stopped(checked, hand_back(path, checked, out, wanted.beside))
    notes: list[str] = []
    files, printed = _files(path, checked, wanted, office, notes, say)
    say("写校验报告，存盘")
    files[REPORT_FILE] = report(path, checked, bool(errors), files)
    files["run.json"] = _run_json(path, checked, files, bool(errors), printed)
    folder = out / folder_name(path, checked)
    elsewhere = write_folder(folder, files)
    if not errors:
        clear_hand_back(path, folder, wanted.beside)
    if elsewhere:
        folder = Path(elsewhere)
        notes.append("原来的文件夹正被别的程序打开，结果写到了新文件夹")
    return Done(folder, tuple(files), checked, "\n".join(notes))


def _files(path: Path, checked: Checked, wanted: Wanted, office: Office | None, notes: list[str], say: Say) -> tuple[dict[str, bytes], Publication | None]:
    """What is published of a checked unit, and its trace, as bytes by name; a draft when there are errors. notes: takes what a person should know."""
    pack, master = checked.pack, checked.master
    is_draft = bool(checked.problems.errors)
    files = documents(checked, is_draft, say, office if wanted.paged or wanted.pdf else None, notes, wanted.charts)
    printed: Publication | None = None
    if wanted.pdf and office is not None:
        say("生成 PDF")
        name = "" if is_draft else safe_name(f"{master.main.text('单位名称')}{master.year}年部门预算公开")
        printed = publication(files, templates(pack), checked.tables, office, workbook=TABLES_FILE, name=name, created=run_date(master))
        files |= printed.files
        notes += [f"{file} 里这些字体不许嵌入，别的电脑上会用别的字体显示：{'、'.join(names)}" for file, names in printed.unembedded.items()]
    if not is_draft:  # a draft with errors is watermarked and stays inside, and its data are nobody's to use
        say("写开放数据")
        files |= open_data(checked)
        say("查有没有不能公开的内容")
        hold_clean(files, pack)
    if wanted.trace:
        say("写溯源")
        raw = read_workbook(path)
        tracer = Tracer(checked.selector, typed_in(raw), origins_in(raw))
        files[TRACE_FILE] = trace_workbook(tracer, f"{master.main.text('单位名称')}{master.year}年", run_date(master))
    return files, printed


def _run_json(path: Path, checked: Checked, files: Mapping[str, bytes], draft: bool, printed: Publication | None) -> bytes:
    pack = checked.pack
    content: dict[str, object] = {
        "程序": f"yusuan {generator.__version__}",
        "套表": pack.id,
        "模板版本": f"{pack.schema.template} {pack.schema.version}",
        "日期": run_date(checked.master).strftime("%Y-%m-%d"),
        "草稿": draft,
        "舍入": checked.printed.report() if checked.printed else {},
        "输入": {path.name: _sha256(path.read_bytes())},
        "套表文件": {f.name: _file_hash(f, f.stat().st_mtime_ns) for f in pack.files},
        "输出": {name: _sha256(data) for name, data in files.items()},
    }
    if printed is not None:
        content["PDF"] = printed.report
    return as_json(content, sort_keys=True)


@cache
def _file_hash(path: Path, stamp: int) -> str:
    """Hashed once per process; `stamp` changes when the file does."""
    return _sha256(path.read_bytes())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
