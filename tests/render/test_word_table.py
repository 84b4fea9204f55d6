"""A Table as Word XML: the grid, merges, borders, figures, forms; what a cell says is printed and nothing else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from lxml import etree

from generator.model.problem import PackError
from generator.model.table import Border, Cell, Column, Line, LineKind, Merge, Page, Style, Table
from generator.render.word_cell_style import CellLook, with_looks
from generator.render.word_lead import heading_text, lead, lead_xml
from generator.render.word_table import block_xml, column_widths, printed_size, scale, table_xml

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
BOX = Border("thin", "thin", "thin", "thin")
PLAIN, TITLE, RIGHT, HEAD, TEXT, FIGURE, NOTE, DOWN = range(8)
STYLES = (
    Style(size=10),
    Style("黑体", 18, horizontal="center"),
    Style(size=10, horizontal="right"),
    Style(size=10, bold=True, horizontal="center", wrap=True, border=BOX),
    Style(size=9, wrap=True, border=BOX),
    Style(size=9, border=BOX, number_format="#,##0.00;-#,##0.00;"),
    Style(size=9),
    Style(size=9, horizontal="center", vertical=True, border=BOX),
)


def cell(text: str | None = None, style: int = TEXT) -> Cell:
    return Cell(text, style=style)


def figure(shown: str, style: int = FIGURE) -> Cell:
    return Cell(None, Decimal(shown) * 10000, Decimal(shown), style)


def line(kind: LineKind, *cells: Cell | str | None, style: int = TEXT, height: float | None = None) -> Line:
    return Line(kind, tuple(c if isinstance(c, Cell) else cell(c, style) for c in cells), height=height)


def cell_styles(looks: set[CellLook]) -> dict[str, etree._Element]:
    """The styles a document gets for these looks, by id."""
    root = etree.fromstring(with_looks(f'<w:styles xmlns:w="{W[1:-1]}"></w:styles>'.encode(), looks))
    return {style.get(f"{W}styleId") or "": style for style in root}


def sample(rows: int = 5, **changes: object) -> Table:
    """预算08表: three lead lines, two heading lines with merges, column numbers, body, a note across."""
    lines = [
        line(LineKind.LEAD, "预算08表", None, None, None, style=PLAIN),
        line(LineKind.LEAD, "基本支出预算明细表—工资福利支出", None, None, None, style=TITLE),
        line(LineKind.LEAD, cell("单位名称：某县某局", PLAIN), None, None, cell("单位：万元", RIGHT), style=PLAIN),
        line(LineKind.HEADING, "功能科目", "工资性支出", None, None, style=HEAD, height=20),
        line(LineKind.HEADING, None, "合计", "基本工资", "津贴补贴", style=HEAD),
        line(LineKind.NUMBERS, "**", "1", "2", "3", style=HEAD),
        *(line(LineKind.BODY, f"科目{n}", figure("1296.69"), figure("0.00"), figure("-3.5")) for n in range(rows)),
        line(LineKind.FOOT, "注：无。", None, None, None, style=NOTE),
    ]
    merges = (Merge(1, 0, 1, 4), Merge(3, 0, 2, 1), Merge(3, 1, 1, 3), Merge(len(lines) - 1, 0, 1, 4))
    columns = (Column(("功能科目",), False, 24), Column(("合计",), True, 12), Column(("基本工资",), True, 12), Column(("津贴补贴",), True, 9.37))
    made: dict[str, object] = {"lines": tuple(lines), "columns": columns, "merges": merges, "styles": STYLES, **changes}
    return Table("预算08表", "预算08表", "基本支出预算明细表—工资福利支出", "万元", **made)  # type: ignore[arg-type]


def parse(xml: str) -> etree._Element:
    return etree.fromstring(f'<w:body xmlns:w="{W[1:-1]}">{xml}</w:body>')


def attr(element: etree._Element, path: str, name: str = "val") -> str | None:
    found = element.find("/".join(f"{W}{step}" for step in path.split("/")))
    return None if found is None else found.get(f"{W}{name}")


def texts(element: etree._Element) -> str:
    return "".join("\n" if t.tag == f"{W}br" else t.text or "" for t in element.iter(f"{W}t", f"{W}br"))


def dense(table: etree._Element) -> list[list[tuple[str, str]]]:
    """Word's grid cell by cell, merges expanded: (text of the cell it shows, which cell that is)."""
    grid: list[list[tuple[str, str]]] = []
    for r, row in enumerate(table.iter(f"{W}tr")):
        out: list[tuple[str, str]] = []
        for one in row.findall(f"{W}tc"):
            span = int(attr(one, "tcPr/gridSpan") or 1)
            join = one.find(f"{W}tcPr/{W}vMerge")
            at = len(out)
            shown = grid[r - 1][at] if join is not None and join.get(f"{W}val") != "restart" else (texts(one), f"{r},{at}")
            out += [shown] * span
        grid.append(out)
    return grid


