"""What the pictures show: figures the tables print, found by what they are made of."""

from decimal import Decimal
from pathlib import Path

import pytest

from generator import run
from generator.build.charts import MOST, _few, charts
from generator.model.chart import Chart, Point
from generator.model.problem import PackError
from generator.pack.charts import ChartSpec, wrong_charts
from generator.run import get_pack
from tests.support import SAMPLES, sample


def made(name: str) -> tuple[Chart, ...]:
    printed = run.check(sample(name)).printed
    assert printed is not None
    return charts(printed, everything=True)


def point(label: str, *values: str) -> Point:
    return Point(label, tuple(Decimal(v) for v in values))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_bar_is_the_figure_of_the_cells_it_names(name):
    checked = run.check(sample(name))
    tables = {table.name: table for table in checked.tables}
    assert checked.printed is not None
    drawn = charts(checked.printed, everything=True)
    assert drawn
    named = 0
    for chart in drawn:
        for bar in chart.points:
            if bar.at:
                named += 1
                assert sum(tables[sheet].cell(r, c).shown or 0 for sheet, r, c in bar.at) == bar.values[0], (chart.title, bar)
    assert named or name == "performance-2021"  # its only table is a form


def test_the_pictures_of_a_real_set():
    drawn = {chart.name: chart for chart in made("pingjiang-2022")}
    functions = drawn["支出功能分类"]
    assert functions.title == "2022年支出预算（按功能分类）"
    assert [(p.label, str(p.values[0])) for p in functions.points] == [("一般公共服务支出", "1217.14"), ("社会保障和就业支出", "46.48"), ("住房保障支出", "33.07")]
    assert functions.source == "本年数见预算01表"
    official = drawn["三公经费"]
    assert official.series == ("2022年预算数", "2021年预算数")
    assert official.points[0].values == (Decimal("3.24"), Decimal("3.60"))
    assert official.tables == ("预算33表",)
    total, reception = official.points[0].at, official.points[-1].at
    assert total != reception, "合计 and its only part are two cells"


def test_a_set_without_last_year_is_not_compared_with_nothing():
    assert not [chart for chart in made("hetang-2022") if chart.compared]


def test_a_pack_can_switch_its_pictures_off():
    printed = run.check(sample("performance-2021")).printed
    assert printed is not None
    assert printed.selector.pack.file.show_charts == "否"
    assert charts(printed) == ()
    assert charts(printed, everything=True), "or nothing was switched off"


def test_the_whole_alone_is_no_picture():
    assert "收入来源" not in {chart.name for chart in made("pingjiang-2022")}, "经费拨款 is all there is"


def test_what_no_table_prints_alone_is_said():
    economic = next(chart for chart in made("zengdu-2023") if chart.name == "支出经济分类")
    assert economic.source.endswith("，表里没有单列的由主工作簿汇总")


def test_twenty_parts_are_ten_bars_that_add_up():
    points = [Point(f"科目{n}", (Decimal(n),), (("表", n, 0),)) for n in range(20, 0, -1)]
    few = list(_few(points))
    assert len(few) == MOST
    assert few[-1].label == "其他（11项）"
    assert few[-1].at == tuple(p.at[0] for p in points[MOST - 1 :])
    assert sum(p.values[0] for p in few) == sum(p.values[0] for p in points)
    assert list(_few(points[:MOST])) == points[:MOST]


def test_shares_and_words():
    parts = Chart("甲", "支出预算", ("2024年预算数",), (point("一", "2.00"), point("二", "1.00"), point("零", "0.00")))
    assert [str(parts.share(p)) for p in parts.points] == ["66.67", "33.33", "0.00"]
    assert parts.alt == "条形图：支出预算。一2.00万元，占66.67%；二1.00万元，占33.33%；零0.00万元，占0.00%。"
    negative = Chart("乙", "冲减", ("2024年预算数",), (point("一", "2.00"), point("二", "-1.00")))
    assert negative.share(negative.points[0]) is None
    both = Chart("丙", "对比", ("2024年预算数", "2023年预算数"), (point("一", "2.00", "0.00"),))
    assert both.alt == "柱形图：对比。一2024年预算数2.00万元、2023年预算数0.00万元。"


WRONG = {
    "show": ({}, "好", "不认识“好”；可用：是、否"),
    "title": ({"甲": ChartSpec("{年}支出", figure="支出 合计", by="功能类")}, "", "不认识“{年}”；可用：{年度}"),
    "neither": ({"甲": ChartSpec("支出")}, "", "两样写一样"),
    "both": ({"甲": ChartSpec("支出", figure="支出 合计", by="功能类", facts={"一": "收入总计"})}, "", "两样写一样"),
    "figure": ({"甲": ChartSpec("支出", figure="部门经挤 302", by="功能类")}, "", "不认识“部门经挤 302”里的“部门经挤”"),
    "by": ({"甲": ChartSpec("支出", figure="支出 合计", by="功能")}, "", "by 不认识“功能”；可用：.*是不是“功能"),
    "fact": ({"甲": ChartSpec("对比", facts={"收入": "收入总记"})}, "", "没有“收入总记”这个数；是不是“收入总计”"),
    "many": ({"甲": ChartSpec("对比", facts={str(n): "收入总计" for n in range(7)})}, "", "有 7 组，一幅对比图最多 6 组"),
}


@pytest.mark.parametrize(("specs", "show", "says"), WRONG.values(), ids=WRONG)
def test_a_wrong_picture_is_told(specs, show, says):
    import re

    pack = get_pack("pingjiang-2022")
    told = list(wrong_charts("甲.yaml", show, specs, pack.vocabulary, pack.facts, ["来源", "功能类", "功能款"]))
    assert len(told) == 1
    assert told[0].startswith("甲.yaml ")
    assert re.search(re.escape(says).replace(r"\.\*", ".*"), told[0]), told[0]


def test_a_pack_with_a_wrong_picture_is_refused(tmp_path: Path):
    from generator import authoring

    folder = authoring.new_pack("zengdu-2023", "mycounty-2024", tmp_path)
    yaml = folder / "mycounty-2024.yaml"
    yaml.write_text(yaml.read_text(encoding="utf-8") + "show_charts: 要\ncharts: {三公经费: {title: ''}}\n", encoding="utf-8")
    with pytest.raises(PackError, match=r"mycounty-2024\.yaml show_charts 不认识“要”"):
        get_pack(str(folder))
    yaml.write_text(yaml.read_text(encoding="utf-8").replace("show_charts: 要", "show_charts: 是"), encoding="utf-8")
    pack = get_pack(str(folder))
    assert "三公经费" not in pack.chart_figures
    printed = run.check(sample("zengdu-2023"), str(folder)).printed
    assert printed is not None
    assert [chart.name for chart in charts(printed)] == ["支出功能分类", "支出经济分类", "两年对比"]
