"""A set of tables is known by a pack's list: what is missing, headed otherwise, in another unit; projects' money; column numbers."""

from dataclasses import replace

import msgspec
import openpyxl
import pytest

from bench.audit_catch import built
from generator.model.problem import Level
from generator.pack.pack import load_pack
from generator.published.audit import audit, audit_documents
from generator.published.extract import read_published
from generator.published.facts import facts_of
from generator.published.meanings import meanings
from generator.published.recognised import fitting, printed_headings, recognised, statutory_tables
from generator.published.tables import read_tables
from generator.published.vocabulary import Vocabulary
from generator.rules.required_tables import missing_tables
from generator.run import build_set
from tests.published.helpers import found, page, rules
from tests.published.strangers import Hilltop, Riverside
from tests.published.test_checks import HEAD, TABLES, TEXT
from tests.support import ROOT


@pytest.fixture(scope="module")
def books(tmp_path_factory):
    """The workbook of each of two samples."""
    folder = tmp_path_factory.mktemp("built")
    return {name: built(name, folder)[-1] for name in ("zengdu-2023", "hetang-2022", "pingjiang-2022")}


def edited(path, folder, change):
    book = openpyxl.load_workbook(path)
    change(book)
    target = folder / path.name
    book.save(target)
    return target


def said(result, rule):
    return [f.message for f in result.findings if f.rule == rule]


def set_cell(sheet, cell, value):
    def change(book):
        assert book[sheet][cell].value != value
        book[sheet][cell].value = value

    return change


@pytest.mark.parametrize("name", ["zengdu-2023", "hetang-2022", "pingjiang-2022"])
def test_the_tables_say_which_pack_they_are_of(books, name):
    tables = read_tables(read_published(books[name]))
    seen = fitting(tables)
    assert seen is not None
    assert (seen.pack.id, seen.asked) == (name, False)
    assert set(seen.tables) == {t.number for t in seen.pack.tables}
    assert "认出来的" in seen.name


@pytest.mark.parametrize("write", [Riverside().document, Hilltop().workbook])
def test_a_set_of_nobodys_is_taken_for_nobodys(tmp_path, write):
    tables = read_tables(read_published(write(tmp_path)))
    assert len(tables) >= 3
    assert fitting(tables) is None


def test_a_table_of_the_set_that_is_not_there_is_named(books, tmp_path):
    path = edited(books["zengdu-2023"], tmp_path, lambda book: book.remove(book["附表4-9"]))
    result = audit([path])
    assert said(result, "S01 套表的表") == ["没有找到附表4-9 项目支出表，套表“曾都区2023年部门预算公开套表”里有"]
    assert result.count(Level.ERROR) == 0


def test_with_less_than_half_of_the_set_nothing_is_called_missing(books, tmp_path):
    def keep_two(book):
        for name in book.sheetnames:
            if name not in ("附表4-3", "附表4-5"):
                book.remove(book[name])

    path = edited(books["zengdu-2023"], tmp_path, keep_two)
    assert fitting(read_tables(read_published(path))) is None
    result = audit([path], load_pack("zengdu-2023"))
    assert said(result, "S01 套表的表") == []
    assert any("只读到 2 张" in text for text in result.unchecked)


def test_another_heading_than_the_packs_is_named_with_both(books, tmp_path):
    result = audit([edited(books["zengdu-2023"], tmp_path, set_cell("附表4-3", "D4", "基本开支"))])
    assert said(result, "S02 表头与表样") == ["附表4-3 支出总表的表头与本县的表样不一样：没有“基本支出”；多了“基本开支”"]


def test_a_pack_of_another_year_is_asked_only_which_tables_there_are(books, tmp_path):
    def next_year(book):
        for sheet in book:
            for row in sheet.iter_rows():
                for cell in row:
                    if isinstance(cell.value, str):
                        cell.value = cell.value.replace("2023", "2024")
        book["附表4-3"]["D4"].value = "基本开支"
        book.remove(book["附表4-9"])

    path = edited(books["zengdu-2023"], tmp_path, next_year)
    result = audit([path])
    assert result.about.year == 2024
    assert said(result, "S02 表头与表样") == []
    assert any("不是这一年的" in text for text in result.unchecked)
    assert len(said(result, "S01 套表的表")) == 1
    assert len(said(audit([path], load_pack("zengdu-2023")), "S02 表头与表样")) == 1