def expanded(table: Table) -> list[list[tuple[str, str]]]:
    """The same grid straight from the Table: what the merges say."""
    rows = [i for i, ln in enumerate(table.lines) if ln.kind is not LineKind.LEAD]
    anchor = {(r, c): (m.row, m.column) for m in table.merges for r in range(m.row, m.row + m.rows) for c in range(m.column, m.column + m.columns)}
    out = []
    for r in rows:
        cells = []
        for c in range(len(table.columns)):
            top, left = anchor.get((r, c), (r, c))
            one = table.lines[top].cells[left]
            style = table.styles[one.style]
            shown = {"1296.69": "1,296.69", "0.00": "", "-3.5": "-3.50"}[str(one.shown)] if one.shown is not None else one.text or ""
            assert style is not None
            cells.append((shown, f"{rows.index(top)},{left}"))
        out.append(cells)
    return out


def test_grid_widths_agree_and_fill_the_page() -> None:
    table = sample()
    (tbl,) = parse(table_xml(table, 13958)).iter(f"{W}tbl")
    grid = [int(g.get(f"{W}w", "0")) for g in tbl.iter(f"{W}gridCol")]
    assert sum(grid) == int(attr(tbl, "tblPr/tblW", "w") or 0) == 13958
    assert grid == column_widths(table, 13958)
    assert grid[0] == pytest.approx(13958 * 24 / 57.37, abs=1)
    assert attr(tbl, "tblPr/tblLayout", "type") == "fixed"
    for row in tbl.iter(f"{W}tr"):
        cells = row.findall(f"{W}tc")
        assert sum(int(attr(c, "tcPr/tcW", "w") or 0) for c in cells) == 13958
        assert sum(int(attr(c, "tcPr/gridSpan") or 1) for c in cells) == 4
        assert all(attr(c, "tcPr/tcW", "type") == "dxa" and c[-1].tag == f"{W}p" for c in cells)


def test_merges_are_those_of_the_table() -> None:
    table = sample()
    (tbl,) = parse(table_xml(table, 9000)).iter(f"{W}tbl")
    assert dense(tbl) == expanded(table)


def test_merges_over_lines_and_columns_at_once() -> None:
    lines = tuple(line(LineKind.BODY, *(f"{r}{c}" for c in range(4))) for r in range(4))
    table = Table("t", "t", "t", "万元", lines, tuple(Column((str(c),), False) for c in range(4)), (Merge(1, 1, 2, 2), Merge(0, 3, 4, 1)), STYLES)
    (tbl,) = parse(table_xml(table, 8000)).iter(f"{W}tbl")
    assert dense(tbl) == expanded(table)
    covered = [c for c in tbl.iter(f"{W}tc") if (m := c.find(f"{W}tcPr/{W}vMerge")) is not None and m.get(f"{W}val") is None]
    assert len(covered) == 4
    assert not any(texts(c) for c in covered)


def test_heading_and_column_numbers_repeat_and_no_line_splits() -> None:
    (tbl,) = parse(table_xml(sample(), 9000)).iter(f"{W}tbl")
    rows = list(tbl.iter(f"{W}tr"))
    assert [r.find(f"{W}trPr/{W}tblHeader") is not None for r in rows] == [True] * 3 + [False] * 6
    assert all(r.find(f"{W}trPr/{W}cantSplit") is not None for r in rows)


def test_headings_and_the_last_lines_do_not_stand_alone() -> None:
    (tbl,) = parse(table_xml(sample(), 9000)).iter(f"{W}tbl")
    kept = [all(p.find(f"{W}pPr/{W}keepNext") is not None for p in r.iter(f"{W}p")) for r in tbl.iter(f"{W}tr")]
    assert kept == [True] * 3 + [False] * 3 + [True, True, False], "headings with the first line, the last lines with the note"


def test_figures_as_the_format_writes_them_and_to_the_right() -> None:
    looks: set[CellLook] = set()
    (tbl,) = parse(table_xml(sample(1), 9000, looks=looks)).iter(f"{W}tbl")
    body = list(tbl.iter(f"{W}tr"))[3]
    label, total, zero, minus = body.findall(f"{W}tc")
    assert [texts(c) for c in (label, total, zero, minus)] == ["科目0", "1,296.69", "", "-3.50"]
    styles = cell_styles(looks)
    words, money, less = (styles[attr(c, "p/pPr/pStyle") or ""] for c in (label, total, minus))
    assert attr(words, "pPr/jc") is None
    assert attr(money, "pPr/jc") == attr(less, "pPr/jc") == "right"
    fonts = money.find(f"{W}rPr/{W}rFonts")
    assert fonts is not None
    assert {fonts.get(f"{W}{k}") for k in ("ascii", "hAnsi", "eastAsia")} == {"宋体"}


