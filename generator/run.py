"""One unit from workbook to folder. The only module that writes results, and it writes all or nothing."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from pathlib import Path

import generator
from generator.audit.clean import allowed_by, unclean
from generator.audit.readback import document_differences, prove, workbook_differences
from generator.bind.bind import bind, pack_id_of
from generator.build.facts import known_names
from generator.build.paper import on_paper
from generator.build.rounding import RULE as ROUNDING
from generator.build.rounding import PrintedSet, printed_names, printed_set
from generator.build.select import Selector
from generator.build.trace import Tracer, typed_in
from generator.model.master import Master
from generator.model.problem import DataError, Level, OutputError, PackError, Place, Problem, Problems
from generator.model.table import Table
from generator.pack.pack import Pack, load_pack, pack_files
from generator.read import RawWorkbook, read_workbook
from generator.render.docx import WordTemplate, headings, open_template, render_docx
from generator.render.fonts import fonts_of
from generator.render.marked import About, is_untouched, marked_copy
from generator.render.pdf import page_numbers, to_pdf
from generator.render.report import FAILED, NOT_RUN, PASSED, FiguresLine, Report, RuleLine, TableLine, report_workbook
from generator.render.trace import trace_workbook
from generator.render.xlsx import workbook
from generator.rules.engine import Outcome, Status, check_rules, run_rules

TABLES_FILE = "预算公开表.xlsx"
REPORT_FILE = "校验报告.xlsx"
MARKED = "（校验）"  # ends the name of a marked copy, and of the folder that holds the report when there is no result
TRACE_FILE = "内部/溯源.xlsx"  # in a folder of its own: it names the cells of the unit's workbook and is not for publication
Say = Callable[[str], None]


@dataclass(slots=True)
class Checked:
    """A workbook read, bound, checked and its tables built; nothing written yet.

    coverage: table number → (通过, 未通过 or 未能核对; why): whether the table shows all its money.
    """

    pack: Pack
    master: Master
    selector: Selector
    tables: list[Table]
    problems: Problems
    outcomes: list[Outcome] = field(default_factory=list)
    coverage: dict[str, tuple[str, str]] = field(default_factory=dict)
    printed: PrintedSet | None = None  # how the tables were rounded; None when they were built without asking the pack


@dataclass(frozen=True, slots=True)
class Done:
    """What a build left behind."""

    folder: Path
    files: tuple[str, ...]
    checked: Checked
    note: str = ""


class Stopped(DataError):
    """Errors stopped the build. notes: what was left for the clerk to mend them with, a line each."""

    def __init__(self, problems: list[Problem], notes: list[str]) -> None:
        super().__init__(*problems)
        self.notes = notes


@cache
def _compiled(pack: str, near: Path | None, stamp: str) -> Pack:
    """The pack, loaded once per process; `stamp` changes when its files do."""
    loaded = load_pack(pack, near)
    check_rules(loaded)
    gc.collect()
    gc.freeze()  # a pack's many small objects stay for the life of the process; looking at them again and again doubles the time of a unit
    return loaded


def get_pack(pack: str, near: Path | None = None) -> Pack:
    """The pack by id, folder or zip. PackError when it is unknown or wrong."""
    return _compiled(pack, near, _stamp(pack_files(pack, near)))


def templates(pack: Pack) -> dict[str, WordTemplate]:
    """The pack's Word templates by output name, names held against what the pack knows."""
    found = {}
    for path in pack.documents:
        template = open_template(path, pack.file.fonts)
        template.check_names(known_names(pack))
        found[path.name] = template
    if not found:
        raise PackError(f"套表“{pack.id}”没有说明模板（.docx）")
    return found


def fonts(checked: Checked) -> set[str]:
    """The fonts that a unit's tables and explanation name."""
    return set().union(*(fonts_of(template.parts, checked.tables) for template in templates(checked.pack).values()))


