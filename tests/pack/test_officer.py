"""What an officer does in Excel alone: the layout workbook is changed, nothing else, and the whole set follows."""

import copy
import shutil
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from generator import run
from generator.build.facts import context
from generator.build.table import build
from generator.model.problem import PackError
from generator.pack.library import templates_folder
from generator.pack.pack import load_pack
from generator.render.docx import render_docx
from generator.render.xlsx import workbook
from tests.support import sample, selector_of


@pytest.fixture
def templates(tmp_path, monkeypatch) -> Path:
    """A copy of templates/ that a test may change."""
    folder = tmp_path / "templates"
    shutil.copytree(templates_folder(), folder)
    monkeypatch.setenv("YUSUAN_TEMPLATES", str(folder))
    return folder


def edit(folder: Path, change) -> None:
    path = folder / "xlsx" / "pingjiang-2022.xlsx"
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def insert_column(book: openpyxl.Workbook) -> None:
    """Inserts a column after 奖金 in 预算08表 the way Excel does: everything right of it moves, merges and widths too."""
    sheet = book["预算08表"]
    body = next(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 1).value == "正文")
    at = next(c for c in range(2, sheet.max_column + 1) if sheet.cell(body, c).value == "部门经济 30103") + 1
    merges = [copy.copy(m) for m in sheet.merged_cells.ranges]
    for m in merges:
        sheet.unmerge_cells(str(m))
    sheet.insert_cols(at)
    for m in merges:
        left, right = m.min_col + (m.min_col >= at), m.max_col + (m.max_col >= at)
        sheet.merge_cells(start_row=m.min_row, end_row=m.max_row, start_column=left, end_column=right)
    for r in range(1, sheet.max_row + 1):
        old, new = sheet.cell(r, at - 1), sheet.cell(r, at)
        if old.has_style and not isinstance(new, openpyxl.cell.cell.MergedCell):
            new._style = copy.copy(old._style)
    heading = body - 2
    sheet.cell(heading, at).value = "其中：奖金和绩效合计"
    sheet.cell(body, at).value = "部门经济 30103 30107"


def test_a_column_added_in_excel_appears_filled_everywhere(templates, tmp_path):
    edit(templates, insert_column)
    done = run.build_set(sample(), tmp_path / "out")
    sheet = openpyxl.load_workbook(done.folder / run.TABLES_FILE)["预算08表"]
    texts = {c.value: c.column for row in sheet.iter_rows() for c in row if isinstance(c.value, str)}
    column = texts["其中：奖金和绩效合计"]
    total = next(r for r in range(1, sheet.max_row + 1) if any(c.value == "合计" for c in sheet[r][:3]))
    assert sheet.cell(total, column).value == 78.13  # 14.22 + 63.91
    import docx

    document = docx.Document(str(done.folder / "预算公开说明.docx"))
    table = next(t for t in document.tables if any("其中：奖金和绩效合计" in c.text for c in t.rows[1].cells) or any("其中：奖金和绩效合计" in c.text for r in t.rows[:4] for c in r.cells))
    heads = next(r for r in table.rows[:4] if any("其中：奖金和绩效合计" in c.text for c in r.cells))
    n = next(i for i, c in enumerate(heads.cells) if "其中：奖金和绩效合计" in c.text)
    assert any(r.cells[n].text == "78.13" for r in table.rows)


MISTAKES = [
    ("口径写错字", lambda b: b["预算08表"].cell(*cell(b, "部门经济 30101")).__setattr__("value", "部门经挤 30101"), "预算08表!", "不认识“部门经挤 30101”", "是不是“部门经济”"),
    ("来源写错", lambda b: b["按部门经济"].cell(1, 2).__setattr__("value", "【来源 经费拔款】"), "按部门经济!B1", "没有资金来源“经费拔款”", "经费拨款"),
    ("第一列写错", lambda b: b["预算33表"].cell(4, 1).__setattr__("value", "表投"), "预算33表!A4", "第一列“表投”不对", "表头"),
    ("种类写错", lambda b: catalog(b, "种类", "交义表"), "套表!", "不认识种类“交义表”", "交叉表"),
    ("金额单位写错", lambda b: catalog(b, "金额单位", "百万"), "套表!", "不认识金额单位“百万”", "万元"),
    ("行写错", lambda b: catalog(b, "行", "合计 / 科室"), "套表!", "不认识行“科室”", "功能项"),
    ("工作表没有", lambda b: catalog(b, "工作表", "没有的表"), "套表!", "没有工作表“没有的表”", "现有"),
    ("表号重复", lambda b: catalog(b, "表号", "预算04表"), "套表!", "重复", "已有"),
    ("忘了写【】", lambda b: unbracketed(b["预算01表"]), "预算01表!", "没有写在【】里", "写成 【收入 来源"),
    ("选项值写错", lambda b: b["预算32表"].cell(*cell(b, "编制数 人员类别 行政", "预算32表")).__setattr__("value", "编制数 人员类别 行政岗"), "预算32表!", "人员类别没有“行政岗”", "行政"),
]


def cell(book, text, name="预算08表"):
    return next((c.row, c.column) for row in book[name].iter_rows() for c in row if c.value == text)


def unbracketed(sheet):
    """Takes the brackets away from the first figure of a 固定行."""
    found = next(c for row in sheet.iter_rows() if row[0].value == "固定行" for c in row if str(c.value).startswith("【收入 来源"))
    found.value = found.value.strip("【】")


