"""One unit from workbook to folder. The only module that writes results, and it writes all or nothing."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path

import generator
from generator.audit.readback import document_differences, prove, workbook_differences
from generator.bind.bind import bind, pack_id_of
from generator.build.facts import context, known_names
from generator.build.select import Selector
from generator.build.table import build
from generator.model.master import Master
from generator.model.problem import DataError, Level, OutputError, PackError, Place, Problem, Problems
from generator.model.table import Table
from generator.pack.pack import Pack, load_pack, pack_files
from generator.read import RawWorkbook, read_workbook
from generator.render.docx import WordTemplate, headings, open_template, render_docx
from generator.render.pdf import page_numbers, to_pdf
from generator.render.xlsx import workbook
from generator.rules.engine import Outcome, check_rules, run_rules

TABLES_FILE = "预算公开表.xlsx"
Say = Callable[[str], None]


@dataclass(slots=True)
class Checked:
    """A workbook read, bound, checked and its tables built; nothing written yet."""

    pack: Pack
    master: Master
    selector: Selector
    tables: list[Table]
    problems: Problems
    outcomes: list[Outcome] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Done:
    """What a build left behind."""

    folder: Path
    files: tuple[str, ...]
    checked: Checked
    note: str = ""


@cache
def _compiled(pack: str, near: Path | None, stamp: str) -> Pack:
    """The pack, loaded once per process; `stamp` changes when its files do."""
    loaded = load_pack(pack, near)
    check_rules(loaded)
    return loaded


def get_pack(pack: str, near: Path | None = None) -> Pack:
    """The pack by id, folder or zip. PackError when it is unknown or wrong."""
    return _compiled(pack, near, _stamp(pack_files(pack, near)))


def templates(pack: Pack) -> dict[str, WordTemplate]:
    """The pack's Word templates by output name, names held against what the pack knows."""
    found = {}
    for path in pack.documents:
        template = open_template(path)
        template.check_names(known_names(pack))
        found[path.name] = template
    if not found:
        raise PackError(f"套表“{pack.id}”没有说明模板（.docx）")
    return found


def _stamp(files: list[Path]) -> str:
    return "|".join(f"{f}:{f.stat().st_mtime_ns}:{f.stat().st_size}" for f in files)


def check(path: Path, pack_id: str = "", say: Say = lambda text: None) -> Checked:
    """Everything short of writing. Problems are in the result; DataError when the file is no master workbook at all."""
    say(f"读取 {path.name}")
    raw = read_workbook(path)
    return check_raw(raw, get_pack(pack_id or pack_id_of(raw) or _no_pack(path), path.resolve().parent), say)


def check_raw(raw: RawWorkbook, pack: Pack, say: Say = lambda text: None) -> Checked:
    """A workbook already read, bound and checked, its tables built."""
    problems = Problems()
    master = bind(raw, pack, problems)
    selector = Selector(master, pack)
    say("核对")
    outcomes: list[Outcome] = []
    tables: list[Table] = []
    if master.data.get("单位"):
        outcomes = run_rules(selector)
        for outcome in outcomes:
            problems.extend(outcome.problems)
        say(f"生成 {len(pack.tables)} 张表")
        for spec in pack.tables:
            built = build(selector, spec)
            tables.append(built.table)
            if not any(d in master.unread for d in ("单位", "支出", "收入", spec.dataset)):
                problems.extend(built.problems)
        problems.found = _once(problems.found)
    return Checked(pack, master, selector, tables, problems, outcomes)


def _no_pack(path: Path) -> str:
    raise DataError(Problem(Level.ERROR, Place(path.name, "单位信息"), "没有填“套表”，不知道按哪一套表做", "在“单位信息”的“套表”后面填套表编号，或用 --pack 指定"))


def _once(problems: list[Problem]) -> list[Problem]:
    """One root cause, one message: money that several twin tables cannot show is told once, with the tables' numbers."""
    merged: dict[tuple[Place, str], list[Problem]] = {}
    for p in problems:
        merged.setdefault((p.place, p.rule) if p.rule == "表内全覆盖" else (p.place, p.rule + p.message), []).append(p)
    out = []
    for same in merged.values():
        first = same[0]
        if len(same) > 1 and first.rule == "表内全覆盖":
            others = "、".join(dict.fromkeys(re.split("没有放得下", p.message)[0] for p in same[1:]))
            first = Problem(first.level, first.place, f"{first.message}（{others}也一样）", first.hint, first.rule)
        out.append(first)
    return out


def build_set(path: Path, out: Path, pack_id: str = "", draft: bool = False, say: Say = lambda text: None, *, paged: bool = False, pdf: bool = False) -> Done:
    """Check, then write the whole set to out/<年度><单位名称>/.

    paged: lay the Word documents out with LibreOffice to fill the page numbers of the contents (a few seconds); without it
    Word fills them in itself. pdf: also write every document as PDF.
    Raises DataError with every problem when there are errors (not with `draft`), OutputError when it cannot be written,
    UsageError when a PDF was asked for and cannot be made; then nothing is left half-written and an earlier result stands.
    """
    checked = check(path, pack_id, say)
    errors = checked.problems.errors
    if errors and (not draft or not checked.tables):
        raise DataError(*checked.problems.sorted())
    pack, master = checked.pack, checked.master
    files = documents(checked, draft and bool(errors), say, paged or pdf)
    if pdf:
        say("生成 PDF")
        files |= to_pdf(files)
    files["run.json"] = _run_json(path, pack, files, run_date(master), draft and bool(errors))
    folder = out / safe_name(pack.file.folder.replace("{年度}", str(master.year)).replace("{单位名称}", master.main.text("单位名称")))
    note = write_folder(folder, files)
    if note:
        folder = Path(note)
    return Done(folder, tuple(files), checked, "原来的文件夹正被别的程序打开，结果写到了新文件夹" if note else "")