def _stamp(files: list[Path]) -> str:
    return "|".join(f"{f}:{f.stat().st_mtime_ns}:{f.stat().st_size}" for f in files)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """The garbage collector off while one unit is worked on: nearly all it would look at lives until the unit is done, and
    looking costs a quarter of the time. On again afterwards, as it was."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@_no_collecting()
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
    coverage: dict[str, tuple[str, str]] = {}
    printed: PrintedSet | None = None
    if master.data.get("单位"):
        say(f"生成 {len(pack.tables)} 张表")
        printed = printed_set(selector)
        for spec, built in zip(pack.tables, printed.built, strict=True):
            tables.append(on_paper(built.table))
            unread = next((master.unread[d] for d in ("单位", "支出", "收入", spec.dataset) if d in master.unread), None)
            if unread is None:
                problems.extend(built.problems)
                coverage[spec.number] = (FAILED if built.problems else PASSED, "；".join(p.message for p in built.problems))
            else:
                coverage[spec.number] = (NOT_RUN, f"“{unread.sheet}”里有读不出来的内容（{unread.cell or '整张表'}），改好后再核对")
        problems.extend(printed.problems if not master.unread else ())
        outcomes = _outcomes(selector, printed)
        for outcome in outcomes:
            problems.extend(outcome.problems)
        problems.found = _once(problems.found)
    return Checked(pack, master, selector, tables, problems, outcomes, coverage, printed)


def _outcomes(selector: Selector, printed: PrintedSet) -> list[Outcome]:
    """The pack's rules over the facts as typed and tables of exact amounts; those about what the explanation says, as it says it."""
    outcomes = run_rules(selector, printed.exact)
    if printed.selector is selector:
        return outcomes
    said = run_rules(printed.selector, printed.exact)
    return [other if other.rule.kind in ("reasons", "quoted_figures") else own for own, other in zip(outcomes, said, strict=True)]


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


@_no_collecting()
def build_set(path: Path, out: Path, pack_id: str = "", draft: bool = False, say: Say = lambda text: None, *, paged: bool = False, pdf: bool = False, trace: bool = False) -> Done:
    """Check, then write the whole set to out/<年度><单位名称>/.

    paged: lay the Word documents out with LibreOffice to fill the page numbers of the contents (a few seconds); without it
    Word fills them in itself. pdf: also write every document as PDF. trace: also write 内部/溯源.xlsx.
    Raises DataError with every problem when there are errors (not with `draft`), OutputError when it cannot be written,
    UsageError when a PDF was asked for and cannot be made; also DataError when a finished file holds what must not be
    published (audit.clean); then nothing is left half-written and an earlier result stands.
    """
    checked = check(path, pack_id, say)
    errors = checked.problems.errors
    if errors and (not draft or not checked.tables):
        say("写标注件和校验报告")
        raise Stopped(checked.problems.sorted(), hand_back(path, checked, out))
    pack, master = checked.pack, checked.master
    files = documents(checked, draft and bool(errors), say, paged or pdf)
    if pdf:
        say("生成 PDF")
        files |= to_pdf(files)
    if not (draft and errors):  # a draft with errors is watermarked and stays inside
        say("查有没有不能公开的内容")
        hold_clean(files, pack)
    if trace:
        say("写溯源")
        tracer = Tracer(checked.selector, typed_in(read_workbook(path)))
        files[TRACE_FILE] = trace_workbook(tracer, f"{master.main.text('单位名称')}{master.year}年", run_date(master))
    files[REPORT_FILE] = report(path, checked, draft and bool(errors), files)
    files["run.json"] = _run_json(path, checked, files, draft and bool(errors))
    folder = out / folder_name(path, checked)
    note = write_folder(folder, files)
    if not errors:
        _clear_hand_back(path, folder)
    if note:
        folder = Path(note)
    return Done(folder, tuple(files), checked, "原来的文件夹正被别的程序打开，结果写到了新文件夹" if note else "")


def hold_clean(files: Mapping[str, bytes], pack: Pack) -> None:
    """DataError when a file that is to be published holds what must not be: persons' data, secrecy marks, comments, hidden sheets …"""
    allowed = allowed_by(pack)
    dirty = [problem for name, data in files.items() for problem in unclean(name, data, allowed)]
    if dirty:
        raise DataError(*dirty)


def folder_name(path: Path, checked: Checked) -> str:
    """The folder of a unit's result as its pack wants it called; the workbook's own name when no unit could be read."""
    master = checked.master
    if not master.data.get("单位"):
        return safe_name(path.stem)
    return safe_name(checked.pack.file.folder.replace("{年度}", str(master.year)).replace("{单位名称}", master.main.text("单位名称")))


