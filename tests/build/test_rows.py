"""What lines print of what they stand for."""


import pytest

from generator.build.rows import groups
from tests.support import sample, selector_of


def printed(*levels: str) -> list[tuple[str, ...]]:
    """类, 款, 项 and 名称 of the first lines of basic expenditure by these levels."""
    selector = selector_of(sample())
    return [tuple(g.scope.get(k, "") for k in ("类", "款", "项", "名称")) for g in groups(selector, [level.split() for level in levels], "支出", selector.nonzero("支出", selector.measure("支出")))]


@pytest.mark.parametrize(
    ("levels", "lines"),
    [
        (("部门经济类", "部门经济款"), [("301", "", "", "工资福利支出"), ("301", "01", "", "基本工资")]),
        (("政府经济类", "政府经济款"), [("501", "", "", "机关工资福利支出"), ("501", "01", "", "工资奖金津补贴")]),
        (("功能类", "功能项"), [("201", "", "", "一般公共服务支出"), ("201", "03", "01", "行政运行")]),
        (("功能项", "部门经济款"), [("201", "03", "01", "行政运行"), ("201", "03", "01", "基本工资")]),
        (("部门经济类", "功能项"), [("301", "", "", "工资福利支出"), ("201", "03", "01", "行政运行")]),
    ],
)
def test_lines_print_class_and_item_of_what_they_stand_for(levels, lines):
    """Those of a functional subject where there is one, else those of the economic item; never blank."""
    assert printed(*levels)[:2] == lines