def test_a_line_over_all_columns_is_no_heading(books):
    """附件3-10 prints 本表无数据 over its whole width; 附件3-29 has 总计 as the heading of one column."""
    tables = {t.number: t for t in read_tables(read_published(books["hetang-2022"]))}
    assert not any("本表无数据" in heading[-1] for way in printed_headings(tables["附件3-10"]) for heading in way)
    assert ("购买服务预算金额", "总计") in [heading for way in printed_headings(tables["附件3-29"]) for heading in way]


def test_another_unit_than_the_packs_is_named(books, tmp_path):
    def change(book):
        for row in book["附表4-5"].iter_rows(max_row=5):
            for cell in row:
                if isinstance(cell.value, str) and "单位：万元" in cell.value:
                    cell.value = cell.value.replace("万元", "元")
                    return
        raise AssertionError

    result = audit([edited(books["zengdu-2023"], tmp_path, change)])
    assert said(result, "S06 金额单位") == ["附表4-5 一般公共预算支出表写的金额单位是元，本县的表样是万元"]


def test_what_to_write_under_an_empty_table_is_the_packs_own_words(books, tmp_path):
    def unsaid(book):
        sheet = book["附件3-10"]
        assert any(c.value == "本表无数据" for row in sheet.iter_rows() for c in row)
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value == "本表无数据":
                    cell.value = None

    path = edited(books["hetang-2022"], tmp_path, unsaid)
    tables = read_tables(read_published(path))
    table = next(t for t in tables if t.number == "附件3-10")
    assert recognised(load_pack("hetang-2022"), tables).said_when_empty(table) == "本表无数据"
    long = page(tmp_path, HEAD + "部门职责是管理本县水务工作。" * 20)
    hints = [f.hint for f in audit_documents([read_published(path), long]).findings if f.rule == "S03 空表说明"]
    assert hints == ["在表下注明“本表无数据”，并在说明里列出"]


def test_the_form_names_the_pack_or_how_to_name_it(tmp_path, books):
    entry = next(c for c in found(tmp_path, TEXT + TABLES).checks if c.name == "整套表")
    assert (entry.state, entry.reason) == ("未检查", "没有认出是哪一套表，可以用 --pack 指定")
    entry = next(c for c in audit([books["zengdu-2023"]]).checks if c.name == "整套表")
    assert entry.state == "通过"


# --- statutory tables: one list for build and audit


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("部门收支总表", "部门收支总表"),
        ("2024年收支预算总体情况表", "部门收支总表"),
        ("县教育局收支预算表", "部门收支总表"),
        ("收入总体情况表", "部门收入总表"),
        ("部门支出预算总表", "部门支出总表"),
        ("支出预算表", "部门支出总表"),
        ("财政拨款收支预算总表", "财政拨款收支总表"),
        ("一般公共预算财政拨款支出预算表", "一般公共预算支出表"),
        ("财政拨款基本支出预算表", "一般公共预算基本支出表"),
        ("“三公”经费支出表", "“三公”经费支出表"),
        ("政府性基金预算支出表", "政府性基金预算支出表"),
    ],
)
def test_a_statutory_table_is_known_by_its_title(title, name):
    assert name not in missing_tables([title], statutory_tables(None))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("财政拨款收支总表", "部门收支总表"),
        ("一般公共预算支出表", "部门支出总表"),
        ("非税收入计划表", "部门收入总表"),
        ("2024年收入总计444.40万元", "部门收入总表"),
        ("一般公共预算支出表", "一般公共预算基本支出表"),
    ],
)
def test_another_table_is_not_taken_for_it(title, name):
    assert name in missing_tables([title], statutory_tables(None))


def test_a_packs_own_list_of_statutory_tables_is_used_by_the_audit_too(tmp_path):
    pack = load_pack("zengdu-2023")
    mine = [
        msgspec.structs.replace(r, params={"tables": {"部门支出总表": ["支出总"], "国有资产表": ["国有资产"], "甲": ["一般公共"], "乙": ["三公"], "丙": ["支出"]}}) if r.id == "S01 法定表" else r
        for r in pack.file.rules
    ]
    pack = replace(pack, file=msgspec.structs.replace(pack.file, rules=mine))
    assert said(audit_documents([page(tmp_path, TEXT + TABLES)], pack), "S01 法定表") == ["没有找到国有资产表"]


# --- column numbers


NUMBERED = """
附表1
部门支出总表
单位：万元
科目名称 | 合计 | 基本支出 | 项目支出
1 | 2 | 3 | 4
行政运行 | 50.00 | 30.00 | 20.00
事业运行 | 60.00 | 40.00 | 20.00
"""


