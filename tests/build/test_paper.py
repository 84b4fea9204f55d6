"""Columns wide enough for their figures, paper large enough for 7 pt, groups of columns where no paper is."""

from dataclasses import replace
from decimal import Decimal

import pytest
from msgspec import structs

from generator.build.paper import on_paper
from generator.model.table import CHARACTER, SMALLEST_TYPE, Cell, Column, Line, LineKind, Merge, Page, Style, Table

FIGURE, RIGHT = 1, 2


def wide(figures: int, width: float = 9.0, size: float = 10.0, amount: str = "1.00", paper: str = "A4", **changed) -> Table:
    """Two label columns and `figures` figure columns under one common heading a half; title, unit line and a note."""
    count = figures + 2
    half = figures // 2
    blank = [Cell()] * count

    def line(kind: LineKind, at: dict[int, Cell]) -> Line:
        return Line(kind, tuple(at.get(c, cell) for c, cell in enumerate(blank)), key=("x",) if kind is LineKind.BODY else ())

    value = Decimal(amount)
    lines = (
        line(LineKind.LEAD, {0: Cell("某表")}),
        line(LineKind.LEAD, {0: Cell("单位名称：甲局"), count - 1: Cell("单位：万元", style=RIGHT)}),
        line(LineKind.HEADING, {0: Cell("编码"), 1: Cell("名称"), 2: Cell("前一半"), 2 + half: Cell("后一半")}),
        line(LineKind.HEADING, {c: Cell(f"第{c}栏") for c in range(2, count)}),
        line(LineKind.BODY, {0: Cell("2010301"), 1: Cell("行政运行"), **{c: Cell(None, value, value, FIGURE) for c in range(2, count)}}),
        line(LineKind.FOOT, {0: Cell("注：某事")}),
    )
    merges = (Merge(0, 0, 1, count), Merge(2, 0, 2, 1), Merge(2, 1, 2, 1), Merge(2, 2, 1, half), Merge(2, 2 + half, 1, figures - half), Merge(5, 0, 1, count))
    columns = (Column(("编码",), False, 9), Column(("名称",), False, 20), *(Column(("前一半" if c < half else "后一半", f"第{c}栏"), True, width) for c in range(figures)))
    styles = (Style(size=size), Style(size=size, number_format="#,##0.00"), Style(size=size, horizontal="right"))
    return Table("某表", "某表", "某表", "万元", lines, columns, merges, styles, Page(paper, True), **changed)


def effective(table: Table) -> float:
    """The smallest type as it prints, the widest group of columns one page wide."""
    widths = [c.points for c in table.columns]
    labels = table.groups[0][0] if table.groups else 0
    widest = max(sum(widths[:labels]) + sum(widths[a:b]) for a, b in table.groups or [(0, len(widths))])
    return min(s.size for s in table.styles) * min(1.0, table.page.room / widest)


def test_a_table_that_prints_well_is_left_alone():
    table = wide(8)
    assert on_paper(table) is table


@pytest.mark.parametrize(("figures", "paper", "groups"), [(12, "A4", 0), (24, "A3", 0), (36, "A3", 0), (38, "A3", 0), (56, "A3", 2)])
def test_paper_grows_with_the_columns(figures, paper, groups):
    made = on_paper(wide(figures))
    assert made.page.paper == paper
    assert len(made.groups) == groups
    assert effective(made) >= SMALLEST_TYPE - 0.01


def test_columns_give_away_room_before_a_table_is_parted():
    table = wide(36)
    made = on_paper(table)
    assert sum(c.points for c in made.columns) < sum(c.points for c in table.columns)
    assert [c.width for c in made.columns[:2]] == [9, 20], "labels keep theirs"
    assert all(c.points >= 4 * 10 * 0.55 for c in made.columns[2:]), "and figures still fit"


def test_columns_are_as_wide_as_their_figures():
    made = on_paper(wide(4, width=5, amount="-123456789.12"))
    need = len("-123,456,789.12") * 10 * 0.55
    assert all(c.width * CHARACTER >= need for c in made.columns[2:])
    assert [c.width for c in made.columns[:2]] == [9, 20]


def test_every_group_has_labels_title_headings_and_unit():
    made = on_paper(wide(60, width=12))
    assert made.groups[0][0] == 2
    assert [a for a, _ in made.groups[1:]] == [b for _, b in made.groups[:-1]], "one follows the other"
    assert made.groups[-1][1] == len(made.columns)
    for part in made.parts:
        texts = [[cell.text for cell in line.cells if cell.text] for line in part.lines]
        assert texts[0] == ["某表"]
        assert texts[1] == ["单位名称：甲局", "单位：万元"]
        assert texts[2][:2] == ["编码", "名称"]
        assert set(texts[2][2:]) <= {"前一半", "后一半"}
        assert texts[2][2:], "the heading of the group is said where it was cut"
        assert sum(cell.shown is not None for cell in part.lines[4].cells) == len(part.columns) - 2
        assert all(m.column >= 0 and m.column + m.columns <= len(part.columns) for m in part.merges)
    notes = [cell.text for part in made.parts for cell in part.lines[5].cells if cell.text]
    assert notes == ["注：某事"], "a note once"


def test_groups_are_cut_between_headings_when_that_costs_little():
    made = on_paper(wide(56))
    assert (2 + 28) in {a for a, _ in made.groups}, "where 前一半 ends"


def test_every_figure_is_in_one_group():
    table = wide(60, width=14)
    made = on_paper(table)
    assert sum(b - a for a, b in made.groups) == 60
    assert [[c.shown for c in line.cells] for line in made.lines] == [[c.shown for c in line.cells] for line in table.lines], "figures stay in their cells"


def test_a_form_is_never_parted():
    assert not on_paper(wide(60, form=True)).groups


def test_small_type_of_the_layout_is_the_officers_wish():
    table = wide(8, size=6.0)
    assert on_paper(table) is table


def test_a_text_that_its_neighbour_would_cut_wraps():
    table = wide(8)
    long = structs.replace(table.lines[4].cells[1], text="一般行政管理事务以及其他许多很长很长的事务")
    free = structs.replace(table.lines[1].cells[0], text="单位名称：某某县行政审批服务和大数据管理局")
    lines = list(table.lines)
    lines[4] = replace(lines[4], cells=(lines[4].cells[0], long, *lines[4].cells[2:]))
    lines[1] = replace(lines[1], cells=(free, *lines[1].cells[1:]))
    made = on_paper(replace(table, lines=tuple(lines)))
    assert made.styles[made.cell(4, 1).style].wrap, "a figure stands beside it"
    assert not made.styles[made.cell(1, 0).style].wrap, "it runs on over empty cells"
    assert not made.styles[made.cell(1, 9).style].wrap, "to the left too"
    narrow = on_paper(replace(table, lines=tuple(lines), merges=(*table.merges, Merge(1, 0, 1, 2))))
    assert narrow.styles[narrow.cell(1, 0).style].wrap, "not beyond its merged cell"
