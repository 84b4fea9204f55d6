"""What could not be checked, on a terminal: one cause, one line, in the workbook's order."""

from generator.render.marked import About
from generator.render.terminal import waiting_lines

ORDER = {"单位信息": 0, "人员情况": 1, "政府采购": 2}


def lines(*not_run):
    return waiting_lines(About(not_run=not_run), ORDER, "见报告")


def test_one_cause_is_one_line_in_the_order_of_the_sheets():
    assert lines(("A19 单价", "“政府采购”没有填"), ("S10 期限", "没有填批复日期和公开日期"), ("X19 项目", "“政府采购”没有填"), ("X19 支出", "“政府采购”没有填"), ("M13 编制", "“人员情况”没有填")) == [
        "未能核对 5 项（缺内容，没有核对，不等于通过），见报告：",
        "  “人员情况”没有填：M13 编制",
        "  “政府采购”没有填：A19 单价 等 3 项",
        "  没有填批复日期和公开日期：S10 期限",
    ]


def test_holes_of_one_sheet_and_what_the_set_does_not_ask_for_are_one_cause_each():
    assert lines(
        ("A19 小微", "“政府采购”没有填面向小微企业"), ("P14 预留", "“政府采购”没有填面向中小企业的金额"), ("W20 会议", "本套表没有“会议内容”这一事项"), ("W20 培训", "本套表没有“培训内容”这一事项")
    )[1:] == [
        "  “政府采购”没有填面向小微企业：A19 小微、P14 预留",
        "  本套表没有这一项内容：W20 会议、W20 培训",
    ]


def test_many_causes_are_counted():
    shown = lines(*((f"R{n}", f"原因{n}") for n in range(20)))
    assert len(shown) == 10
    assert shown[-1] == "  ……还有 12 个原因"


def test_nothing_waits_nothing_is_said():
    assert lines() == []
