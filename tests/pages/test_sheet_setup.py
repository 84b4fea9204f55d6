"""Print set-up of every sheet of every workbook, as Excel reads it. Needs no office."""

from __future__ import annotations

import math
from io import BytesIO

import openpyxl
import pytest

from generator import run
from generator.model.table import LineKind, Table
from generator.model.wrapping import text_width
from generator.run import TABLES_FILE
from tests.pages.stress import stress_pack, stress_workbook
from tests.support import SAMPLES, sample

PAPER = {"A4": "9", "A3": "8"}


@pytest.fixture(scope="module", params=[*SAMPLES, "stress"])
def book(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    stress = request.param == "stress"
    checked = run.check(stress_workbook(folder / "大单位.xlsx") if stress else sample(request.param), str(stress_pack(folder)) if stress else "")
    made = openpyxl.load_workbook(BytesIO(run.documents(checked, False)[TABLES_FILE]))
    return [(sheet, made[sheet.name]) for table in checked.tables for sheet in table.sheets]


def test_every_sheet_prints_on_its_paper_one_page_wide(book):
    for table, sheet in book:
        setup = sheet.page_setup
        assert str(setup.paperSize) == PAPER[table.page.paper]
        assert (setup.orientation == "landscape") == table.page.landscape
        fitted = bool(sheet.sheet_properties.pageSetUpPr and sheet.sheet_properties.pageSetUpPr.fitToPage)
        if fitted:
            assert setup.fitToWidth in (None, 1)
        else:  # a scale, because breaks are set: the widest group of columns must fit at it
            groups = table.groups or [(0, len(table.columns))]
            labels = sum(c.points for c in table.columns[: groups[0][0]]) if table.groups else 0.0
            widest = labels + max(sum(c.points for c in table.columns[a:b]) for a, b in groups)
            left, right = sheet.page_margins.left * 72, sheet.page_margins.right * 72
            assert widest * setup.scale / 100 <= table.page.size[0] - left - right
            assert table.smallest_type * setup.scale / 100 >= min(6.8, table.smallest_type)


def test_every_sheet_is_centred_bounded_and_numbered(book):
    for table, sheet in book:
        assert sheet.print_options.horizontalCentered
        assert sheet.oddFooter.center.text.endswith("第 &P 页 共 &N 页")
        assert sheet.page_margins.bottom >= 0.6, "the page number stands clear of the table"
        last = f"${openpyxl.utils.get_column_letter(len(table.columns))}${len(table.lines)}"
        assert str(sheet.print_area).endswith(f"$A$1:{last}")
        assert not [d for d in sheet.row_dimensions.values() if d.hidden]


def test_headings_are_frozen_and_repeated(book):
    for table, sheet in book:
        _, bottom = table.heading_rows
        if table.form or not bottom:
            continue
        assert sheet.print_title_rows == f"$1:${bottom}"
        assert sheet.freeze_panes is not None
        assert int("".join(filter(str.isdigit, sheet.freeze_panes))) == bottom + 1
        if table.groups:
            assert sheet.print_title_cols == f"$A:${openpyxl.utils.get_column_letter(table.groups[0][0])}"
            assert [b.id for b in sheet.col_breaks.brk] == [a for a, _ in table.groups[1:]]


def test_wrapped_names_have_the_height_they_need(book):
    for table, sheet in book:
        for row, line in enumerate(table.lines):
            height = sheet.row_dimensions[row + 1].height
            texts = [(cell, c) for c, cell in enumerate(line.cells) if cell.text and (row, c) not in table.covered]
            for cell, c in texts if line.kind is LineKind.BODY and not merged_down(table, row) else []:
                style = table.styles[cell.style]
                span = next((m.columns for m in table.merges if (m.row, m.column) == (row, c)), 1)
                width = sum(column.points for column in table.columns[c : c + span])
                lines = sum(math.ceil(text_width(part) * style.size / 2 / width) for part in cell.text.split("\n")) if style.wrap and not cell.text.isascii() else 1
                if lines > 1 and not style.vertical:
                    assert height is not None
                    assert height >= lines * style.size * 1.2, (table.name, row, cell.text)


def merged_down(table: Table, row: int) -> bool:
    return any(m.row <= row < m.row + m.rows and m.rows > 1 for m in table.merges)
