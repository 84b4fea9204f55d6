"""Single checks on documents of a few lines: what each says, and what it leaves alone."""

import pytest

from generator.model.problem import Level
from tests.published.helpers import found, rules

HEAD = "某县水务局2023年部门预算公开\n"


@pytest.mark.parametrize(
    ("sentence", "kind", "says"),
    [
        ("2023年收入总计444.40万元（上年收入总计579.38万元），比上年减少134.98万元，下降23.29%。", "W04 百分比截尾", "截去"),
        ("2023年基本支出241.64万元，比去年预算216.33万元增加25.31万元，同比增加11.86%。", "W03 增减百分比", "11.70%"),
        ("2023年会议费0.14万元，比上年减少0.15万元，同比减少107.14%。", "W05 减幅超过100%", "超过100%"),
        ("2023年培训费120.00万元，比上年增加20.00万元，增长16.67%。", "W04 误用本年作分母", "本年数作了分母"),
        ("2023年项目支出120.00万元，比上年增加20.00万元，下降20.00%。", "W02 方向相反", "方向相反"),
        ("2023年项目支出120.00万元，比2022年140.00万元增加20.00万元，增长14.29%。", "W02 增减方向", "减少"),
        ("2023年项目支出120.00万元（2022年为100.00万元），比2022年增加30.00万元，增长30.00%。", "W02 增减额", "20.00万元"),
        ("2023年项目支出20.00万元，上年为0万元，增长100%。", "W06 上年为零", "没有意义"),
    ],
)
def test_a_change_that_cannot_be(tmp_path, sentence, kind, says):
    result = found(tmp_path, HEAD + sentence)
    assert kind in rules(result, Level.ERROR)
    assert any(says in f.message for f in result.findings)
    assert all(f.quote for f in result.findings if f.rule == kind)


@pytest.mark.parametrize(
    "sentence",
    [
        "2023年收入总计444.40万元（上年收入总计579.38万元），比上年减少134.98万元，下降23.30%。",
        "2023年基本支出241.64万元，比上年增加25.3万元，增长11.69%。",
        "2023年商品和服务支出93.05万元，比上年增加30.39万元，增加49%。",  # 48.50 rounds to 48 or 49: the exact figures may be either side
        "收入预算100万元，其中财政拨款90万元，比上年增加10万元，增长11.11%。",
        "收入预算100万元，其中财政拨款90万元，比上年增加10万元，增长12.5%。",
        "2023年初负债总额-0.96万元，比上年减少1.96万元。",
        "会议费与上年持平。2023年培训费0.25万元，与2022年持平。",
        "2023年“三公”经费预算0.50万元，占预算的0.10%，较上年增加0.05个百分点。",
        "单价50万元以上通用设备1台，每人每年补助1200元，人均标准0.5万元/年。",
        "合同金额12.00万元，2021年签订，至2025年止。",
    ],
)
def test_what_is_right_or_cannot_be_known_is_left_alone(tmp_path, sentence):
    assert [f for f in found(tmp_path, HEAD + sentence).findings if f.level is not Level.HINT] == []


TABLES = """
附表1
部门支出总表
部门：某县水务局 单位：万元
科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
| 合计 | 70.00 | 50.00 | 20.00
213 | 农林水支出 | 60.00 | 40.00 | 20.00
21303 | 水利 | 60.00 | 40.00 | 20.00
2130301 | 行政运行 | 40.00 | 40.00 |
2130306 | 水利工程运行与维护 | 20.00 |  | 20.00
221 | 住房保障支出 | 10.00 | 10.00 |
22102 | 住房改革支出 | 10.00 | 10.00 |
2210201 | 住房公积金 | 10.00 | 10.00 |
附表2
一般公共预算支出表
部门：某县水务局 单位：万元
科目编码 | 科目名称 | 合计 | 人员经费 | 公用经费 | 项目支出
| 合计 | 70.00 | 42.00 | 8.00 | 20.00
213 | 农林水支出 | 60.00 | 32.00 | 8.00 | 20.00
21303 | 水利 | 60.00 | 32.00 | 8.00 | 20.00
2130301 | 行政运行 | 40.00 | 32.00 | 8.00 |
2130306 | 水利工程运行与维护 | 20.00 |  |  | 20.00
221 | 住房保障支出 | 10.00 | 10.00 |  |
22102 | 住房改革支出 | 10.00 | 10.00 |  |
2210201 | 住房公积金 | 10.00 | 10.00 |  |
附表3
一般公共预算“三公”经费支出表
部门：某县水务局 单位：万元
合计 | 因公出国（境）费 | 公务用车购置费 | 公务用车运行费 | 公务接待费
3.20 | 0.00 | 0.00 | 2.00 | 1.20
"""
TEXT = HEAD + "一、收支情况\n2023年支出预算70.00万元，其中：基本支出50.00万元，项目支出20.00万元。\n农林水支出（类）60.00万元。\n2023年“三公”经费预算3.20万元，其中公务接待费1.20万元。\n"


