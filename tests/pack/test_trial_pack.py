"""A nine-table set made by following docs/套表指南.md alone: from its folder and from its zip it prints the right figures.

The expected figures are added up here from the cells of the filled workbook, without any of the program's code.
"""

import re
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import NamedTuple

import docx
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from generator import authoring, run
from generator.pack.binding import BindingError
from generator.pack.pack import load_pack
from tests.support import ROOT

PACKS = ROOT / "tests" / "packs"
PACK, MASTER = PACKS / "xinxian-2024", PACKS / "xinxian-2024-样例.xlsx"
GUIDE = (ROOT / "docs" / "套表指南.md").read_text(encoding="utf-8")
GENERAL, FUND, STATE = (
    {"一般公共预算拨款收入", "上年结转（一般公共预算）"},
    {"政府性基金预算拨款收入", "上年结转（政府性基金预算）"},
    {"国有资本经营预算拨款收入", "上年结转（国有资本经营预算）"},
)
TREASURY = GENERAL | FUND | STATE
STAFF, OFFICE = ("301", "303"), ("302", "310")
CARRIED = "上年结转"
BASIC_SHEETS = ("基本支出—工资福利", "基本支出—商品和服务", "基本支出—对个人和家庭")


class Spent(NamedTuple):
    unit: str
    function: str
    item: str
    source: str
    basic: bool
    yuan: Decimal


class Income(NamedTuple):
    unit: str
    source: str
    yuan: Decimal
    carried_on: Decimal


