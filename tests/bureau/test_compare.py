"""diff: nothing where nothing changed; each single change found, and only it; names and codes that changed; documents."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from generator.build.rounding import printed_set
from generator.build.select import Selector
from generator.bureau.compare import Comparison, Side, compare
from generator.bureau.comparing import compared
from generator.bureau.difference import Kind
from generator.bureau.views import built_view
from generator.cli import main
from generator.model.problem import DataError, UsageError
from tests.support import SAMPLES, bound_sheets, minimal, sample, selector_of, write


@cache
def selector(name: str) -> Selector:
    return selector_of(sample(name), name)


def side(of: Selector, name: str = "甲") -> Side:
    built = printed_set(of).built
    return Side(name, of.master.year, tuple(built_view(b.table, spec, of.master.year) for b, spec in zip(built, of.pack.tables, strict=True)), of)


def of_sheets(**changed) -> Side:
    found, problems = bound_sheets(minimal(**changed))
    assert not problems.errors, problems.errors
    return side(found)


def rows(sheet: str, change: Callable[[list[list]], None]) -> dict:
    """minimal() with one sheet changed."""
    made = [list(r) for r in minimal()[sheet]]
    change(made)
    return {sheet: made}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_set_against_itself_is_empty(name):
    found = compare(side(selector(name)), side(selector(name)))
    assert found.empty
    assert not found.notes


@pytest.mark.parametrize("name", SAMPLES)
def test_order_says_nothing(name):
    """Sheets with their lines in another order: the same records, tables whose order is the facts' own may differ in nothing but that."""
    of = selector(name)
    rng = random.Random(3)
    typed = {s: tuple(rng.sample(r, len(r))) for s, r in of.master.typed.items()}
    shuffled = Selector(replace(of.master, typed=typed), of.pack)
    assert not compare(side(of), replace(side(of), selector=shuffled)).records


def cell_of(path: Path, sheet: str, row: int, column: int, value: object) -> None:
    book = openpyxl.load_workbook(path)
    book[sheet].cell(row, column).value = value
    book.save(path)


def amounts(name: str) -> list:
    """Cells of this year's expenditure that stand alone under their key and are not adjusted: one cell, one fact."""
    of = selector(name)
    found = []
    for sheet, records in of.master.typed.items():
        keys = [
            (r.text("单位编码"), r.text("功能科目编码"), r.text("部门经济编码"), r.text("子项"), r.text("项目名称"), r.text("资金来源"), r.text("支出类型"), r.text("拨款方式"), r.text("资金级次"))
            for r in records
        ]
        found += [(sheet, r) for r, k in zip(records, keys, strict=True) if "支出" in sheet and r.amounts.get("本年") and keys.count(k) == 1]
    return found


@pytest.mark.parametrize("name", [n for n in SAMPLES if n != "performance-2021"])
@pytest.mark.parametrize("seed", range(3))
def test_one_changed_amount_is_found_and_only_it(name, seed, tmp_path):
    rng = random.Random(f"{name}{seed}")
    _, record = rng.choice(amounts(name))
    of = selector(name)
    place = record.at("本年")
    book = openpyxl.load_workbook(sample(name))
    cell = book[place.sheet].cell(place.row, place.column)
    factor = record.amounts["本年"] / Decimal(repr(cell.value))
    cell.value = float(Decimal(repr(cell.value)) + Decimal(12300) / factor)
    path = tmp_path / "乙.xlsx"
    book.save(path)
    found = compare(side(of), side(selector_of(path, name)))
    (only,) = found.records
    assert (only.part, only.kind, only.before, only.after, only.unit) == ("支出", Kind.CHANGED, record.amounts["本年"], record.amounts["本年"] + 12300, "元")
    assert only.place[0] == str(place)
    assert not found.texts
    assert found.tables, "the tables that show it"
    assert all(d.kind is Kind.CHANGED and d.change for d in found.tables if not isinstance(d.after, str) and d.before is not None and d.after is not None)
    assert abs(max((d.change or 0 for d in found.tables), default=0) - Decimal("1.23")) <= Decimal("0.01")