def test_every_look_is_one_style_based_on_the_template_s() -> None:
    looks: set[CellLook] = set()
    xml = parse(table_xml(sample(), 9000, looks=looks))
    styles = cell_styles(looks)
    used = {e.get(f"{W}val") for e in xml.iter(f"{W}pStyle")}
    assert used <= set(styles), "no cell without its style"
    assert len(styles) == len(looks) == len({attr(s, "name") for s in styles.values()})
    assert {attr(s, "basedOn") for s in styles.values()} == {"YusuanCell"}


def test_styles_go_into_a_part_that_calls_the_namespace_otherwise() -> None:
    look = CellLook("宋体", 9, side="right", indent=90)
    part = f'<x:styles xmlns:x="{W[1:-1]}"><x:style x:styleId="a"/></x:styles>'.encode()
    added = etree.fromstring(with_looks(part, [look]))[-1]
    assert added.get(f"{W}styleId") == look.id
    assert attr(added, "pPr/ind", "right") == "90"


def test_a_figure_too_long_for_its_column_is_squeezed_not_broken() -> None:
    table = sample(1)
    narrow = replace(table, columns=tuple(Column(c.path, c.figure, 4 if c.figure else 60) for c in table.columns))
    (tbl,) = parse(table_xml(narrow, 9000)).iter(f"{W}tbl")
    total = list(tbl.iter(f"{W}tr"))[3].findall(f"{W}tc")[1]
    assert texts(total) == "1,296.69"
    assert 50 <= int(attr(total, "p/r/rPr/w") or 100) < 100


@pytest.mark.parametrize(
    ("said", "printed"),
    [
        ("甲<w:br/>&乙>", "甲<w:br/>&乙>"),
        ("{{ 7*7 }} {% for i in x %}", "{{ 7*7 }} {% for i in x %}"),
        ("<?yusuan all?>", "<?yusuan all?>"),
        ("响\x07铃\x00\ud800\ufffe", "响铃"),
        ("一\r\n二\n三\x0b四", "一\n二\n三\n四"),
        ("  前后  ", "  前后  "),
        ("]]>", "]]>"),
        ("𠮷野家", "𠮷野家"),
    ],
)
def test_a_cell_prints_what_it_says(said: str, printed: str) -> None:
    lines = (line(LineKind.LEAD, said, style=PLAIN), line(LineKind.BODY, said))
    table = Table("t", "", "表题", "万元", lines, (Column(("名称",), False),), (), STYLES)
    xml = "".join(block_xml(table, 8000))
    xml.encode()  # lone surrogates would fail here
    body = parse(xml)
    (tbl,) = body.iter(f"{W}tbl")
    assert texts(tbl) == printed
    for t in tbl.iter(f"{W}t"):
        assert t.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve" or t.text == (t.text or "").strip()


def test_number_title_and_unit_stand_above_the_table_once() -> None:
    table = sample()
    body = parse(lead_xml(table, 9000, style="2", bookmark="_Toc1", bookmark_id=7, new_page=True))
    paragraphs = body.findall(f"{W}p")
    assert [texts(p) for p in paragraphs] == ["预算08表 基本支出预算明细表—工资福利支出", "单位名称：某县某局单位：万元"]
    heading, second = paragraphs
    assert attr(heading, "pPr/pStyle") == "2"
    assert heading.find(f"{W}pPr/{W}pageBreakBefore") is not None
    assert attr(heading, "pPr/jc") == "center"
    assert attr(heading, "bookmarkStart", "name") == "_Toc1"
    assert [t.get(f"{W}val") for t in second.iter(f"{W}tab") if t.get(f"{W}pos")] == ["right"]
    assert not any(texts(t) in "预算08表" for t in parse(table_xml(table, 9000)).iter(f"{W}tc") if texts(t))