def documents(checked: Checked, draft: bool, say: Say = lambda text: None, paged: bool = False) -> dict[str, bytes]:
    """The workbook and the Word documents of a checked unit, each read back and held against the tables."""
    pack, master, tables = checked.pack, checked.master, checked.tables
    when = run_date(master)
    say("写预算公开表")
    files = {TABLES_FILE: workbook(tables, f"{master.main.text('单位名称')}{master.year}年部门预算公开表", when)}
    prove(TABLES_FILE, workbook_differences(files[TABLES_FILE], tables))
    names = context(checked.selector, tables, pack.tables)
    made = templates(pack)
    watermark = "草稿" if draft else ""
    for name, template in made.items():
        say(f"写{Path(name).stem}")
        files[name] = render_docx(template, names, tables, created=when, watermark=watermark)
    if paged:
        say("排版，填目录页码")
        laid_out = to_pdf({name: files[name] for name in made})
        for name, template in made.items():
            marks = [(h.bookmark, h.text) for h in headings(files[name])]
            pages = page_numbers(laid_out[f"{Path(name).stem}.pdf"], marks)
            if marks and len(pages) == len(marks):
                files[name] = render_docx(template, names, tables, created=when, watermark=watermark, pages=pages)
    for name, template in made.items():
        prove(name, document_differences(files[name], tables, template.places_all))
    return files


def run_date(master: Master) -> datetime:
    """The date in the files: publication, else approval, else New Year of the budget year. Never the clock: same input, same bytes."""
    for name in ("公开日期", "批复日期"):
        value = master.lines.get(name)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day)
    return datetime(master.year if 1980 <= master.year <= 9999 else 2000, 1, 1)


def _run_json(path: Path, pack: Pack, files: Mapping[str, bytes], when: datetime, draft: bool) -> bytes:
    content = {
        "程序": f"yusuan {generator.__version__}",
        "套表": pack.id,
        "模板版本": f"{pack.schema.template} {pack.schema.version}",
        "日期": when.strftime("%Y-%m-%d"),
        "草稿": draft,
        "输入": {path.name: _sha256(path.read_bytes())},
        "套表文件": {f.name: _file_hash(f, f.stat().st_mtime_ns) for f in pack.files},
        "输出": {name: _sha256(data) for name, data in files.items()},
    }
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


@cache
def _file_hash(path: Path, stamp: int) -> str:
    """Hashed once per process; `stamp` changes when the file does."""
    return _sha256(path.read_bytes())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def safe_name(name: str) -> str:
    """A name that every file system takes: no separators or control characters, not empty, not too long."""
    cleaned = re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "_", name).strip(" .")
    return cleaned[:80] or "预算公开"


def write_folder(folder: Path, files: Mapping[str, bytes]) -> str:
    """The files as `folder`, all or nothing. Returns another folder's path when `folder` is held open by a program (Windows).

    New files go to a hidden folder beside it, which then takes its place by renaming; a kill between the two renames is
    mended by the next run (`_recover`).
    """
    parent = folder.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        _recover(folder)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.new-", dir=parent))
    except OSError as e:
        raise OutputError(f"写不进输出文件夹 {parent}：{_reason(e)}") from None
    try:
        for name, data in files.items():
            target = fresh / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as f:
                f.write(data)
                f.flush()
                os.fsync(f.fileno())
        fresh.chmod(0o755)
        for n in range(1, 100):
            goal = folder if n == 1 else folder.with_name(f"{folder.name}({n})")
            if _swap(fresh, goal):
                return "" if n == 1 else str(goal)
    except OSError as e:
        raise OutputError(f"写不进输出文件夹 {parent}：{_reason(e)}") from None
    finally:
        if fresh.exists():
            shutil.rmtree(fresh, ignore_errors=True)
    raise OutputError(f"写不进 {folder}：文件夹正被别的程序打开，请关闭后再运行")


def _swap(fresh: Path, folder: Path) -> bool:
    """Puts `fresh` in the place of `folder`; False when `folder` is held open."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} 是一个文件，不是文件夹；请改名或删除后再运行")
    old = _old(folder)
    if folder.exists():
        try:
            folder.rename(old)
        except PermissionError:
            return False
    try:
        fresh.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)
    return True


def _old(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.old")


def _recover(folder: Path) -> None:
    """After a kill between the two renames the earlier result is brought back; leftovers of killed runs are removed."""
    old = _old(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
    elif old.exists():
        shutil.rmtree(old, ignore_errors=True)
    for left in folder.parent.glob(f".{glob_escape(folder.name)}.new-*"):
        shutil.rmtree(left, ignore_errors=True)


def glob_escape(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)


def _reason(e: OSError) -> str:
    reasons = {13: "没有写权限", 28: "磁盘已满", 30: "磁盘是只读的", 36: "路径太长"}
    return reasons.get(e.errno or 0, e.strerror or str(e))


def write_file(path: Path, data: bytes) -> None:
    """One file, whole or not at all; the folder is made when it is missing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as f:
            f.write(data)
        Path(name).replace(path)
    except OSError as e:
        raise OutputError(f"写不进 {path}：{_reason(e)}") from None