def money(value: object) -> Decimal:
    return Decimal(str(value or 0)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def rows(sheet: Worksheet) -> Iterator[dict[str, object]]:
    """The filled lines below the heading, by the first line of each column's name."""
    cells = list(sheet.iter_rows(values_only=True))
    at = next(i for i, row in enumerate(cells) if row[0] == "单位编码")
    heads = [str(h or "").split("\n")[0] for h in cells[at]]
    return (dict(zip(heads, row, strict=True)) for row in cells[at + 1 :] if row[0])


def expenditure(path: Path) -> list[Spent]:
    book = openpyxl.load_workbook(path)
    found = []
    for name in BASIC_SHEETS:
        for row in rows(book[name]):
            items = {k: v for k, v in row.items() if re.fullmatch(r"\d{3,5}", k) and v}
            found += [Spent(str(row["单位编码"]), str(row["功能科目编码"]), item, str(row["资金来源"]), True, money(v)) for item, v in items.items()]
    for row in rows(book["项目支出"]):
        found.append(Spent(str(row["单位编码"]), str(row["功能科目编码"]), str(row["部门经济编码"]), str(row["资金来源"]), False, money(row["本年预算数"])))
    return found


def incomes(path: Path) -> list[Income]:
    return [Income(str(r["单位编码"]), str(r["收入来源"]), money(r["本年预算数"]), money(r["结转下年"])) for r in rows(openpyxl.load_workbook(path)["收入"])]


def total(records: list, *conditions: Callable) -> Decimal:
    return sum((r.yuan for r in records if all(c(r) for c in conditions)), Decimal(0))


def wan(yuan: Decimal) -> Decimal:
    """元 as 万元, two places."""
    return (yuan / 10000).quantize(Decimal("0.01"), ROUND_HALF_UP)


def within(*sources: str) -> Callable:
    return lambda r: r.source in sources


def codes(*starts: str) -> Callable:
    return lambda r: r.item.startswith(starts)


def basic(r: Spent) -> bool:
    return r.basic


def project(r: Spent) -> bool:
    return not r.basic


def body(sheet: Worksheet) -> list[list[object]]:
    """The printed lines below the heading (which ends above the first cell that holds a figure)."""
    lines = [list(r) for r in sheet.iter_rows(values_only=True)]
    return lines[next(i for i, r in enumerate(lines) if any(isinstance(v, (int, float)) for v in r)) :]


def shown(value: object) -> Decimal:
    return money(value)


@pytest.fixture(scope="module")
def zipped(tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("zip") / "xinxian-2024.zip"
    target.write_bytes(authoring.exported(load_pack(str(PACK))))
    return target


@pytest.fixture(scope="module", params=["文件夹", "zip"])
def built(request, zipped, tmp_path_factory) -> Path:
    pack = PACK if request.param == "文件夹" else zipped
    return run.build_set(MASTER, tmp_path_factory.mktemp("out"), str(pack)).folder


@pytest.fixture(scope="module")
def tables(built) -> openpyxl.Workbook:
    return openpyxl.load_workbook(built / run.TABLES_FILE)


@pytest.fixture(scope="module")
def spent() -> list[Spent]:
    return expenditure(MASTER)


@pytest.fixture(scope="module")
def income() -> list[Income]:
    return incomes(MASTER)


def changed(tmp_path: Path, change: Callable[[openpyxl.Workbook], None]) -> tuple[Path, openpyxl.Workbook]:
    """The sample changed as a clerk would, and the tables built from it."""
    book = openpyxl.load_workbook(MASTER)
    change(book)
    path = tmp_path / "改过.xlsx"
    book.save(path)
    done = run.build_set(path, tmp_path / "out", str(PACK))
    return path, openpyxl.load_workbook(done.folder / run.TABLES_FILE)


def drop(book: openpyxl.Workbook, sheet: str, column: str, value: str) -> None:
    """Empties the lines whose `column` holds `value`."""
    heading = next(r for r in book[sheet].iter_rows() if r[0].value == "单位编码")
    at = next(c.column for c in heading if c.value == column)
    for row in book[sheet].iter_rows(min_row=heading[0].row + 1):
        if row[at - 1].value == value:
            for cell in row:
                cell.value = None


def add(book: openpyxl.Workbook, sheet: str, **values: object) -> None:
    """A new line below the last."""
    heading = next(r for r in book[sheet].iter_rows() if r[0].value == "单位编码")
    row = max(r[0].row for r in book[sheet].iter_rows() if any(c.value is not None for c in r)) + 1
    for cell in heading:
        if cell.value in values:
            book[sheet].cell(row, cell.column).value = values[cell.value]


# --- the nine tables ---------------------------------------------------------------------------------------------------


def test_nine_tables_titled_with_the_year(tables):
    assert tables.sheetnames == ["目录", *(f"公开0{n}表" for n in range(1, 10)), "图"]
    assert tables["公开01表"]["A2"].value == "2024年部门收支总表"
    assert tables["公开09表"]["A2"].value == "2024年国有资本经营预算支出表"


def test_statement_of_the_department(tables, spent, income):
    lines = body(tables["公开01表"])
    left = {str(r[0]): shown(r[1]) for r in lines if r[0]}
    right = {str(r[2]): shown(r[3]) for r in lines if r[2]}
    this_year = [r for r in income if not r.source.startswith(CARRIED)]
    for n, source in enumerate(
        ("一般公共预算拨款收入", "政府性基金预算拨款收入", "国有资本经营预算拨款收入", "财政专户管理资金收入", "事业收入", "事业单位经营收入", "上级补助收入", "附属单位上缴收入", "其他收入")
    ):
        assert left[f"{'一二三四五六七八九'[n]}、{source}"] == wan(total(income, within(source)))
    assert left["本年收入合计"] == wan(total(this_year))
    assert left["上年结转"] == wan(total(income) - total(this_year))
    assert left["收入总计"] == right["支出总计"] == wan(total(income))
    classes = sorted({r.function[:3] for r in spent})
    listed = [(k, v) for k, v in right.items() if "、" in k]
    assert [v for _, v in listed] == [wan(total(spent, lambda r, c=c: r.function.startswith(c))) for c in classes]
    assert [k[0] for k, _ in listed] == list("一二三四五六")
    assert right["本年支出合计"] == wan(total(spent))
    assert right["结转下年"] == wan(sum(r.carried_on for r in income))


def test_statement_of_the_treasury(tables, spent, income):
    lines = body(tables["公开02表"])
    left = {str(r[0]): shown(r[1]) for r in lines if r[0]}
    right = {str(r[2]): [shown(v) for v in r[3:7]] for r in lines if r[2]}

    def figures(*conditions: Callable) -> list[Decimal]:
        return [wan(total(spent, within(*sources), *conditions)) for sources in (TREASURY, GENERAL, FUND, STATE)]

    assert left["一、本年收入"] == wan(total(income, within(*TREASURY), lambda r: not r.source.startswith(CARRIED)))
    assert left["二、上年结转"] == wan(total(income, within(*TREASURY), lambda r: r.source.startswith(CARRIED)))
    assert left["收入总计"] == right["支出总计"][0] == wan(total(income, within(*TREASURY)))
    classes = sorted({r.function[:3] for r in spent if r.source in TREASURY})
    listed = [v for k, v in right.items() if k.startswith("（")]
    assert listed == [figures(lambda r, c=c: r.function.startswith(c)) for c in classes]
    assert len(listed) == 5, "教育支出 is paid from the fiscal account and not listed here"
    assert right["一、本年支出"] == figures()
    left_over = [wan(sum((r.carried_on for r in income if r.source in sources), Decimal(0))) for sources in (TREASURY, GENERAL, FUND, STATE)]
    assert right["二、结转下年"] == left_over
    assert right["支出总计"] == [wan(total(income, within(*sources))) for sources in (TREASURY, GENERAL, FUND, STATE)]


def test_income_by_unit(tables, income):
    lines = body(tables["公开03表"])
    assert [r[1] for r in lines] == ["合计", "新县公共服务局", "新县公共服务培训中心"]
    for line, units in zip(lines, ({"101001", "101002"}, {"101001"}, {"101002"}), strict=True):
        own = [r for r in income if r.unit in units]
        carried = total(own, lambda r: r.source.startswith(CARRIED))
        columns = ("一般公共预算拨款收入", "政府性基金预算拨款收入", "国有资本经营预算拨款收入", "财政专户管理资金收入", "事业收入", "事业单位经营收入", "上级补助收入", "附属单位上缴收入", "其他收入")
        assert [shown(v) for v in line[2:]] == [wan(total(own)), wan(carried), *(wan(total(own, within(c))) for c in columns)]


def test_expenditure_in_yuan_with_three_code_columns(tables, spent):
    sheet = tables["公开04表"]
    assert "元" in str(sheet.cell(3, 10).value)
    assert "万元" not in str(sheet.cell(3, 10).value)
    lines = body(sheet)
    assert lines[0][:4] == [None, None, None, "合计"]
    expected = sorted({r.function[:n] for r in spent for n in (3, 5, 7)})
    assert ["".join(v or "" for v in line[:3]) for line in lines[1:]] == expected
    assert [line[:3] for line in lines[1:4]] == [["201", None, None], ["201", "03", None], ["201", "03", "01"]]
    for line, code in zip(lines, ["", *expected], strict=True):
        own = [r for r in spent if r.function.startswith(code)]
        assert [shown(v) for v in line[4:]] == [total(own), total(own, basic), total(own, project), 0, 0, 0]
    assert shown(lines[0][4]) == Decimal("4319346.42")


def test_general_budget_by_function(tables, spent):
    general = [r for r in spent if r.source in GENERAL]
    lines = body(tables["公开05表"])
    expected = sorted({r.function[:n] for r in general for n in (3, 5, 7)})
    assert ["".join(v or "" for v in line[:3]) for line in lines] == ["", *expected]
    for line, code in zip(lines, ["", *expected], strict=True):
        own = [r for r in general if r.function.startswith(code)]
        figures = [total(own), total(own, basic), total(own, basic, codes(*STAFF)), total(own, basic, codes(*OFFICE)), total(own, project)]
        assert [shown(v) for v in line[4:]] == [wan(f) for f in figures]


def test_basic_expenditure_by_item(tables, spent):
    own = [r for r in spent if r.source in GENERAL and r.basic]
    lines = body(tables["公开06表"])
    expected = sorted({r.item[:n] for r in own for n in (3, 5)})
    assert [line[0] for line in lines] == [None, *expected]
    assert lines[0][1] == "合计"
    for line, code in zip(lines, ["", *expected], strict=True):
        these = [r for r in own if r.item.startswith(code)]
        assert [shown(v) for v in line[2:]] == [wan(total(these)), wan(total(these, codes(*STAFF))), wan(total(these, codes(*OFFICE)))]


def test_three_public_expenses_with_running_costs_in_the_same_line(tables, spent):
    lines = body(tables["公开07表"])
    assert [line[0] for line in lines] == ["合计", "新县公共服务局", "新县公共服务培训中心"]
    assert tables["公开07表"].cell(3, 8).value == "单位：万元"
    administrative = {"101001"}
    for line, units in zip(lines, ({"101001", "101002"}, {"101001"}, {"101002"}), strict=True):
        own = [r for r in spent if r.unit in units and r.source in GENERAL]
        abroad, bought, run_, guests = (total(own, codes(*c)) for c in (("30212",), ("31013", "30913"), ("30231",), ("30217",)))
        running = total(own, basic, codes(*OFFICE), lambda r: r.unit in administrative)
        assert [shown(v) for v in line[1:]] == [wan(v) for v in (abroad + bought + run_ + guests, abroad, bought + run_, bought, run_, guests, running)]


def test_the_sentence_below_an_empty_table(tables):
    fund = [list(r) for r in tables["公开08表"].iter_rows(values_only=True)]
    assert fund[-1][0] == "注：本单位没有政府性基金预算安排的支出，本表无数据。"
    assert not any(fund[-2]), "one empty line stays in the table"
    assert any(str(m).endswith(f"{len(fund)}") and m.min_row == len(fund) for m in tables["公开08表"].merged_cells.ranges)
    for n in (3, 4, 5, 6, 7, 9):
        assert not any("本表无数据" in str(v) for r in tables[f"公开0{n}表"].iter_rows(values_only=True) for v in r), "no such sentence where there are figures"


def test_state_capital(tables, spent):
    lines = body(tables["公开09表"])
    assert [shown(line[4]) for line in lines] == [wan(total(spent, within(*STATE)))] * 4


def test_the_explanation_says_what_the_tables_say(built, spent):
    text = "\n".join(p.text for p in docx.Document(str(built / "预算公开说明.docx")).paragraphs)
    assert f"国有资本经营预算安排支出{wan(total(spent, within(*STATE)))}万元" in text
    assert f"支出预算总额{wan(total(spent))}万元" in text
    assert "没有政府性基金预算支出，因此公开08表没有数据" in text
    assert "{{" not in text
    assert "{%" not in text


# --- other data, other lines -------------------------------------------------------------------------------------------


def class_lines(book: openpyxl.Workbook, table: str, mark: str) -> list[str]:
    return [str(r[2]) for r in body(book[table]) if mark in str(r[2] or "")]


def test_a_class_less_and_its_line_is_gone(tmp_path):
    def without_training(book: openpyxl.Workbook) -> None:
        drop(book, "项目支出", "功能科目编码", "2050803")
        drop(book, "收入", "收入来源", "财政专户管理资金收入")
        drop(book, "项目库", "项目名称", "干部业务培训")

    _, book = changed(tmp_path, without_training)
    assert class_lines(book, "公开01表", "、")[:2] == ["一、一般公共服务支出", "二、社会保障和就业支出"]
    assert len(class_lines(book, "公开01表", "、")) == 5
    assert len(body(book["公开01表"])) == 12, "nine sources of income on the left are the longer list now; the totals follow"


def test_classes_more_and_the_totals_move_down(tmp_path):
    added = ("2110101", "2120101", "2130101", "2140101", "2150101", "2160201", "2240101")

    def with_more(book: openpyxl.Workbook) -> None:
        for n, function in enumerate(added, 1):
            add(book, "项目支出", 单位编码="101001", 项目名称=f"新增事项{n}", 功能科目编码=function, 部门经济编码="30201", 资金来源="其他收入", 本年预算数=10000 * n)
            add(book, "项目库", 单位编码="101001", 项目名称=f"新增事项{n}", 项目类别="行政事业类", 编制绩效目标="否")
        add(book, "收入", 单位编码="101001", 收入来源="其他收入", 本年预算数=280000)

    path, book = changed(tmp_path, with_more)
    lines = body(book["公开01表"])
    assert len(class_lines(book, "公开01表", "、")) == 13
    assert [r[0] for r in lines[-3:]] == ["本年收入合计", "上年结转", "收入总计"]
    assert [r[2] for r in lines[-3:]] == ["本年支出合计", "结转下年", "支出总计"]
    assert len(lines) == 13 + 3
    assert shown(lines[-3][3]) == wan(total(expenditure(path)))
    assert len(class_lines(book, "公开02表", "（")) == 5, "other income is no appropriation"


def test_without_state_capital_that_table_is_empty_too(tmp_path):
    def without_state_capital(book: openpyxl.Workbook) -> None:
        drop(book, "项目支出", "功能科目编码", "2230105")
        drop(book, "收入", "收入来源", "国有资本经营预算拨款收入")
        drop(book, "项目库", "项目名称", "国有企业退休人员社会化管理补助")

    _, book = changed(tmp_path, without_state_capital)
    assert [list(r) for r in book["公开09表"].iter_rows(values_only=True)][-1][0] == "注：本单位没有国有资本经营预算安排的支出，本表无数据。"
    assert [r[0].value for r in book["目录"].iter_rows(min_row=6, min_col=2, max_col=4) if r[2].value == "空表"] == ["公开08表", "公开09表"]


# --- the guide says what the pack is -----------------------------------------------------------------------------------


def grid(after: str) -> list[list[str]]:
    """The first table after a text of the guide, without the line of dashes."""
    table = re.search(r"(?:^\|.*\n)+", GUIDE[GUIDE.index(after) :], re.M)
    assert table
    cells = [[c.strip() for c in line.strip().strip("|").split("|")] for line in table[0].splitlines()]
    return [cells[0], *cells[2:]]


def test_the_guides_yaml_is_the_packs():
    block = re.search(r"```yaml\n(extends: base.*?)```", GUIDE, re.DOTALL)
    assert block
    assert (PACK / "xinxian-2024.yaml").read_text(encoding="utf-8") == block[1]


def test_the_guides_list_of_tables_is_the_packs():
    sheet = openpyxl.load_workbook(PACK / "xinxian-2024.xlsx")["套表"]
    at = next(r[0].row for r in sheet.iter_rows() if any(c.value == "表号" for c in r))
    columns = {c.value: c.column for c in sheet[at]}
    heads, *lines = grid("### 第 3 步")
    for n, line in enumerate(lines, 1):
        assert [str(sheet.cell(at + n, columns[h]).value or "") for h in heads] == line


@pytest.mark.parametrize("name", [f"公开0{n}表" for n in range(1, 9)])
def test_the_guides_layouts_are_the_packs(name):
    sheet = openpyxl.load_workbook(PACK / "xinxian-2024.xlsx")[name]
    _, *lines = grid(f"**{name}**")
    first = 1 if lines[0][0] == "标题" else 4
    for r, line in enumerate(lines, first):
        assert [str(sheet.cell(r, c).value or "") for c in range(1, len(line) + 1)] == line


def test_every_word_the_guide_teaches_is_understood():
    packs = [load_pack("pingjiang-2022"), load_pack(str(PACK))]
    section = GUIDE[GUIDE.index("## 5 ") : GUIDE.index("主工作簿里的各类数据")]
    examples = re.findall(r"`([^`]+)`", "\n".join(line for line in section.splitlines() if line.startswith("|")))
    assert len(examples) > 35

    def understood(words: str) -> bool:
        for pack in packs:
            for dataset in pack.schema.datasets:
                try:
                    pack.vocabulary.parse(words, dataset)
                except BindingError:
                    continue
                return True
        return False

    assert [e for e in examples if not understood(e)] == []
    levels = [cell for row in grid("### 4.3")[1:] for cell in row[1:2]]
    allowed = {*packs[0].vocabulary.levels, *(f for d in packs[0].schema.datasets for f in packs[0].schema.fields(d))}
    assert [w for level in levels for w in re.split(r"[ /]+", level) if w not in allowed] == []


def test_a_county_can_start_from_this_pack(tmp_path):
    folder = authoring.new_pack(str(PACK), "mycounty-2024", tmp_path)
    pack = load_pack(str(folder))
    assert [t.number for t in pack.tables] == [f"公开0{n}表" for n in range(1, 10)]
    assert (folder / "mycounty-2024.yaml").read_text(encoding="utf-8").splitlines()[-1].startswith("- {name: 原因：三公经费")
