"""Text taken out of pages by other programs: rows that no longer stand under their headings are told and not held against anything."""

from generator.published.audit import audit_documents
from generator.published.tables import read_tables
from tests.published.helpers import page

LOST = """
某县水务局2023年部门预算公开
附表3
支出总表
单位：万元
科目 | | | 总计 | 基本支出 | 项目支出
科目编码 | | 科目名称 | | |
类 | 款 | 项 | | |
合计 | | | 70.00 | 50.00 | 20.00
213 | 03 | 01 | 行政运行 | 60.00 | 40.00 | 20.00
208 | 05 | 05 | 机关事业单位基本养老保险缴费支出 | 10.00 | 10.00 |
"""


def test_rows_beside_their_headings_are_told(tmp_path):
    document = page(tmp_path, LOST)
    (table,) = read_tables(document)
    assert table.ragged
    assert not table.figure_columns
    assert any("附表3 支出总表" in t and "对不齐" in t for t in document.unread)
    assert audit_documents([document]).findings == []
    read_tables(document)
    assert len(document.unread) == 1  # told once


def test_rows_under_their_headings_are_read(tmp_path):
    good = (
        LOST.replace("类 | 款 | 项 | | |", "类 | 款 | 项 | | | |")
        .replace("科目 | | | 总计", "科目 | | | | 总计")
        .replace("科目编码 | | 科目名称", "科目编码 | | | 科目名称")
        .replace("合计 | | | 70.00", "合计 | | | | 70.00")
    )
    document = page(tmp_path, good)
    (table,) = read_tables(document)
    assert not table.ragged
    assert [c.role for c in table.columns] == ["编码", "编码", "编码", "名称", "金额", "金额", "金额"]
    assert document.unread == []


def test_a_grid_without_a_heading_is_told(tmp_path):
    document = page(tmp_path, "说明\n213 | 60.00 | 40.00\n208 | 10.00 | 10.00")
    assert read_tables(document) == []
    assert any("没有认出表头" in t for t in document.unread)


def test_the_end_of_a_code_that_stands_with_the_name(tmp_path):
    text = """
    支出总表
    单位：万元
    类 | 款 | 科目名称 | 合计 | 基本支出
    201 | 03 | 50 事业运行 | 3.00 | 3.00
    210 | 11 | 01行政单位医疗 | 1.00 | 1.00
    """
    (table,) = read_tables(page(tmp_path, text))
    assert [(r.code, r.label) for r in table.rows] == [("2010350", "事业运行"), ("2101101", "行政单位医疗")]


def test_the_sides_of_a_statement_are_a_heading(tmp_path):
    text = """
    部门财务收支预算总表
    单位：元
    本年收入 | | 本年支出 |
    项目 | 预算数 | 项目 | 预算数
    一、财政拨款收入 | 300 | 一、农林水支出 | 300
    收入总计 | 300 | 支出总计 | 300
    """
    (table,) = read_tables(page(tmp_path, text))
    assert [c.title for c in table.columns] == ["本年收入/项目", "本年收入/预算数", "本年支出/项目", "本年支出/预算数"]
