"""预算公开表.xlsx: a contents sheet with links, then one sheet a table, ready to print. Values only, no formulas.

XlsxWriter, because it is the fastest complete writer (docs/性能.md) and writes the same bytes for the same input; the cells
themselves go in by table_sheet, a whole table at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from generator.model.chart import Chart
from generator.model.table import Border, Cell, Style, Table
from generator.model.wrapping import text_width
from generator.render.chart_sheet import add_charts, sheet_name
from generator.render.excel_book import Book
from generator.render.heights import cell_height, one_line
from generator.render.sheet_pages import LEAST_BOTTOM, continued, sheet_pages
from generator.render.table_sheet import TableSheet

BORDERS = {"": 0, "thin": 1, "medium": 2, "dashed": 3, "dotted": 4, "thick": 5, "double": 6, "hair": 7}
PAPER = {"A4": 9, "A3": 8}
FOOTER = "&C&10第 &P 页 共 &N 页"  # LibreOffice shrinks it with the sheet, to 7 pt at most
CONTENTS = "目录"
# Column widths count digits of the workbook's default font. Excel's own, Calibri, is missing outside Windows, and what stands in for it
# makes every column a quarter wider. A digit of Arial 9.5 pt has the same 7 pixels, and one of Liberation Sans, which stands in for it, 5.28 pt.
DEFAULT_FONT = {"font_name": "Arial", "font_size": 9.5}
CONTENTS_WIDTHS = (7, 14, 68, 8)  # characters: 序号, 表号, 表名, 备注
LONGEST_TITLE = 90  # characters: so wide the column of names grows, because LibreOffice does not wrap a link
VALIGN = {"top": "top", "center": "vcenter", "bottom": "bottom", "justify": "vjustify", "distributed": "vdistributed"}


class Formats:
    """XlsxWriter formats by style, made once a workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[Style, Format] = {}

    def __getitem__(self, style: Style) -> Format:
        if style not in self._made:
            properties: dict[str, object] = {
                "font_name": style.font,
                "font_size": style.size,
                "bold": style.bold,
                "valign": VALIGN.get(style.vertical_align, "vcenter"),
                "text_wrap": style.wrap,
                "num_format": style.number_format,
            }
            if style.horizontal:
                properties["align"] = {"centerContinuous": "center_across", "distributed": "distributed"}.get(style.horizontal, style.horizontal)
            if style.indent:
                properties["indent"] = style.indent
            if style.vertical:
                properties["rotation"] = 270
            if style.fill:
                properties["bg_color"] = f"#{style.fill}"
            for side in ("left", "right", "top", "bottom"):
                if line := BORDERS.get(getattr(style.border, side), 1 if getattr(style.border, side) else 0):
                    properties[side] = line
            self._made[style] = self._book.add_format(properties)
        return self._made[style]


def workbook(tables: Sequence[Table], title: str, created: datetime, charts: Sequence[Chart] = ()) -> bytes:
    """The set as one workbook. `title` heads the contents; `created` is the run's date (same input, same bytes); `charts` go on a last sheet."""
    book = Book(title, created, {"default_date_format": "yyyy-mm-dd", "default_format_properties": dict(DEFAULT_FONT)})  # XlsxWriter writes into the font
    formats = Formats(book)
    pictures = sheet_name([sheet.name for table in tables for sheet in table.sheets]) if charts else ""
    _contents(book, formats, tables, title, pictures)
    for table in tables:
        for sheet in table.sheets:
            add_table(book, formats, sheet)
    if charts:
        _page(add_charts(book, formats, charts, pictures), "A4", False, (0.6, 0.6, 0.75, 0.75))
    return book.finished()


