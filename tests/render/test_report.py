"""校验报告.xlsx: every finding, every rule with its outcome, the figures of both sides; the same bytes for the same input."""

import json
from datetime import datetime

import openpyxl
import pytest

from generator.model.problem import DataError, Level, Place, Problem
from generator.render.marked import About
from generator.render.report import FAILED, NOT_RUN, PASSED, FiguresLine, Report, RuleLine, TableLine, report_workbook
from generator.run import build_set, check, hand_back, report
from tests.support import minimal, sample, write


def lines(path, sheet):
    return [[c.value for c in row] for row in openpyxl.load_workbook(path)[sheet].iter_rows()]


def unbalanced(folder):
    return write(folder / "甲局.xlsx", minimal(收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", 90000]]))


def small(**changed):
    values = {
        "title": "2022 年甲局预算公开校验报告",
        "verdict": "通过",
        "passed": True,
        "facts": [("单位", "甲局")],
        "problems": [Problem(Level.HINT, Place("甲局.xlsx", "收入", 3, 3), "=读作 100000", "", "金额")],
        "about": About(),
        "basis": {},
        "rules": [RuleLine("收支平衡", PASSED, "错误", "《预算法实施条例》第五条"), RuleLine("三公合计", NOT_RUN, "错误", "", "没有附表4-7")],
        "figures": [FiguresLine("收支平衡", "经费拨款", "收入 1.00 元", "支出 1.00 元", PASSED)],
        "tables": [TableLine("预算01表", "总表", 12, PASSED), TableLine("预算02表", "表", 3, NOT_RUN, "收入里有读不出来的内容"), TableLine("预算03表", "表", 3, NOT_RUN, "收入里有读不出来的内容")],
        "created": datetime(2022, 2, 1),
    }
    return Report(**{**values, **changed})


def test_what_the_report_says(tmp_path):
    (tmp_path / "r.xlsx").write_bytes(report_workbook(small()))
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert book.sheetnames == ["概况", "问题", "核对结果", "勾稽"]
    overview = dict(row for row in lines(tmp_path / "r.xlsx", "概况") if row[0])
    assert overview["结论"] == "通过"
    assert overview["核对规则"] == "1 项通过、1 项未能核对"
    assert overview["勾稽"] == "2 项通过、2 项未能核对"
    assert lines(tmp_path / "r.xlsx", "问题")[1][:5] == ["提示", "知道就行的提示", "收入", "C3", "=读作 100000"]
    assert book["问题"]["E2"].data_type == "s", "what a cell says never becomes a formula"
    assert lines(tmp_path / "r.xlsx", "核对结果")[2] == ["未能核对", "三公合计", "错误", "", "没有附表4-7", ""]
    figures = lines(tmp_path / "r.xlsx", "勾稽")
    assert figures[1][:5] == ["通过", "收支平衡", "经费拨款", "收入 1.00 元", "支出 1.00 元"]
    assert figures[-1] == ["未能核对", "表内全覆盖", "预算02表 等 2 张表", "", "", "收入里有读不出来的内容"], "one cause, one line"


def test_it_is_set_up_for_print_and_names_nobody(tmp_path):
    (tmp_path / "r.xlsx").write_bytes(report_workbook(small()))
    book = openpyxl.load_workbook(tmp_path / "r.xlsx")
    assert not book.properties.creator
    for sheet in book:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.print_area
        if sheet.title != "概况":
            assert sheet.print_title_rows == "$1:$1"
        assert sheet.oddHeader.left.text.strip().endswith("2022 年甲局预算公开校验报告"), "a year right behind the font size would be read as one"


def test_same_input_same_bytes():
    assert report_workbook(small()) == report_workbook(small())


def test_a_report_without_problems(tmp_path):
    (tmp_path / "r.xlsx").write_bytes(report_workbook(small(problems=(), figures=(), tables=())))
    assert lines(tmp_path / "r.xlsx", "问题")[1][0] == "没有发现问题。"
    assert lines(tmp_path / "r.xlsx", "勾稽")[1][0] == "没有可以勾稽的数。"


def test_a_build_has_the_report_with_figures_of_both_sides(tmp_path):
    done = build_set(sample(), tmp_path)
    path = done.folder / "校验报告.xlsx"
    overview = dict(row for row in lines(path, "概况") if row[0])
    assert overview["结论"].startswith("通过，公开表和说明已生成")
    assert "预算公开表.xlsx" in overview["读回核对"]
    figures = lines(path, "勾稽")
    assert any(row[0] == "通过" and "收支平衡" in row[1] and row[3].startswith("收入 ") and row[4].startswith("支出加结转下年 ") for row in figures)
    assert sum(row[1] == "表内全覆盖" for row in figures) == len(done.checked.tables)
    assert {row[1] for row in lines(path, "核对结果")[2:]} == {o.rule.id for o in done.checked.outcomes}
    assert "校验报告.xlsx" in json.loads((done.folder / "run.json").read_text(encoding="utf-8"))["输出"]


def test_a_refused_build_says_so_and_an_earlier_result_stays(tmp_path):
    path = write(tmp_path / "甲局.xlsx", minimal())
    build_set(path, tmp_path / "out")
    before = {p.name: p.read_bytes() for p in (tmp_path / "out" / "2022甲局").rglob("*") if p.is_file()}
    with pytest.raises(DataError):
        build_set(unbalanced(tmp_path), tmp_path / "out")
    assert {p.name: p.read_bytes() for p in (tmp_path / "out" / "2022甲局").rglob("*") if p.is_file()} == before
    refused = tmp_path / "out" / "2022甲局（校验）" / "校验报告.xlsx"
    assert lines(refused, "概况")[2][1].startswith("未通过：有 ")
    row = next(r for r in lines(refused, "勾稽") if "收支平衡" in r[1])
    assert row == ["未通过", row[1], "经费拨款", "收入 90,000.00 元", "支出加结转下年 100,000.00 元", "10,000.00 元"]
    assert ["未通过", row[1]] in [r[:2] for r in lines(refused, "核对结果")]


def test_rules_that_could_not_run_are_not_passed(tmp_path):
    path = write(tmp_path / "甲局.xlsx", minimal(收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", "十万"]]))
    checked = check(path)
    (tmp_path / "r.xlsx").write_bytes(report(path, checked))
    found = {row[1]: row for row in lines(tmp_path / "r.xlsx", "核对结果")[1:]}
    assert found["逐格读取主工作簿"][0] == FAILED
    balance = next(row for rule, row in found.items() if "收支平衡" in rule)
    assert balance[0] == NOT_RUN
    assert "C3" in balance[4]


def test_a_workbook_without_units_has_a_report_too(tmp_path):
    path = write(tmp_path / "甲局.xlsx", minimal(单位信息=[["年度", "2022"], ["套表", "pingjiang-2022"], [], ["单位编码", "单位名称", "单位性质"]]))
    notes = hand_back(path, check(path), tmp_path / "out")
    assert [n.partition("：")[0] for n in notes] == ["标注件", "校验报告"]
    found = lines(tmp_path / "out" / "甲局（校验）" / "校验报告.xlsx", "核对结果")
    assert {row[0] for row in found[2:]} == {NOT_RUN}