def test_small_tables_that_agree(tmp_path):
    result = found(tmp_path, TEXT + TABLES)
    assert result.findings == []
    assert result.compared > 60


@pytest.mark.parametrize(
    ("old", "new", "rule", "says"),
    [
        ("2130301 | 行政运行 | 40.00 | 40.00 |", "2130301 | 行政运行 | 40.00 | 44.00 |", "A00 表内加总", "44.00万元"),
        ("221 | 住房保障支出 | 10.00 | 10.00 |  |", "221 | 住房保障支出 | 10.90 | 10.90 |  |", "X00 表间相等", "10.90万元"),
        ("3.20 | 0.00 | 0.00 | 2.00 | 1.20", "3.20 | 0.00 | 0.00 | 2.00 | 1.90", "A00 表内加总", "3.90万元"),
        ("农林水支出（类）60.00万元", "农林水支出（类）66.00万元", "W01 文字与表一致", "60.00万元"),
        ("基本支出50.00万元，项目", "基本支出55.00万元，项目", "W10 分项之和", "75.00万元"),
        ("公务接待费1.20万元", "公务接待费12.00万元", "W01 文字与表一致", "1.20万元"),
        ("2023年“三公”经费预算3.20", "2022年“三公”经费预算3.20", "S08 预算年度", "2022年"),
        ("一、收支情况", "一、2021年部门预算收支情况", "S08 预算年度", "2021年"),
        ("2130306 | 水利工程运行与维护 | 20.00 |  | 20.00", "2130306 | 水利工程运行和维修 | 20.00 |  | 20.00", "M01 科目名称", "水利工程运行与维护"),
        ("农林水支出（类）60.00万元。", "农林水支出（类）60.00万元，主要原因是。", "S11 没有写完", "主要原因是"),
        ("农林水支出（类）60.00万元。", "本年没有项目支出安排。", "W21 说没有就没有", "20.00万元"),
        ("附表3", "附表3、附表2均为空表。\n附表3", "S04 空表清单", "附表2"),
    ],
)
def test_one_thing_changed_is_named(tmp_path, old, new, rule, says):
    whole = TEXT + TABLES
    assert old in whole
    result = found(tmp_path, whole.replace(old, new, 1))
    assert rule in rules(result), result.findings
    assert any(f.rule == rule and says in f.message for f in result.findings)


def test_within_rounding_is_a_hint_and_beyond_is_an_error(tmp_path):
    tail = TABLES.replace("2130306 | 水利工程运行与维护 | 20.00 |  | 20.00", "2130306 | 水利工程运行与维护 | 20.01 |  | 20.01", 1)
    result = found(tmp_path, TEXT + tail)
    assert result.count(Level.ERROR) == 0
    assert any(f.level is Level.HINT for f in result.findings)
    noted = found(tmp_path, TEXT + "表中合计与分项的尾差系四舍五入所致。\n" + tail)
    assert not any("尾差" in f.rule for f in noted.findings)


def test_a_column_counted_into_another_total_is_the_publishers_own_way(tmp_path):
    """社会保障缴费合计 with 住房公积金 in it, in every row: not a mistake; the same in one row only is one."""
    table = """
    基本支出明细表
    单位：万元
    科目编码 | 科目名称 | 总计 | 工资 | 社保合计 | 公积金
    | 合计 | 31.00 | 20.00 | 11.00 | 5.00
    2010301 | 行政运行 | 21.00 | 20.00 | 1.00 |
    2080505 | 养老保险缴费 | 5.00 |  | 5.00 |
    2210201 | 住房公积金 | 5.00 |  | 5.00 | 5.00
    """
    assert "A00 表内加总" not in rules(found(tmp_path, HEAD + table))
    wrong = table.replace("2010301 | 行政运行 | 21.00", "2010301 | 行政运行 | 24.00")
    assert found(tmp_path, HEAD + wrong).findings


def test_a_whole_table_out_of_place_is_our_reading_and_said_once(tmp_path):
    rows = "\n".join(f"20{n:02d}01 | 科目{n} | {n}.10 | {n + 40}.20 | {n + 7}.30" for n in range(10, 30))
    result = found(tmp_path, HEAD + "部门支出总表\n单位：万元\n科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出\n" + rows)
    assert result.count(Level.ERROR) == 0
    assert len(result.findings) <= 2