def test_a_gap_in_the_column_numbers_is_a_hint(tmp_path):
    result = found(tmp_path, HEAD + NUMBERED.replace("1 | 2 | 3 | 4", "1 | 2 | 4 | 5"))
    assert said(result, "A21 栏次连续") == ["附表1 部门支出总表的栏次这里应为 3，印的是 4"]
    assert "A21 栏次连续" not in rules(result, Level.WARNING)
    assert said(found(tmp_path, HEAD + NUMBERED), "A21 栏次连续") == []


# --- projects


PROJECTS = """
附表4
项目支出表
单位：万元
项目名称 | 合计 | 一般公共预算 | 政府性基金
合计 | 50.00 | 50.00 |
热线运行经费 | 20.00 | 20.00 |
大厅租金 | 30.00 | 30.00 |
附件5
项目支出绩效目标表
单位：万元
项目名称 | 项目属性 | 资金总额 | 年度绩效目标
热线运行 | 延续项目 | 20.00 | 接通率不低于百分之九十五
大厅租金 | 延续项目 | 30.00 | 按时支付
"""
FORM = """
附件6
项目支出绩效目标申报表
单位：万元
项目名称 | 大厅租金 | 项目属性 | 延续项目
项目概况 | 租用办事大厅 |  |
资金情况 | 项目 | 上年度安排资金 | 本年度申请资金
 | 合计 | 28.00 | 30.00
 | 县级资金 | 28.00 | 30.00
三级指标 | 租金 | 指标值 | 30.00
"""


@pytest.mark.parametrize("text", [PROJECTS, PROJECTS.split("附件5")[0] + FORM], ids=["list", "form"])
def test_a_projects_money_on_its_form_is_that_of_the_project_table(tmp_path, text):
    assert said(found(tmp_path, HEAD + text), "X22 项目绩效与项目表") == []
    wrong = text.replace("大厅租金 | 30.00 | 30.00", "大厅租金 | 33.00 | 33.00").replace("合计 | 50.00 | 50.00", "合计 | 53.00 | 53.00")
    result = found(tmp_path, HEAD + wrong)
    assert said(result, "X22 项目绩效与项目表") == ["项目“大厅租金”绩效表里的资金是30.00万元，附表4 项目支出表是33.00万元"]
    assert "X22 项目绩效与项目表" in rules(result, Level.ERROR)


def test_a_project_that_no_table_names_is_told_as_not_compared(tmp_path):
    result = found(tmp_path, HEAD + PROJECTS.replace("热线运行 | 延续", "另一个名称 | 延续"))
    assert said(result, "X22 项目绩效与项目表") == []
    assert any("另一个名称" in text for text in result.unchecked)


def money_of(book, project, most=None):
    """The cells with the project's 110 on its form; most: only so many, from the top."""
    for sheet in book:
        for row in sheet.iter_rows():
            if any(c.value == project for c in row) and "绩效" in sheet.title:
                found = [c for r in sheet.iter_rows(min_row=row[0].row, max_row=row[0].row + 14) for c in r if c.value == 110]
                assert found
                return found[:most]
    raise AssertionError


def test_a_form_of_a_built_set_with_other_money_is_named(books, tmp_path):
    def change(book):
        for cell in money_of(book, "进厅人员伙食补助费"):
            cell.value = 101

    texts = said(audit([edited(books["pingjiang-2022"], tmp_path, change)]), "X22 项目绩效与项目表")
    assert any("进厅人员伙食补助费" in text and "110.00万元" in text for text in texts)


def test_the_sources_on_a_form_add_up(books, tmp_path):
    def change(book):
        money_of(book, "进厅人员伙食补助费")[0].value = 101

    result = audit([edited(books["pingjiang-2022"], tmp_path, change)])
    assert any("应为110.00万元" in text and "印的是101.00万元" in text for text in said(result, "P01 资金合计"))


# --- what needs merged cells, two files or a long text


def test_the_overall_form_is_held_against_the_tables(books, tmp_path):
    def change(book):
        sheet = book["绩效-整体"]
        cells = [c for row in sheet.iter_rows() for c in row if c.value == 741.39]
        assert cells
        for cell in cells:
            cell.value = 714.39

    result = audit([edited(books["pingjiang-2022"], tmp_path, change)])
    assert any("项目支出是714.39万元" in text and "741.39万元" in text for text in said(result, "X21 整体绩效与预算表"))
    assert "X21 整体绩效与预算表" in rules(result, Level.ERROR)


def test_the_same_table_in_two_files_is_the_same(books, tmp_path):
    (tmp_path / "另存").mkdir()
    other = edited(books["zengdu-2023"], tmp_path / "另存", set_cell("附表4-3", "D6", 199.57)).rename(tmp_path / "另存" / "另一份.xlsx")
    texts = said(audit([books["zengdu-2023"], other]), "X00 两个文件相同")
    assert any("另一份.xlsx里是199.57，在预算公开表.xlsx里是196.57" in text for text in texts)