def cleared(book) -> None:
    """A column at the right whose words were deleted, its lines and the title's merge left."""
    sheet = book["预算33表"]
    last = sheet.max_column
    for row in sheet.iter_rows():
        if row[0].value in ("标题", "表头", "栏次", "正文", "表尾"):
            new = sheet.cell(row[0].row, last + 1)
            new._style = copy.copy(sheet.cell(row[0].row, last)._style)
    for m in [m for m in sheet.merged_cells.ranges if m.min_row <= 2 and m.max_col == last]:
        sheet.unmerge_cells(str(m))
        sheet.merge_cells(start_row=m.min_row, end_row=m.max_row, start_column=m.min_col, end_column=last + 1)


def test_a_cleared_column_does_not_print(templates):
    before = load_pack("pingjiang-2022").table("预算33表")
    edit(templates, cleared)
    after = load_pack("pingjiang-2022").table("预算33表")
    assert after.layout.widths == before.layout.widths
    assert after.layout.merges == before.layout.merges


def catalog(book, heading, value):
    sheet = book["套表"]
    row = next(c.row for r in sheet.iter_rows() for c in r if c.value == "预算08表")
    column = next(c.column for r in sheet.iter_rows() for c in r if c.value == heading)
    sheet.cell(row, column).value = value


@pytest.mark.parametrize(("name", "change", "where", "what", "allowed"), MISTAKES, ids=[m[0] for m in MISTAKES])
def test_a_mistake_in_the_layout_is_told_with_its_cell(templates, name, change, where, what, allowed):
    edit(templates, change)
    with pytest.raises(PackError) as error:
        load_pack("pingjiang-2022")
    message = str(error.value)
    assert f"pingjiang-2022.xlsx!{where}" in message
    assert what in message
    assert allowed in message


def test_all_mistakes_in_one_run(templates):
    def several(book):
        for change in (MISTAKES[0][1], MISTAKES[1][1], MISTAKES[3][1]):
            change(book)

    edit(templates, several)
    with pytest.raises(PackError) as error:
        load_pack("pingjiang-2022")
    assert len(error.value.messages) >= 3


YAML_MISTAKES = [
    ("写了两次", "name: 甲\nname: 乙\n", "pingjiang-2022.yaml!第2行 “name”写了两次"),
    ("不认识的项", "extends: base\nsorces: []\n", "pingjiang-2022.yaml!第2行 不认识“sorces”"),
    ("格式坏了", "name: [\n", "pingjiang-2022.yaml!"),
    ("上级不存在", "extends: base\nsources:\n- {name: 甲, under: 乙}\n", "资金来源“甲”的上级“乙”不存在"),
    ("绕圈", "extends: pingjiang-2022\n", "绕回了自己"),
]


@pytest.mark.parametrize(("name", "text", "message"), YAML_MISTAKES, ids=[m[0] for m in YAML_MISTAKES])
def test_a_mistake_in_the_yaml_is_told_with_its_line(templates, name, text, message):
    (templates / "packs" / "pingjiang-2022.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(PackError) as error:
        load_pack("pingjiang-2022")
    assert message in str(error.value)


def test_same_input_same_bytes(tmp_path):
    first = run.build_set(sample(), tmp_path / "a")
    second = run.build_set(sample(), tmp_path / "b")
    for name in first.files:
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes(), name


def test_tables_are_built_once_for_workbook_and_word():
    """The renderers take the same Table objects: they cannot disagree."""
    selector = selector_of(sample())
    tables = [build(selector, spec).table for spec in selector.pack.tables]
    names = context(selector, tables, selector.pack.tables)
    assert workbook(tables, "甲", datetime(2022, 1, 1))
    for template in run.templates(selector.pack).values():
        assert render_docx(template, names, tables, created=datetime(2022, 1, 1))


def growing_list(book: openpyxl.Workbook) -> None:
    """Statement 01-1: the expenditure list becomes one line per class that has money."""
    sheet = book["预算01-1表"]
    first = next(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 1).value == "固定行")
    last = max(r for r in range(1, sheet.max_row + 1) if sheet.cell(r, 1).value == "固定行")
    for r in range(first, last):
        sheet.cell(r, 4).value = sheet.cell(r, 5).value = None
    sheet.cell(first, 4).value, sheet.cell(first, 5).value = "【逐项 功能类】【中文序号】、【名称】", "【支出 合计】"
    sheet.cell(last, 1).value = "合计行"


def test_a_statement_with_as_many_lines_as_there_are_classes(templates):
    edit(templates, growing_list)
    selector = selector_of(sample())
    spec = load_pack("pingjiang-2022").table("预算01-1表")
    built = build(selector, spec)
    assert not built.problems
    rows = [[c.text if c.amount is None else c.shown for c in line.cells[2:]] for line in built.table.lines if line.kind.value == "正文"]
    assert [str(r[0]) for r in rows[:3]] == ["一、一般公共服务支出", "二、社会保障和就业支出", "三、住房保障支出"]
    assert [str(r[1]) for r in rows[:3]] == ["1217.14", "46.48", "33.07"]
    assert rows[-1][0] == "支 出 总 计"
    assert str(rows[-1][1]) == "1296.69"
    assert rows[3][0] is None, "the shorter list is filled up with empty cells"
    assert len(rows) == 16, "as many lines as the longer list, and the totals below"
