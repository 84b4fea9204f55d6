"""Text taken out of pages by other programs: rows that no longer stand under their headings are told and not held against anything."""

from generator.published.audit import audit_documents
from generator.published.extract.plain import read_plain
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


def read(tmp_path, text):
    path = tmp_path / "说明.txt"
    path.write_text(text, encoding="utf-8")
    return read_plain(path)


def test_lines_cut_at_the_margin_are_one_paragraph(tmp_path):
    text = (
        "五、支出情况\n2023年一般公共预算拨款支出1493924.60元，其中：基\n本支出1440224.60元，项目支出53700.00元，具体支\n出预算如下，按照功能分类科目和经济分类科目划\n"
        "分，分别为机构运行和其他支出，主要用于本单位\n日常运转。\n（一）机构运行1100910.50元。\n"
    )
    assert [p.text for p in read(tmp_path, text).paragraphs][1:] == [
        "2023年一般公共预算拨款支出1493924.60元，其中：基本支出1440224.60元，项目支出53700.00元，具体支出预算如下，按照功能分类科目和经济分类科目划分，分别为机构运行和其他支出，主要用于本单位日常运转。",
        "（一）机构运行1100910.50元。",
    ]


def test_paragraphs_of_any_length_stay_apart(tmp_path):
    text = "本单位负责全县水利工作\n拟订规划并且组织实施，负责防汛抗旱，监督水利工程的建设和运行，指导农村水利\n编制年报\n负责水土保持的监督管理\n"
    assert len(list(read(tmp_path, text).paragraphs)) == 4


def test_columns_kept_by_spaces(tmp_path):
    text = """支出总表
单位：万元
科目编码    科目名称              合计      基本支出    项目支出
            合计                  70.00     50.00       20.00
213         农林水支出            60.00     40.00       20.00
208         社会保障和就业支出    10.00     10.00
以上各表数据已经核对。
"""
    document = read(tmp_path, text)
    (table,) = read_tables(document)
    assert [(r.code, [str(c.shown) for c in r.cells[2:] if c.figure]) for r in table.rows] == [("", ["70.00", "50.00", "20.00"]), ("213", ["60.00", "40.00", "20.00"]), ("208", ["10.00", "10.00"])]
    assert table.unit == "万元"
    assert document.unread == []


def test_rows_with_single_spaces_are_told(tmp_path):
    text = "收支总表\n单位：万元\n收入 支出\n一、一般公共预算拨款 60.00 一、农林水支出 50.00\n二、事业收入 10.00 二、教育支出 20.00\n收入总计 70.00 支出总计 70.00\n"
    document = read(tmp_path, text)
    assert read_tables(document) == []
    assert any("3 行像是表里的数" in t for t in document.unread)


def test_lines_cut_on_a_page_with_a_left_margin_beside_wide_tables(tmp_path):
    """As pdftotext -layout writes it: an indent for each paragraph's first line, tables wider than the prose."""
    prose = [
        "本单位2023年“三公”经费预算0.60万元，比2022年减少0.90",
        "万元，下降60.00%，主要原因是认真执行厉行节约的规定，并且",
        "严格控制公务接待的次数和标准。其中：公务接待费预算是0.6",
        "0万元，比2022年减少0.90万元，下降60.00%；公务用车购置",
    ]
    text = "\n".join(["    " + prose[0], *("  " + line for line in prose[1:]), "  及运行费0万元，因公出国（境）费0万元，与上年都持平。"])
    wide = "\n".join(f"  项目{n}，说明{'甲' * 30}    目标{'乙' * 30}    指标" for n in "一二三")
    paragraphs = [p.text for p in read(tmp_path, f"{text}\n{wide}\n").paragraphs]
    assert paragraphs[0].startswith("本单位2023年“三公”经费预算0.60万元，比2022年减少0.90万元，下降60.00%")
    assert "公务接待费预算是0.60万元" in paragraphs[0]
    assert paragraphs[0].endswith("与上年都持平。")


def test_a_table_without_two_blank_lines_between_its_rows_is_not_a_crash(tmp_path):
    text = "支出总表\n单位：万元\n科目名称              合计      基本支出\n\n农林水支出            60.00     40.00\n\n教育支出              10.00     10.00\n\n合计                  70.00     50.00\n"
    (table,) = read_tables(read(tmp_path, text))
    assert [str(c.shown) for c in table.rows[-1].cells[1:]] == ["70.00", "50.00"]


def test_figures_in_the_room_of_a_label_are_not_part_of_it(tmp_path):
    """A long name in one row reaches over where the next row has its amount: whose column that is, is not certain."""
    text = (
        "支出总表\n单位：万元\n科目名称  合计    基本支出    项目支出\n机关事业单位基本养老保险缴费支出    9.83    1.00\n"
        "行政运行    76.59      70.00    6.59\n住房公积金    11.58     11.58    1.00\n合计  98.00   91.41    8.59\n"
    )
    document = read(tmp_path, text)
    assert not any("76.59" in c.text for t in read_tables(document) for r in t.rows for c in r.cells if c.text.startswith("行政运行"))
    assert audit_documents([document]).findings == []


def test_forms_alone_are_not_an_explanation_with_sections_missing(tmp_path):
    text = "某县水务局2023年部门预算公开\n" + "\n".join(f"绩效指标{n}：按时完成全部任务，服务对象满意，成本控制在预算内 {n}.00 万元" for n in range(11, 90))
    assert audit_documents([read(tmp_path, text)]).findings == []