def test_what_was_not_checked_is_told(tmp_path):
    result = found(tmp_path, HEAD + "2023年某专项资金12.34万元。")
    assert any("12.34万元" in text for text in result.unchecked)
    states = {c.name: c.state for c in result.checks}
    assert states["表内加总"] == "未检查"
    assert states["个人信息"] == "通过"


def test_persons_are_masked(tmp_path):
    number = "139" + "1234" + "5678"
    result = found(tmp_path, HEAD + f"联系电话：{number}")
    assert "F01 个人信息" in rules(result, Level.ERROR)
    assert not any(number in str(f) for f in result.findings)


def test_another_unit_above_one_of_the_tables(tmp_path):
    more = TEXT + TABLES + TABLES.replace("附表1", "附表4").replace("附表2", "附表5").split("附表3")[0]
    wrong = more.replace("附表5\n一般公共预算支出表\n部门：某县水务局", "附表5\n一般公共预算支出表\n部门：邻县林业局")
    assert wrong != more
    assert "S07 其他单位名称" in rules(found(tmp_path, wrong), Level.ERROR)


def words_of(result):
    return [str(f.message) for f in result.findings if f.level is not Level.HINT]


@pytest.mark.parametrize(
    "text",
    [
        # 1.00 before, 0.5 more: what is printed as 1 may be anything to 1.5, its base anything to 1
        "2023年公务接待费1万元，比上年增加0.5万元，增长100%。",
        # parts of different subjects, and of different projects
        "六、支出情况\n机构运行支出90.00万元，其中：基本支出90.00万元，项目支出0万元。\n技术研究支出20.00万元，其中：基本支出0万元，项目支出20.00万元。",
        "六、支出情况\n1.基本支出预算80.00万元。其中：\n商品和服务支出16.00万元。\n2.项目支出20.00万元。其中：\n商品和服务支出20.00万元。",
        # two amounts of which neither has a name of its own
        "四、一般公共预算情况\n1.甲镇小学项目1个，分别是：18.00万元。\n2.乙镇小学项目1个，分别是：12.00万元。",
    ],
)
def test_what_differs_because_it_is_something_else(tmp_path, text):
    assert words_of(found(tmp_path, HEAD + text)) == []


VERTICAL = """
某开发区2020年部门“三公”经费预算
一、2020年“三公”经费支出预算表
单位：万元
项 目 | 预 算 数
合 计 | 40.20
因公出国（境）费 | 0
公务接待费 | 22.20
公务用车购置及运行费 | 18.00
其中：公务用车运行费 | 18.00
公务用车购置费 | 0
二、2020年“三公”经费支出预算情况说明
本区2020年“三公”经费支出预算为40.20万元，比2019年预算减少4.80万元，下降10.67%。
（一）因公出国（境）费支出0万元，与2019年预算持平。
（二）公务接待费支出22.20万元，比2019年预算减少4.80万元，下降17.78%。
（三）公务用车购置及运行费支出18.00万元，与2019年预算持平。
"""


def test_the_year_compared_with_is_not_the_year(tmp_path):
    result = found(tmp_path, VERTICAL)
    assert result.about.year == 2020
    assert words_of(result) == []


def test_rows_within_another_are_not_added(tmp_path):
    assert words_of(found(tmp_path, VERTICAL)) == []
    assert any("40.20" in text for text in words_of(found(tmp_path, VERTICAL.replace("22.20\n公务用车", "12.20\n公务用车"))))


def test_a_heading_of_another_year_is_not_the_year(tmp_path):
    text = "2021年某区收入执行情况表\n单位：万元\n项目 | 2020年完成数 | 2021年预算数 | 2021年完成数\n增值税 | 13.00 | 18.00 | 17.00\n契税 | 1.00 | 2.00 | 2.00"
    assert found(tmp_path, text).about.year == 2021


@pytest.mark.parametrize("text", ["比上年减少 万元", "公务接待费30.00万元，占 %，"])
def test_amounts_that_were_never_filled_in(tmp_path, text):
    assert any("没有写完" in said for said in words_of(found(tmp_path, HEAD + f"2023年“三公”经费35.00万元，{text}原因是厉行节约。")))


def test_a_name_of_a_row_is_not_held_against_half_a_set(tmp_path):
    """The table with the other units' running cost could not be made out: what is left says nothing about the whole."""
    text = """
    2023年办公费30.00万元。
    附表1
    基本支出表
    单位：万元
    科目编码 | 科目名称 | 合计
    | 合计 | 20.00
    30201 | 办公费 | 12.00
    30202 | 印刷费 | 8.00
    """
    assert any("30.00" in said for said in words_of(found(tmp_path, HEAD + text)))
    lost = "附表2\n213 | 18.00 | 1.00\n208 | 2.00 | 1.00"
    assert words_of(found(tmp_path, HEAD + text + lost)) == []