# --- what the clerk mends with ----------------------------------------------------------------------------------------


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
    numbers = {t.number: sum(c.shown is not None for line in t.lines for c in line.cells) for t in checked.tables}
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


def hand_back(path: Path, checked: Checked, out: Path) -> list[str]:
    """Writes what the clerk mends with and says where, a line each; a folder that cannot be written is said, not raised.

    The marked copy stands beside the workbook, else in out/<年度><单位名称>（校验）/, where the report is. A result of an
    earlier build stays as it is.
    """
    folder = out / f"{folder_name(path, checked)}{MARKED}"
    notes = []
    if checked.problems.found:
        try:
            suffix, data = marked_copy(path, checked.problems.sorted(), about(checked))
            notes.append(_write_copy(path, folder, suffix, data))
        except DataError as e:  # the program could read its cells, but a part that only the copy needs is broken
            notes.append(f"标注件没有写成：{e.problems[0].message}")
        except OutputError as e:
            notes.append(f"标注件没有写成：{e}")
    else:
        _clear_copies(path, path.parent)
    try:
        write_file(folder / REPORT_FILE, report(path, checked))
        notes.append(f"校验报告：{folder / REPORT_FILE}")
    except OutputError as e:
        notes.append(f"校验报告没有写成：{e}")
    return notes


def _write_copy(path: Path, folder: Path, suffix: str, data: bytes) -> str:
    """The marked copy under the first name that costs nobody any work. OutputError when no folder takes it."""
    for name in list(_free_copies(path, path.parent, suffix))[:2]:  # the second when a program holds the first one open
        try:
            write_file(name, data)
            return f"标注件：{name}"
        except OutputError:
            continue
    other = next(_free_copies(path, folder, suffix), None)
    if other is None:
        raise OutputError(f"{folder} 里已经有 99 份标注件，请删去不要的")
    write_file(other, data)
    return f"标注件：{other}（主工作簿所在的文件夹写不进，写到了这里）"


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


def _clear_hand_back(path: Path, result: Path) -> None:
    """After a build that went through, what an earlier refusal had left."""
    _clear_copies(path, path.parent)
    folder = result.with_name(result.name + MARKED)
    if folder.is_dir():
        _clear_copies(path, folder)
        try:
            (folder / REPORT_FILE).unlink(missing_ok=True)
            folder.rmdir()
        except OSError:
            pass  # something of the user's is in it, or a program holds it open


def tracer(path: Path, pack_id: str = "", say: Say = lambda text: None) -> tuple[Tracer, int]:
    """Who answers where the figures of a workbook come from, and how many errors the workbook has."""
    say(f"读取 {path.name}")
    raw = read_workbook(path)
    pack = get_pack(pack_id or pack_id_of(raw) or _no_pack(path), path.resolve().parent)
    problems = Problems()
    master = bind(raw, pack, problems)
    if not master.data.get("单位"):
        raise DataError(*problems.sorted())
    return Tracer(Selector(master, pack), typed_in(raw)), len(problems.errors)


def documents(checked: Checked, draft: bool, say: Say = lambda text: None, paged: bool = False) -> dict[str, bytes]:
    """The workbook and the Word documents of a checked unit, each read back and held against the tables."""
    pack, master, tables = checked.pack, checked.master, checked.tables
    when = run_date(master)
    say("写预算公开表")
    files = {TABLES_FILE: workbook(tables, f"{master.main.text('单位名称')}{master.year}年部门预算公开表", when)}
    prove(TABLES_FILE, workbook_differences(files[TABLES_FILE], tables))
    names = printed_names(checked.selector, checked.printed, tables, pack.tables)
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


def _run_json(path: Path, checked: Checked, files: Mapping[str, bytes], draft: bool) -> bytes:
    pack = checked.pack
    content = {
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
        try:
            with os.fdopen(handle, "wb") as f:
                f.write(data)
            Path(name).chmod(0o644)
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as e:
        raise OutputError(f"写不进 {path}：{_reason(e)}") from None
