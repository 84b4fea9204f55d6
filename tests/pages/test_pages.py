"""Printed pages: geometry, not bytes. Whatever a reader would complain of before reading a word."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

import pytest

from generator.audit.readback import expected_text
from generator.model.table import SMALLEST_TYPE, LineKind, Table
from generator.render.docx import headings
from generator.render.pdf import outline, page_numbers
from generator.render.sheet_pages import sheet_pages
from generator.render.word_lead import heading_text
from tests.pages.conftest import STRESS, UNITS, Made
from tests.pages.printed import Printed, not_embedded

KINDS = ("docx", "xlsx")
EVERY = [(unit, kind) for unit in UNITS for kind in KINDS]
EDGE = 14.0  # pt; 5 mm, what printers cannot reach
MORE = 1.25  # of the pages reckoned, for lines that do not break and fonts that stand in for others
HEADS = (LineKind.HEADING, LineKind.NUMBERS)


@pytest.fixture(params=EVERY, ids=lambda p: f"{p[0]}-{p[1]}")
def document(request, made) -> Made:
    return made[request.param]


def bare(text: str) -> str:
    return "".join(text.split())


def blocks(made: dict[tuple[str, str], Made], unit: str, kind: str) -> list[tuple[Table, list[Printed]]]:
    """Every table with the pages it is printed on, by the PDF's bookmarks."""
    document = made[unit, kind]
    marks = outline(document.pdf)
    tables = [sheet for table in document.tables for sheet in table.sheets] if kind == "xlsx" else document.tables
    found, at = [], 0
    for table in tables:
        wanted = bare(table.name if kind == "xlsx" else heading_text(table))
        at = next(i for i in range(at, len(marks)) if bare(marks[i][0]) == wanted)
        after = next((page for text, page in marks[at + 1 :] if page > marks[at][1]), len(document.pages))
        found.append((table, document.pages[marks[at][1] : after]))
        at += 1
    return found


# --- every page -------------------------------------------------------------------------------------------------------


def test_nothing_stands_outside_the_page(document):
    for page in document.pages:
        outside = [c.text for c in page.chars if c.left < EDGE or c.top < EDGE or c.right > page.width - EDGE or c.bottom > page.height - EDGE]
        assert not outside, (page.number, "".join(outside))


def test_no_page_is_empty_and_no_figure_is_hashes(document):
    assert not [page.number for page in document.pages if not page.chars]
    assert not [page.number for page in document.pages if "##" in page.text]


def test_no_text_is_cut_by_its_cell(document):
    cut = {page.number: "".join(page.cut()) for page in document.pages if page.cut()}
    assert not cut


def test_type_is_never_under_7_pt(document):
    small = {page.number: min(c.size for c in page.chars) for page in document.pages if min(c.size for c in page.chars) < SMALLEST_TYPE - 0.05}
    assert not small


def test_fonts_are_in_the_file(document):
    assert not not_embedded(document.pdf)


@pytest.mark.parametrize("unit", UNITS)
def test_the_workbooks_pages_are_numbered(made, unit):
    pages = made[unit, "xlsx"].pages
    for page in pages:
        foot = "".join(c.text for c in page.foot)
        assert foot == f"第{page.number}页共{len(pages)}页", (page.number, foot)
        assert abs((page.foot[0].left + page.foot[-1].right) / 2 - page.width / 2) < 5, "in the middle"


@pytest.mark.parametrize("unit", UNITS)
def test_page_numbers_of_the_explanation_go_on_and_stand_outside(made, unit):
    """— 1 — from the first heading on, odd right and even left, through portrait and landscape; none on cover and contents."""
    document = made[unit, "docx"]
    first = outline(document.pdf)[0][1]
    for page in document.pages[:first]:
        assert not re.search(r"—\d+—", page.text), page.number
    for n, page in enumerate(document.pages[first:], 1):
        assert "".join(c.text for c in page.foot) == f"—{n}—", page.number
        assert all(c.left > page.width / 2 if n % 2 else c.right < page.width / 2 for c in page.foot), page.number
        assert {round(c.size) for c in page.foot} == {14}, "4号"


@pytest.mark.parametrize("unit", UNITS)
def test_contents_point_at_the_pages_where_the_headings_stand(made, unit):
    document = made[unit, "docx"]
    listed = headings(document.data)
    pages = page_numbers(document.pdf, [(h.bookmark, h.text) for h in listed])
    assert len(pages) == len(listed)
    assert listed or unit == "performance-2021", "whose template has no contents"
    first = outline(document.pdf)[0][1]
    for heading in listed:
        page = document.pages[first + pages[heading.bookmark] - 1]
        assert bare(heading.text) in page.text, (heading.text, page.number)
        assert "".join(c.text for c in page.foot) == f"—{pages[heading.bookmark]}—"


@pytest.mark.parametrize("unit", UNITS)
def test_text_pages_hold_22_lines_of_28_characters(made, unit):
    """Of pages full of text: lines 28.95 pt apart, at most 22, and some line of 28 characters."""
    document = made[unit, "docx"]
    longest = 0
    for page in document.pages:
        body = [c for c in page.chars if round(c.size) == 16]
        if page.width > page.height or len(body) < 200 or any(r.across for r in page.rules):
            continue
        rows = Counter(round(c.base, 1) for c in body)
        lines = sorted(rows)
        assert len(lines) <= 22, page.number
        assert all(abs(b - a - 28.95) < 0.2 or b - a > 50 for a, b in pairwise(lines)), page.number
        longest = max(longest, *rows.values())
    assert unit == "performance-2021" or longest >= 28