def _contents(book: xlsxwriter.Workbook, formats: Formats, tables: Sequence[Table], title: str, pictures: str = "") -> None:
    sheet = book.add_worksheet(CONTENTS)
    heading = Style(font="黑体", size=16, bold=True, horizontal="center", wrap=True)
    line = Style(font="宋体", size=11, wrap=True)
    centred = Style(font="宋体", size=11, horizontal="center")
    longest = max((text_width(t.title) for t in tables), default=0)
    widths = (*CONTENTS_WIDTHS[:2], min(max(CONTENTS_WIDTHS[2], longest * 1.05 + 2), LONGEST_TITLE), CONTENTS_WIDTHS[3])  # 11 pt beside 9.5 pt digits
    sheet.merge_range(0, 0, 0, 3, title, formats[heading])
    sheet.set_row(0, max(34, cell_height(Cell(title), heading, sum(widths))))
    sheet.merge_range(1, 0, 1, 3, CONTENTS, formats[Style(font="黑体", size=14, horizontal="center")])
    sheet.merge_range(2, 0, 2, 3, f"共 {len(tables)} 张表，其中空表 {sum(t.empty for t in tables)} 张；点表号或表名到该表", formats[centred])
    top = 4
    sheet.write_row(top, 0, ("序号", "表号", "表名", "备注"), formats[Style(font="黑体", size=11, horizontal="center", border=Border(bottom="thin"))])
    link = book.add_format({"font_name": "宋体", "font_size": 11, "text_wrap": True, "valign": "vcenter", "font_color": "#1F4E79", "underline": 1})
    sheets = [s for t in tables for s in t.sheets]
    for i, table in enumerate(sheets):
        row = top + 1 + i
        target = f"internal:'{table.name}'!A1"
        sheet.write_number(row, 0, i + 1, formats[centred])
        sheet.write_url(row, 1, target, link, table.number)
        sheet.write_url(row, 2, target, link, table.title)
        sheet.write_string(row, 3, "空表" if table.empty else "", formats[line])
        if (height := cell_height(Cell(table.title), line, widths[2])) > one_line(line.size):
            sheet.set_row(row, height)
    last = top + len(sheets)
    if pictures:
        last += 1
        sheet.write_url(last, 1, f"internal:'{pictures}'!A1", link, pictures)
        sheet.write_url(last, 2, f"internal:'{pictures}'!A1", link, "预算图示")
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.freeze_panes(top + 1, 0)
    sheet.repeat_rows(top)
    sheet.print_area(0, 0, last, 3)
    _page(sheet, "A4", False, (0.6, 0.6, 0.75, 0.75))


def _page(sheet: Worksheet, paper: str, landscape: bool, margins: tuple[float, float, float, float]) -> None:
    sheet.set_paper(PAPER[paper])
    if landscape:
        sheet.set_landscape()
    else:
        sheet.set_portrait()
    sheet.fit_to_pages(1, 0)
    left, right, top, bottom = margins
    sheet.set_margins(left, right, top, max(bottom, LEAST_BOTTOM))
    sheet.center_horizontally()
    sheet.set_footer(FOOTER, {"margin": 0.3, "scale_with_doc": False})  # page numbers of one size, however far a sheet shrinks


def add_table(book: xlsxwriter.Workbook, formats: Formats, table: Table) -> TableSheet:
    """A table as a sheet of its own, ready to print."""
    sheet: TableSheet = book.add_worksheet(table.name, TableSheet)
    pages = sheet_pages(table)
    sheet.fill(continued(table, pages), [formats[s] for s in table.styles], pages.heights)
    _, bottom = table.heading_rows
    if bottom and not table.form:
        sheet.repeat_rows(0, bottom - 1)
        labels = next((i for i, c in enumerate(table.columns) if c.figure), 0)
        sheet.freeze_panes(bottom, labels if labels < 6 else 0)
    sheet.print_area(0, 0, max(len(table.lines) - 1, 0), max(len(table.columns) - 1, 0))
    _page(sheet, table.page.paper, table.page.landscape, table.page.margins)
    if pages.scale:
        sheet.set_print_scale(pages.scale)
    else:
        sheet.fit_to_pages(1, pages.tall)
    if pages.breaks:
        sheet.set_h_pagebreaks(list(pages.breaks))
    if pages.across:
        sheet.set_v_pagebreaks(list(pages.across))
        sheet.print_across()
        if labels := table.groups[0][0]:
            sheet.repeat_columns(0, labels - 1)
    return sheet