@pytest.mark.parametrize(
    ("number", "title", "printed", "heading"),
    [
        ("附件3-1", "部门收支总表", ["附件3-1", "部门收支总表"], "附件3-1 部门收支总表"),
        ("附件3-1", "部门收支总表", ["附件3-1 部门收支总表"], "附件3-1 部门收支总表"),
        ("预算15表A", "项目支出明细表(A)", ["附件：预算15表A", "项目支出明细表（A）"], "预算15表A 项目支出明细表（A）"),
        ("3", "部门收支总表", ["2023年部门收支总表"], "3 2023年部门收支总表"),
        ("预算01表", "部门收支总体情况表", [], "预算01表 部门收支总体情况表"),
        ("预算01表", "部门收支总体情况表", ["部门收支情况"], "预算01表 部门收支情况"),
        ("", "绩效目标申报表", ["绩效目标\n申报表"], "绩效目标 申报表"),
    ],
)
def test_headings(number: str, title: str, printed: list[str], heading: str) -> None:
    lines = [line(LineKind.LEAD, text, None, style=TITLE if i == len(printed) - 1 else PLAIN) for i, text in enumerate(printed)]
    table = Table(title, number, title, "万元", (*lines, line(LineKind.BODY, "a", "b")), (Column(("a",), False), Column(("b",), False)), (), STYLES)
    assert heading_text(table) == heading
    assert lead(table).rest == ()


def test_type_shrinks_with_the_page_but_never_under_7_pt() -> None:
    wide = Table("t", "", "t", "万元", (line(LineKind.BODY, *["1"] * 40),), tuple(Column((str(i),), True, 10) for i in range(40)), (), STYLES)
    assert scale(sample(), 14000) == 1
    assert scale(wide, 14000) < 0.5
    looks: set[CellLook] = set()
    table_xml(wide, 14000, looks=looks)
    assert {look.size for look in looks} == {7}
    assert printed_size(6, 0.5) == 6  # the layout's own choice


def test_shared_lines_are_said_once_and_missing_ones_are_nil() -> None:
    (tbl,) = parse(table_xml(sample(), 9000)).iter(f"{W}tbl")
    borders = tbl.find(f"{W}tblPr/{W}tblBorders")
    assert borders is not None
    assert {e.get(f"{W}val") for e in borders} == {"single"}
    rows = list(tbl.iter(f"{W}tr"))
    assert rows[5].find(f".//{W}tcBorders") is None
    foot = rows[-1].find(f"{W}tc/{W}tcPr/{W}tcBorders")
    assert foot is not None
    assert {e.tag.removeprefix(W): e.get(f"{W}val") for e in foot} == {"top": "single", "left": "nil", "bottom": "nil", "right": "nil"}


def test_a_line_drawn_by_one_neighbour_is_drawn() -> None:
    styles = (Style(border=Border("thin", "thin", "thin", "")), Style(border=Border("thin", "thin", "medium", "thin")))
    lines = (line(LineKind.BODY, "上", style=0), line(LineKind.BODY, "下", style=1))
    (tbl,) = parse(table_xml(Table("t", "", "t", "元", lines, (Column(("a",), False),), (), styles), 4000)).iter(f"{W}tbl")
    upper, lower = (r.find(f".//{W}tcBorders") for r in tbl.iter(f"{W}tr"))
    assert upper is not None
    assert lower is not None
    assert attr(upper, "bottom", "sz") == attr(lower, "top", "sz") == "12"


def test_text_downwards_gets_room() -> None:
    lines = (line(LineKind.HEADING, cell("机关事业单位基本养老保险", DOWN), "b"), line(LineKind.BODY, "1", "2"))
    (tbl,) = parse(table_xml(Table("t", "", "t", "元", lines, (Column(("a",), False), Column(("b",), False)), (), STYLES), 4000)).iter(f"{W}tbl")
    row = tbl.find(f"{W}tr")
    assert row is not None
    assert attr(row, "tc/tcPr/textDirection") == "tbRlV"
    assert int(attr(row, "trPr/trHeight") or 0) >= 12 * 9 * 20


def form(count: int) -> Table:
    """A form of two lines, once a project; the project's cell reaches over both lines."""
    lines: list[Line] = []
    merges: list[Merge] = []
    for n in range(count):
        merges.append(Merge(len(lines) + 2, 0, 2, 1))
        lines += [
            line(LineKind.LEAD, "项目支出绩效目标申报表", None, style=TITLE),
            line(LineKind.LEAD, f"填报单位：{n}局", None, style=PLAIN),
            line(LineKind.BODY, "项目", f"项目{n}"),
            line(LineKind.BODY, None, "100.00"),
        ]
    breaks = tuple(range(4, 4 * count, 4))
    return Table("绩效", "附件41", "项目支出绩效目标申报表", "万元", tuple(lines), (Column(("a",), False), Column(("b",), False)), tuple(merges), STYLES, Page("A4", False), form=True, breaks=breaks)


