"""What is built from a master and what is read from a page are one type and say the same: Table."""

from collections import Counter
from decimal import Decimal

import pytest

from bench.audit_catch import SAMPLES, built
from generator.build.table import build
from generator.model.table import LineKind, Merge
from generator.published.extract import read_published
from generator.published.tables import read_tables
from generator.published.words import plain
from tests.published.helpers import page
from tests.support import sample, selector_of


def figures(table):
    """The figures of the body as printed that are not 0 (those may print blank)."""
    return Counter(cell.shown for _, line in table.of_kind(LineKind.BODY) for cell in line.cells if cell.shown)


def headings(table):
    """Of the columns, without blanks that only space out, each word once."""
    return [tuple(dict.fromkeys(plain(part) for part in column.path)) for column in table.columns]


@pytest.mark.parametrize("name", SAMPLES[:4])
def test_a_table_read_back_is_the_table_that_was_built(name, tmp_path):
    selector = selector_of(sample(name), name)
    made = [build(selector, spec).table for spec in selector.pack.tables if spec.kind != "申报表"]
    for path in built(name, tmp_path):
        read = {t.number: t.table for t in read_tables(read_published(path))}
        for table in made:
            if table.form:
                continue
            other = read[table.number]
            assert plain(other.title) == plain(table.title)
            if table.unit != "人":
                assert other.unit == table.unit
                assert figures(other) == figures(table)
            if not any("预算申请" in part for column in table.columns for part in column.path):  # the year is a word of its own there
                assert headings(other) == headings(table)


def test_lines_cells_and_places_of_a_table_from_a_page(tmp_path):
    text = """
    附表3
    部门支出总表
    单位名称：某县水务局   单位：万元
    科目编码 | 科目名称 | 合计 | 基本支出 | 项目支出
    | 合计 | 70.00 | 50.00 | 20.00
    213 | 农林水支出 | 60.00 | 40.0 | 20.00
    21303 | 水利 | 60.00 | 40.00 | 20.00
    208 | 社会保障和就业支出 | 10.00 | 10.00 |
    注：尾数差异是四舍五入造成的
    """
    (one,) = read_tables(page(tmp_path, text))
    table = one.table
    assert [line.kind.name for line in table.lines] == ["LEAD"] * 3 + ["HEADING"] + ["BODY"] * 4
    assert [(line.level, line.key) for line in table.lines if line.kind is LineKind.BODY] == [(0, ("合计",)), (1, ("213",)), (2, ("21303",)), (1, ("208",))]
    cell = one.rows[1].cells[3]
    assert (cell.text, cell.shown, cell.amount, cell.step) == ("40.0", Decimal("40.0"), Decimal(400000), Decimal(100))
    assert table.last_digit == 100
    assert table.unit == "万元"
    assert cell.place is cell.spot
    assert (cell.place.sheet, cell.place.row, cell.place.column) == ("附表3 部门支出总表", 3, 4)
    assert [(c.path, c.figure) for c in table.columns][:3] == [(("科目编码",), False), (("科目名称",), False), (("合计",), True)]
    assert one.rows == tuple(line for _, line in table.of_kind(LineKind.BODY))  # no second copy


def test_merged_headings_and_a_note_over_the_whole_width(tmp_path):
    path = next(p for p in built("hetang-2022", tmp_path) if p.suffix == ".xlsx")
    table = next(t.table for t in read_tables(read_published(path)) if t.number == "附件3-29")
    assert table.heading_rows[1] - table.heading_rows[0] == 4  # 总计 in the second row is a heading: merged cells reach past it
    first = table.heading_rows[0]
    assert Merge(first, 5, 1, 6) in table.merges
    assert Merge(first, 0, 3, 1) in table.merges
    assert table.empty
    assert table.columns[6].path == ("购买服务预算金额", "本级安排", "小计")
