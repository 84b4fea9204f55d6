"""What `diff` is given, made comparable: masters, folders of masters, finished sets and documents."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from generator.bind.bind import bind, pack_id_of
from generator.bind.sheets import words
from generator.build.rounding import printed_set
from generator.build.select import Selector
from generator.bureau.compare import Comparison, Renames, Side, compare
from generator.bureau.consolidate import consolidate
from generator.bureau.views import built_view, read_views
from generator.model.problem import DataError, Level, Place, Problem, Problems, UsageError
from generator.pack.schema import folded
from generator.published.extract import read_published
from generator.published.tables import read_tables
from generator.read import RawWorkbook, read_workbook
from generator.run import TABLES_FILE, Say, get_pack

FIELDS = {"单位": "单位编码", "功能科目": "功能科目编码", "部门经济": "部门经济编码", "来源": "资金来源", "项目": "项目名称"}
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".et", ".ods")


def compared(before: Path, after: Path, mapping: Path | None = None, pack_id: str = "", say: Say = lambda text: None) -> Comparison:
    """The comparison of two inputs. DataError when one cannot be read, UsageError when it is nothing that can be compared."""
    renames = read_renames(mapping) if mapping else {}
    found = [_input(p, pack_id, say) for p in (before, after)]
    keyed = all(isinstance(f, Selector) for f in found)
    say("比对")
    names = [str(p) for p in (before, after)]
    sides = [_side(f, name, keyed) for f, name in zip(found, names, strict=True)]
    known = [s.year for s in sides if s.year]
    sides = [s if s.year or not known else Side(s.name, known[0], s.tables, s.selector) for s in sides]
    return compare(sides[0], sides[1], renames)


def _input(path: Path, pack_id: str, say: Say) -> Selector | Path:
    """The facts of a master or of a folder of masters; for finished documents, where they are."""
    if not path.exists():
        raise UsageError(f"找不到 {path}；请核对文件名")
    say(f"读取 {path.name}")
    if path.is_dir():
        if (path / TABLES_FILE).is_file():
            return path / TABLES_FILE
        made = consolidate([path], pack_id, say=say)
        return Selector(made.master, made.pack)
    if path.suffix.lower() not in WORKBOOKS:
        return path
    raw = read_workbook(path)
    wanted = pack_id or pack_id_of(raw)
    if not wanted or not _is_master(raw):
        return path
    problems = Problems()
    pack = get_pack(wanted, path.resolve().parent)
    master = bind(raw, pack, problems)
    if problems.errors or not master.data.get("单位"):
        raise DataError(*problems.sorted())
    return Selector(master, pack)


def _is_master(raw: RawWorkbook) -> bool:
    return any(folded(s.name) in (folded("单位信息"), folded("单位基本信息"), folded("基本信息")) for s in raw.sheets) or bool(pack_id_of(raw))


def _side(found: Selector | Path, name: str, keyed: bool) -> Side:
    if isinstance(found, Selector):
        built = printed_set(found).built
        year = found.master.year
        tables = tuple(built_view(b.table, spec, year, keyed) for b, spec in zip(built, found.pack.tables, strict=True))
        unit = found.master.main.text("单位名称")
        return Side(f"{name}（{unit} {year} 年，{found.pack.file.name or found.pack.id}）", year, tables, found)
    document = read_published(found)
    tables_read = read_tables(document)
    if not tables_read:
        raise DataError(Problem(Level.ERROR, Place(found.name), "里面没有认得出的表，也不是主工作簿", "给主工作簿、结果文件夹，或公开的 Excel、Word、PDF"))
    years = Counter(re.findall(r"((?:19|20)\d\d)年", " ".join([found.name, *(t.title for t in tables_read), *(p.text for p in document.paragraphs)][:200])))
    year = int(years.most_common(1)[0][0]) if years else 0
    return Side(f"{name}（公开件，{len(tables_read)} 张表）", year, tuple(read_views(tables_read, year)))


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