def test_each_form_is_a_table_of_its_own_on_a_new_page() -> None:
    table = form(3)
    body = parse("".join(block_xml(table, 9000, style="2", bookmark="_Toc9", bookmark_id=1)))
    assert [e.tag.removeprefix(W) for e in body] == ["p", "p", "tbl"] * 3
    headings = [p for p in body.findall(f"{W}p") if p.find(f"{W}pPr/{W}pageBreakBefore") is not None]
    assert [texts(h) for h in headings] == ["项目支出绩效目标申报表"] * 3
    assert [attr(h, "pPr/pStyle") == "2" for h in headings] == [True, False, False]  # once in the contents
    assert len(list(body.iter(f"{W}bookmarkStart"))) == 1
    for n, tbl in enumerate(body.findall(f"{W}tbl")):
        assert [[t for t, _ in row] for row in dense(tbl)] == [["项目", f"项目{n}"], ["项目", "100.00"]]


def test_a_form_goes_by_its_title_unless_its_layout_prints_the_number() -> None:
    table = form(1)
    numbered = replace(table, lines=(line(LineKind.LEAD, "附件41", None, style=PLAIN), *table.lines), merges=())
    assert heading_text(table) == "项目支出绩效目标申报表"
    assert heading_text(numbered) == "附件41 项目支出绩效目标申报表"


def statement(rows: int, height: float) -> Table:
    """A table of fixed lines, `height` pt each in the layout, in 10 pt type."""
    style = Style(size=10, border=BOX)
    lines = [line(LineKind.BODY, f"第{n}项支出", "1.00", style=0, height=height) for n in range(rows)]
    return Table("预算01表", "预算01表", "收支总表", "万元", tuple(lines), (Column(("a",), False, 40), Column(("b",), True, 12)), (), (style,))


def printed_lines(table: Table, height_pt: float) -> tuple[float, list[float]]:
    """Type size in pt, and the height every line takes in pt: the greater of its own and its text's."""
    looks: set[CellLook] = set()
    (tbl,) = parse(table_xml(table, 14000, None, round(height_pt * 20), looks)).iter(f"{W}tbl")
    styles = cell_styles(looks)
    (size,) = {look.size for look in looks}
    margins = sum(int(attr(tbl, f"tblPr/tblCellMar/{side}", "w") or 0) for side in ("top", "bottom")) / 20
    out = []
    for row in tbl.iter(f"{W}tr"):
        spacing = [styles[e.get(f"{W}val") or ""].find(f"{W}pPr/{W}spacing") for e in row.iter(f"{W}pStyle")]
        (pitch,) = {int(e.get(f"{W}line") or 0) / 20 for e in spacing if e is not None}
        assert {e.get(f"{W}lineRule") for e in spacing if e is not None} == {"exact"}  # no font decides where a page ends
        out.append(max(int(attr(row, "trPr/trHeight") or 0) / 20, pitch + margins))
    return size, out


def test_a_table_meant_for_one_page_stays_on_one_page() -> None:
    size, heights = printed_lines(statement(35, 12.6), 452)  # text of 10 pt is higher than the layout's lines
    assert sum(heights) <= 452
    assert 7 <= size < 10
    size, heights = printed_lines(statement(25, 20), 452)  # type may stay, lines come closer
    assert sum(heights) <= 452
    assert size == 10


def test_a_table_that_fits_or_never_will_is_left_alone() -> None:
    for rows in (5, 20, 60, 300):
        assert printed_lines(statement(rows, 20), 452) == (10, [20.0] * rows)
    assert printed_lines(statement(35, 12.6), 0)[0] == 10


def test_more_columns_than_word_takes_is_said() -> None:
    wide = Table("预算99表", "", "t", "元", (line(LineKind.BODY, *["1"] * 64),), tuple(Column((str(i),), True) for i in range(64)), (), STYLES)
    with pytest.raises(PackError, match=r"预算99表 有 64 列，Word 的表格最多 63 列"):
        table_xml(wide, 9000)


def test_lines_shorter_than_the_grid_are_filled_up() -> None:
    table = Table("t", "", "t", "元", (line(LineKind.BODY, "甲"),), (Column(("a",), False), Column(("b",), False)), (), STYLES)
    (tbl,) = parse(table_xml(table, 4000)).iter(f"{W}tbl")
    assert [[t for t, _ in row] for row in dense(tbl)] == [["甲", ""]]


def test_what_was_written_before_does_not_change_what_is_written() -> None:
    first = table_xml(sample(), 9000)
    table_xml(form(2), 7000)
    table_xml(sample(3), 5000)
    assert table_xml(sample(), 9000) == first