def test_a_section_that_every_explanation_has_is_missed(tmp_path):
    sections = ("部门职责", "机构设置", "收支预算", "机关运行经费", "“三公”经费", "政府采购", "国有资产", "预算绩效", "名词解释")
    text = "\n".join(f"{name}情况如下。{'按照规定做好有关工作。' * 40}" for name in sections)
    assert said(found(tmp_path, HEAD + text), "S09 必备文字") == []
    assert said(found(tmp_path, HEAD + text.replace("国有资产", "其他事项")), "S09 必备文字") == ["说明里没有“国有资产占用”"]
    assert said(found(tmp_path, HEAD + text[:600]), "S09 必备文字") == []


# --- what columns mean, by the pack


def test_what_a_column_means_is_known_from_the_packs_bindings(books):
    """预算15表A's title says nothing to the audit (明细表(A)); the pack says: project expenditure, item by item of 302."""
    pack, words = load_pack("pingjiang-2022"), Vocabulary(2022)
    tables = {t.number: t for t in read_tables(read_published(books["pingjiang-2022"]))}
    table = tables["预算15表A"]
    known = meanings(pack, pack.table("预算15表A"), table, words)
    by_heading = {table.columns[c].path[-1]: dims for c, dims in known.items()}
    assert by_heading["办公费"] == {"流": "支出", "类型": "项目支出", "经济": "30201"}
    assert by_heading["总计"] == {"流": "支出", "类型": "项目支出", "经济": "302"}
    assert not facts_of(table, words)
    assert "30201" in {dict(f.key)["经济"] for f in facts_of(table, words, known)}
    partly = meanings(pack, pack.table("预算24表"), tables["预算24表"], words)
    assert not partly, "一般公共预算补助 is a part of 一般公共预算, which the audit has no word for"


@pytest.mark.parametrize("asked", [False, True])
def test_a_countys_own_pack_finds_nothing_in_what_it_built(tmp_path, asked):
    done = build_set(ROOT / "tests" / "packs" / "xinxian-2024-样例.xlsx", tmp_path, str(ROOT / "tests" / "packs" / "xinxian-2024"))
    files = [p for p in done.folder.iterdir() if p.suffix == ".docx" or p.name == "预算公开表.xlsx"]
    result = audit(files, load_pack(str(ROOT / "tests" / "packs" / "xinxian-2024")) if asked else None)
    assert [str(f) for f in result.findings] == []
    assert (result.seen is not None) is asked


def three_tables():
    pack = load_pack("zengdu-2023")
    return replace(pack, tables=tuple(t for t in pack.tables if t.number in ("附表4-3", "附表4-5", "附表4-7")))


OWN = TABLES.replace("附表1\n部门支出总表", "附表4-3\n支出总表").replace("附表2", "附表4-5").replace("附表3", "附表4-7")


def test_a_title_without_a_table_is_our_reading_and_not_a_missing_table(tmp_path):
    lost = OWN.split("附表4-7")[0]
    assert said(audit_documents([page(tmp_path, HEAD + OWN)], three_tables()), "S01 套表的表") == []
    assert len(said(audit_documents([page(tmp_path, HEAD + lost)], three_tables()), "S01 套表的表")) == 1
    scanned = audit_documents([page(tmp_path, HEAD + lost + "\n附表4-7\n一般公共预算“三公”经费支出表\n（见扫描件）")], three_tables())
    assert said(scanned, "S01 套表的表") == []
    assert any("附表4-7" in text and "有标题" in text for text in scanned.unchecked)
    contents = "\n".join(t.title for t in three_tables().tables)
    assert len(said(audit_documents([page(tmp_path, HEAD + contents + lost)], three_tables()), "S01 套表的表")) == 1, "the contents alone is not a table"


def test_headings_of_plain_text_are_not_held_against_the_layout(tmp_path):
    other = OWN.replace("科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出", "科目编码 | 科目名称 | 合计 | 基本开支 | 项目支出")
    assert said(audit_documents([page(tmp_path, HEAD + other)], three_tables()), "S02 表头与表样") == []


def test_a_table_with_mostly_other_headings_is_told_as_not_checked(books, tmp_path):
    def change(book):
        for cell in book["附表4-3"][4][2:]:
            cell.value = f"甲{cell.value}"

    result = audit([edited(books["zengdu-2023"], tmp_path, change)])
    assert said(result, "S02 表头与表样") == []
    assert any("附表4-3" in text and "多数不同" in text for text in result.unchecked)
