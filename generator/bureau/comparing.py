"""What `diff` is given, made comparable: masters, folders of masters, finished sets and documents."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum
from io import StringIO
from pathlib import Path

from generator.bind.bind import bind, pack_id_of
from generator.bind.sheets import words
from generator.build.named import squeezed
from generator.build.open_data import FIGURES, resources
from generator.build.rounding import printed_set
from generator.build.select import Selector
from generator.bureau.compare import Comparison, Side, compare
from generator.bureau.consolidate import consolidate
from generator.bureau.difference import Renames
from generator.bureau.views import DIMENSIONS, built_view, figure_views, read_views
from generator.model.problem import DataError, Level, Place, Problem, Problems, UsageError
from generator.pack.schema import folded
from generator.published.extract import read_published
from generator.published.facts import is_form
from generator.published.tables import read_tables
from generator.read import read_workbook
from generator.render.chart_sheet import SHEET_NAMES
from generator.render.data_package import FOLDER, written
from generator.run import TABLES_FILE, Say
from generator.run.checking import pack_of

FIELDS = {"单位": "单位编码", "功能科目": "功能科目编码", "部门经济": "部门经济编码", "来源": "资金来源", "项目": "项目名称"}
MASTER_NAMES = {folded(n) for n in ("单位信息", "单位基本信息", "基本信息")}
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods")


def compared(before: Path, after: Path, mapping: Path | None = None, pack_id: str = "", say: Say = lambda text: None) -> Comparison:
    """The comparison of two inputs. DataError when one cannot be read, UsageError when it is nothing that can be compared."""
    renames = read_renames(mapping) if mapping else {}
    found = [_input(p, pack_id, say) for p in (before, after)]
    say("比对")
    how = By.KEYS if all(isinstance(f, Selector) for f in found) else By.WORDS if any(isinstance(f, Path) for f in found) else By.FIGURES
    sides = [_side(f, str(p), how) for f, p in zip(found, (before, after), strict=True)]
    known = [s.year for s in sides if s.year]
    sides = [s if s.year or not known else replace(s, year=known[0]) for s in sides]
    made = compare(sides[0], sides[1], renames)
    return replace(made, notes=(*made.notes, *NOTES[how]))


class By(Enum):
    """What tables are matched by: the keys of the facts; figures with their codes, of a result folder; printed words, of any document."""

    KEYS = 0
    FIGURES = 1
    WORDS = 2


NOTES = {
    By.KEYS: (),
    By.FIGURES: ("有一边是结果文件夹，比的是各表里的数；两边都给主工作簿，还能比明细和文字",),
    By.WORDS: ("有一边是公开的文件，比的是认得出的表，按印出来的行名、栏名对应，申报表不比；两边都给主工作簿，还能比明细和文字",),
}


@dataclass(frozen=True, slots=True)
class _Result:
    """A result folder by its open data."""

    folder: Path
    year: int
    figures: list[dict[str, str]]
    titles: dict[str, str]


def _input(path: Path, pack_id: str, say: Say) -> Selector | _Result | Path:
    """The facts of a master or of a folder of masters; the figures of a result; for other documents, where they are."""
    if not path.exists():
        raise UsageError(f"找不到 {path}；请核对文件名")
    say(f"读取 {path.name}")
    if path.is_dir():
        if (path / FOLDER / "公开表.csv").is_file():
            return _result(path)
        if (path / TABLES_FILE).is_file():
            return path / TABLES_FILE
        made = consolidate([path], pack_id, say=say)
        return Selector(made.master, made.pack)
    if path.suffix.lower() not in WORKBOOKS:
        return path
    raw = read_workbook(path)
    if not (pack_id or pack_id_of(raw)) or not any(folded(s.name) in MASTER_NAMES for s in raw.sheets):
        return path
    problems = Problems()
    pack = pack_of(raw, path, pack_id)
    master = bind(raw, pack, problems)
    if problems.errors or not master.data.get("单位"):
        raise DataError(*problems.sorted())
    return Selector(master, pack)


def _result(folder: Path) -> _Result:
    try:
        figures, tables = (_rows((folder / FOLDER / f"{name}.csv").read_bytes()) for name in ("公开表", "表目录"))
        titles = {row["表号"]: row["表名"] for row in tables}
        years = {int(row["年度"]) for row in figures}
        missing = [n for n in ("工作表", "单元格", "表号", "行", "栏", "印数", "计量单位", *DIMENSIONS) if figures and n not in figures[0]]
        if missing or not {row["表号"] for row in figures} <= set(titles):
            raise ValueError
        all(Decimal(row["印数"]) for row in figures)
    except (OSError, ValueError, KeyError, ArithmeticError):
        raise DataError(Problem(Level.ERROR, Place(f"{folder.name}/{FOLDER}/公开表.csv"), "读不出来，或者被改过", "重新生成这个单位的结果，或者给主工作簿")) from None
    return _Result(folder, max(years, default=0), figures, titles)


def _rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(data.decode("utf-8-sig"), newline="")))


def _side(found: Selector | _Result | Path, name: str, how: By) -> Side:
    if isinstance(found, Selector):
        return _master_side(found, name, how)
    if isinstance(found, _Result) and how is By.FIGURES:
        return Side(f"{name}（已生成，{len(found.titles)} 张表）", found.year, tuple(figure_views(found.figures, found.titles, found.year)))
    path = found.folder / TABLES_FILE if isinstance(found, _Result) else found
    document = read_published(path)
    tables = [t for t in read_tables(document) if not is_form(t) and "目录" not in squeezed(t.spot.part + t.title) and not (t.spot.sheet and t.spot.part in SHEET_NAMES)]
    if not tables:
        raise DataError(Problem(Level.ERROR, Place(path.name), "里面没有认得出的表，也不是主工作簿", "给主工作簿、结果文件夹，或公开的 Excel、Word、PDF"))
    years = Counter(re.findall(r"((?:19|20)\d\d)年", " ".join([path.name, *(t.title for t in tables), *(p.text for p in document.paragraphs)][:200])))
    year = int(years.most_common(1)[0][0]) if years else 0
    return Side(f"{name}（公开件，{len(tables)} 张表）", year, tuple(read_views(tables, year)))


def _master_side(found: Selector, name: str, how: By) -> Side:
    printed, pack, year = printed_set(found), found.pack, found.master.year
    if how is By.FIGURES:
        figures = next(r for r in resources(found, printed) if r.name == FIGURES)
        names = [f.name for f in figures.fields]
        rows = [dict(zip(names, map(written, row), strict=True)) for row in figures.rows]
        tables = tuple(figure_views(rows, {t.number: t.title for t in pack.tables}, year))
    else:
        both = [(b.table, spec) for b, spec in zip(printed.built, pack.tables, strict=True) if how is By.KEYS or spec.kind != "申报表"]
        tables = tuple(built_view(table, spec, year, how is By.KEYS) for table, spec in both)
    return Side(f"{name}（{found.master.main.text('单位名称')} {year} 年，{pack.file.name or pack.id}）", year, tables, found)


def read_renames(path: Path) -> Renames:
    """The table of changed codes and names: 类别, 原来, 现在. DataError when a line says nothing that is known."""
    raw = read_workbook(path)
    found: dict[str, dict[str, str]] = {}
    problems = Problems()
    for sheet in raw.sheets:
        columns: dict[str, int] = {}
        for row in range(1, sheet.height + 1):
            texts = {words(sheet.cell(row, c)): c for c in range(1, sheet.width + 1)}
            if not columns:
                columns = {n: texts[n] for n in ("类别", "原来", "现在") if n in texts}
                columns = columns if len(columns) == 3 else {}
                continue
            kind, old, new = (words(sheet.cell(row, columns[n])) for n in ("类别", "原来", "现在"))
            if not (kind or old or new):
                continue
            if kind not in FIELDS or not old or not new:
                problems.error(sheet.place(row, columns["类别"]), f"不认识类别“{kind}”" if kind not in FIELDS else "“原来”“现在”都要填", f"类别只能是：{'、'.join(FIELDS)}", "对照")
                continue
            found.setdefault(FIELDS[kind], {})[old] = new
            if kind == "来源":
                found.setdefault("收入来源", {})[old] = new
    if problems.errors:
        raise DataError(*problems.found)
    if not found:
        raise UsageError(f"{path.name} 里没有“类别、原来、现在”三列")
    return found