CHANGES = [
    ("本年金额", rows("项目支出", lambda r: r[2].__setitem__(5, 41000)), [("支出", "改", "本年预算数", Decimal(40000), Decimal(41000))]),
    ("上年从空到有", rows("项目支出", lambda r: r[2].__setitem__(6, 30000)), [("支出", "改", "上年预算数", None, Decimal(30000))]),
    ("空和 0 不一样", rows("项目支出", lambda r: r[2].__setitem__(6, 0)), [("支出", "改", "上年预算数", None, Decimal(0))]),
    ("删去一行", rows("项目支出", lambda r: r.pop(2)), [("支出", "删去", "本年预算数", Decimal(40000), None)]),
    ("增加一行", rows("收入", lambda r: r.append(["124001", "其他收入", 500])), [("收入", "增加", "本年预算数", None, Decimal(500))]),
    ("改码", rows("项目支出", lambda r: r[2].__setitem__(3, "30202")), [("支出", "改名改码", "部门经济编码", "30201 办公费", "30202 印刷费")]),
    (
        "功能科目改码又改数",
        rows("项目支出", lambda r: (r[2].__setitem__(2, "2010399"), r[2].__setitem__(5, 41000))),
        [("支出", "删去", "本年预算数", Decimal(40000), None), ("支出", "增加", "本年预算数", None, Decimal(41000))],
    ),
    ("项目库的一项", rows("项目库", lambda r: r[1].__setitem__(2, "行政事业类")), [("项目", "改", "项目类别", "其他专项类", "行政事业类")]),
    ("单位性质", {"单位信息": [r if i != 4 else ["124001", "甲局", "124", "甲部门", "参公"] for i, r in enumerate(minimal()["单位信息"])]}, [("单位", "改", "单位性质", "行政", "参公")]),
]


@pytest.mark.parametrize(("name", "changed", "wanted"), CHANGES, ids=[c[0] for c in CHANGES])
def test_each_kind_of_change(name, changed, wanted):
    found = compare(of_sheets(), of_sheets(**changed))
    assert [(d.part, str(d.kind), d.item, d.before, d.after) for d in found.records] == wanted
    assert not found.texts


def test_a_renamed_project_is_one_thing_everywhere():
    sheets = minimal()
    for sheet in ("项目支出", "项目库"):
        sheets[sheet] = [[("甲项目（一期）" if v == "甲项目" else v) for v in r] for r in sheets[sheet]]
    found = compare(of_sheets(), of_sheets(**sheets))
    assert {(d.part, str(d.kind), d.item, d.before, d.after) for d in found.records} == {
        ("支出", "改名改码", "项目名称", "甲项目", "甲项目（一期）"),
        ("项目", "改名改码", "项目名称", "甲项目", "甲项目（一期）"),
    }
    assert not [d for d in found.tables if d.kind in (Kind.ADDED, Kind.REMOVED)], found.tables


def test_texts_are_told_by_their_topic():
    sheets = minimal()
    sheets["文字说明"] = [["职能职责", "职能职责换了内容"] if r[0] == "职能职责" else r for r in sheets["文字说明"] if r[0] != "机构设置"]
    found = compare(of_sheets(), of_sheets(**sheets))
    assert [(str(d.kind), d.what, d.before, d.after) for d in found.texts] == [("改", "职能职责", "职能职责的内容", "职能职责换了内容"), ("删去", "机构设置", "机构设置的内容", None)]
    assert found.texts[0].place[1].endswith("文字说明!B3")


def test_figures_of_the_explanation_changed_or_not():
    found = compare(of_sheets(), of_sheets(**rows("项目支出", lambda r: r[2].__setitem__(5, 41000))))
    figures = {name: (before, after) for name, _, before, after in found.figures}
    assert figures["项目支出"] == (40000, 41000)
    assert figures["收入总计"] == (100000, 100000)


def years(later: dict, year: str = "2023") -> tuple[Side, Side]:
    units = [[("2023" if v == "2022" else v) for v in r] for r in minimal()["单位信息"]] if year == "2023" else minimal()["单位信息"]
    return of_sheets(), of_sheets(**{"单位信息": units, **later})


def test_two_years_and_last_year_told_again():
    before, after = years(rows("项目支出", lambda r: r[2].__setitem__(6, 39000)))
    found = compare(before, after)
    told = {(d.part, d.what): (d.before, d.after) for d in found.restated}
    assert told[("支出·上年数", "124001，项目支出，甲项目")] == (40000, 39000)
    assert ("单位信息", "年度") in {(d.part, d.what) for d in found.records}


def test_another_unit_code_is_the_same_unit():
    sheets = {s: [[("124009" if v == "124001" else v) for v in r] for r in found] for s, found in minimal().items()}
    found = compare(of_sheets(), of_sheets(**sheets))
    assert found.notes == ("124001 甲局 现在是 124009 甲局，当作同一个单位",)
    assert not found.records
    assert not [d for d in found.tables if d.kind in (Kind.ADDED, Kind.REMOVED)], found.tables