@pytest.mark.parametrize("unit", UNITS)
def test_no_figure_of_the_text_is_broken_at_the_end_of_a_line(made, unit):
    """GB/T 15835: a number written in figures stays on one line."""
    for page in made[unit, "docx"].pages:
        if not any(r.across for r in page.rules):
            broken = [a.text + b.text for a, b in pairwise(page.chars) if b.base > a.base + 10 and re.fullmatch(r"[\d.]\d|\d[.%]", a.text + b.text) and a.size == b.size == 16]
            assert not broken, (page.number, broken)


# --- every table ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unit", "kind"), EVERY)
def test_every_table_is_printed_whole(made, unit, kind):
    """Each character of each cell is on the table's pages as often as the table has it: nothing is clipped away."""
    for table, pages in blocks(made, unit, kind):
        lines = table.lines if kind == "xlsx" else [line for line in table.lines if line.kind is not LineKind.LEAD]
        rows = {id(line): r for r, line in enumerate(table.lines)}
        wanted: Counter[str] = Counter()
        for line in lines:
            wanted.update("".join(bare(expected_text(table, cell)) for c, cell in enumerate(line.cells) if (rows[id(line)], c) not in table.covered))
        there: Counter[str] = sum((page.counts for page in pages), Counter())
        missing = wanted - there
        assert not {c: n for c, n in missing.items() if c.isalnum()}, (table.name, missing)


@pytest.mark.parametrize(("unit", "kind"), EVERY)
def test_pages_of_each_table_are_as_few_as_they_should_be(made, unit, kind):
    """One page where the lines fit one; else not much more than lines and repeated headings need."""
    for table, pages in blocks(made, unit, kind):
        parts = len(table.groups) or 1
        heights = [h or 15.0 for h in sheet_pages(table).heights]
        room = (table.page.size[1] - 90) / min(1.0, table.page.room / (sum(c.points for c in table.columns) / parts))
        reckoned = 0.0
        for rows in table.instances:
            head = 0.0 if table.form else sum(heights[: table.heading_rows[1]])
            reckoned += max(1, math.ceil((sum(heights[r] for r in rows) * 0.95 - head) / (room - head)))
        most = reckoned * parts
        if reckoned > len(table.instances):
            most = most * MORE + parts
        assert len(pages) <= most, (table.name, len(pages), most)


@pytest.mark.parametrize(("unit", "kind"), EVERY)
def test_headings_stand_on_every_page_of_a_table(made, unit, kind):
    for table, pages in blocks(made, unit, kind):
        if table.form or not table.heading_rows[1]:
            continue
        labels = [bare(table.cell(r, c).text or "") for r, _ in table.of_kind(*HEADS) for c in range(len(table.columns)) if table.cell(r, c).text]
        own = set("".join(label for label in labels[:2] if label)) - set("*")
        for page in pages:
            assert own <= set(page.text), (table.name, page.number)
            assert not own or sum((Counter("".join(labels[:2])) & page.counts).values()) >= len("".join(labels[:2])) * 0.9


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_line_does_not_stand_alone(made, kind):
    """On the last page of a table of several pages stand at least two lines of its body."""
    several = 0
    for table, pages in blocks(made, STRESS, kind):
        body = [line for line in table.lines if line.kind is LineKind.BODY]
        if table.form or len(pages) < 2:
            continue
        several += 1
        for line in body[-2:]:
            label = max((bare(c.text or "") for c in line.cells), key=len)
            there = Counter(label) & pages[-1].counts
            assert sum(there.values()) == len(label), (table.name, label)
    assert several >= 4


def test_the_wide_table_prints_side_by_side_with_its_labels(made):
    for kind in KINDS:
        table, pages = next((t, p) for t, p in blocks(made, STRESS, kind) if t.name == "预算40表")
        assert len(table.groups) == 2
        assert table.page.paper == "A3"
        for page in pages:
            assert page.width > page.height > 800, "A3 landscape"
            assert "功能科目" in page.text
            assert "单位代码" in page.text
        titled = [p.number for p in pages if "分列情况表" in p.text]
        assert len(titled) >= 2, "each group has the title"
        assert sum("单位：万元" in p.text for p in pages) >= 2, "and the unit"
        heads = ["".join(sorted({c.text for c in p.chars})) for p in pages]
        assert len(heads) >= 4


def test_hundreds_of_lines_with_long_names_do_not_take_hundreds_of_pages(made):
    for kind in KINDS:
        pages = {table.name: len(found) for table, found in blocks(made, STRESS, kind)}
        assert pages["预算30表"] <= 35, "300 lines of 60 characters"
        assert pages["预算14表"] <= 12, "80 projects"
        assert pages["预算04表"] <= 5, "60 subjects"


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_heading_within_a_form_stands_on_the_page_of_what_it_heads(made, unit, kind):
    """一级指标、二级指标 … is never the last line of a page."""
    for table, pages in blocks(made, unit, kind):
        for page in pages[:-1] if table.form else ():
            rows = {round(c.base) for c in page.chars if c.size < 14 and c not in page.foot}
            last = "".join(c.text for c in page.chars if abs(c.base - max(rows)) < 3)
            assert "三级指标" not in last, (table.name, page.number, last)