def test_codes_that_are_known_to_have_changed(tmp_path):
    table = write(tmp_path / "对照.xlsx", {"对照": [["类别", "原来", "现在"], ["功能科目", "2010302", "2010399"]]})
    a = write(tmp_path / "a.xlsx", minimal())
    b = write(tmp_path / "b.xlsx", minimal(**rows("项目支出", lambda r: (r[2].__setitem__(2, "2010399"), r[2].__setitem__(5, 41000)))))
    found = compared(a, b, table)
    assert [(d.item, d.before, d.after) for d in found.records] == [("本年预算数", 40000, 41000)]
    bad = write(tmp_path / "坏.xlsx", {"对照": [["类别", "原来", "现在"], ["科目", "2010302", "2010399"]]})
    with pytest.raises(DataError, match=r"坏\.xlsx!对照!A2.*类别“科目”"):
        compared(a, b, bad)


@cache
def built(name: str) -> Path:
    import tempfile

    from generator.run import build_set

    return build_set(sample(name), Path(tempfile.mkdtemp())).folder


@pytest.mark.parametrize("name", ["zengdu-2023", "pingjiang-2022"])
def test_a_result_says_what_its_master_says(name):
    """The built folder through its open data; its workbook and document through their printed words."""
    folder = built(name)
    assert compared(sample(name), folder).empty
    assert compared(folder, folder).empty
    found = compared(sample(name), folder / "预算公开表.xlsx")
    assert not [d for d in found.tables if d.kind is not Kind.RENAMED], found.tables[:5]


def test_a_changed_cell_of_a_published_workbook_is_found(tmp_path):
    path = tmp_path / "预算公开表.xlsx"
    book = openpyxl.load_workbook(built("zengdu-2023") / "预算公开表.xlsx")
    book["附表4-3"]["D8"].value = 135.76
    book.save(path)
    found = [d for d in compared(sample("zengdu-2023"), path).tables if d.kind is not Kind.RENAMED]
    (only,) = found
    assert (only.part, only.what, only.item, only.before, only.after, only.change) == ("附表4-3", "2010301 行政运行", "基本支出", Decimal("135.67"), Decimal("135.76"), Decimal("0.09"))


def test_the_command_on_the_terminal_and_as_a_workbook(tmp_path, capsys):
    a = write(tmp_path / "a.xlsx", minimal())
    b = write(tmp_path / "b.xlsx", minimal(**rows("项目支出", lambda r: r[2].__setitem__(5, 50000))))
    assert main(["diff", str(a), str(a), "-o", str(tmp_path / "同.xlsx")]) == 0
    assert "没有不同" in capsys.readouterr().out
    out = tmp_path / "对比.xlsx"
    assert main(["diff", str(a), str(b), "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "项目支出  4.00 → 5.00 万元（+1.00，+25.00%）" in said
    assert re.search(r"支出  改  2010302.*本年预算数  40,000.00 → 50,000.00 元（\+10,000.00，\+25.00%）", said)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["概览", "明细", "表"]
    sheet = book["明细"]
    (row,) = list(sheet.iter_rows(min_row=5, values_only=True))
    assert row[:2] == ("支出", "改")
    assert row[4:8] == (40000, 50000, 10000, 0.25)
    first = out.read_bytes()
    main(["diff", str(a), str(b), "-o", str(out)])
    assert out.read_bytes() == first, "same input, same bytes"


def test_what_cannot_be_compared_is_said(tmp_path):
    with pytest.raises(UsageError, match="找不到"):
        compared(tmp_path / "没有.xlsx", sample())
    text = write(tmp_path / "别的.xlsx", {"名单": [["甲"], ["乙"]]})
    with pytest.raises(DataError, match="没有认得出的表"):
        compared(sample(), text)


def test_nothing_is_dropped():
    """Every record of either side is either the same on the other or in a difference."""
    before, after = side(selector("hetang-2019")), side(selector("hetang-2022"))
    found: Comparison = compare(before, after)
    for dataset in ("收入", "支出"):
        for measure, name in (("本年", "本年预算数"), ("上年", "上年预算数")):
            change = sum((d.change or 0 for d in found.records if d.part == dataset and d.item == name), Decimal(0))
            old, new = (s.selector.sum(dataset, measure, s.selector.all(dataset)) for s in (before, after))
            assert change == new - old, (dataset, measure)


def test_where_a_page_breaks_a_text_is_no_difference():
    """A PDF gives the lines of a cell as its column broke them; the workbook beside it has none."""
    one = side(selector("zengdu-2023"))
    broken = 0

    def as_printed(cell):
        nonlocal broken
        if cell.value is not None or len(cell.text) < 6:
            return cell
        broken += 1
        return replace(cell, text=f"{cell.text[:4]}\n{cell.text[4:]}")

    other = replace(one, tables=tuple(replace(t, rows=tuple(replace(r, cells=tuple(map(as_printed, r.cells))) for r in t.rows)) for t in one.tables))
    assert broken > 20
    assert compare(one, other).empty
