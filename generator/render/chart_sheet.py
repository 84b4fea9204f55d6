"""The sheet 图 of the workbook: each chart over the figures it shows, as Excel's own chart, to be changed and copied by whoever wants.

Black, white and hatching, as in Word (picture.py): a copy machine loses nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from generator.model.chart import Chart
from generator.model.problem import column_letters
from generator.model.table import Border, Style

SHEET_NAMES = ("图", "图示", "预算图示", "图（附）")  # the next one where a table of the set is called like that
WIDTHS = (250, 110, 110, 130)  # pixels of the columns
LINE, CHART_LINE = 18.0, 15.0  # pt
ROOM = 700.0  # pt of a page's height
SONG, HEI = "宋体", "黑体"
DARK = "#595959"
BESIDE = 1.25  # how far the axis goes on behind the longest bar
_THIN = Border("thin", "thin", "thin", "thin")
TITLE = Style(font=HEI, size=14, horizontal="center")
NOTE = Style(font=SONG, size=9, horizontal="right")
HEAD = Style(font=HEI, size=10, horizontal="center", wrap=True, border=_THIN)
NAME = Style(font=SONG, size=10, wrap=True, border=_THIN)
PLACE = Style(font=SONG, size=9, horizontal="center", wrap=True, border=_THIN)
FIGURE = Style(font=SONG, size=10, horizontal="right", border=_THIN, number_format="#,##0.00")


class Formats(Protocol):
    """The workbook's formats by style (xlsx.Formats)."""

    def __getitem__(self, style: Style) -> Format: ...


def sheet_name(taken: Collection[str]) -> str:
    """图, or what a set that has a table of that name leaves."""
    return next(name for name in SHEET_NAMES if name not in taken)


def add_charts(book: xlsxwriter.Workbook, formats: Formats, charts: Sequence[Chart], name: str) -> Worksheet:
    """The sheet with all charts. Page set-up is the caller's."""
    sheet: Worksheet = book.add_worksheet(name)
    for column, width in enumerate(WIDTHS):
        sheet.set_column_pixels(column, column, width)
    row, used, breaks = 0, 0.0, []
    for n, chart in enumerate(charts):
        tall = _chart_height(chart)
        needed = LINE * (len(chart.points) + 4) + tall + 2 * CHART_LINE
        if n and used + needed > ROOM:
            breaks.append(row)
            used = 0.0
        used += needed
        row = _block(book, sheet, formats, chart, row, tall)
    if breaks:
        sheet.set_h_pagebreaks(breaks)
    sheet.print_area(0, 0, max(row - 1, 0), len(WIDTHS) - 1)
    return sheet


def _chart_height(chart: Chart) -> float:
    """In pt: columns all alike, bars by their number."""
    return 240.0 if chart.compared else 80.0 + 24.0 * len(chart.points)


def _block(book: xlsxwriter.Workbook, sheet: Worksheet, formats: Formats, chart: Chart, top: int, tall: float) -> int:
    """Title, figures, chart; the row after them."""
    made = formats.__getitem__
    sheet.merge_range(top, 0, top, 3, chart.title, made(TITLE))
    sheet.set_row(top, 28)
    sheet.merge_range(top + 1, 0, top + 1, 3, f"单位：{chart.unit}", made(NOTE))
    heads = ("项目", *chart.series, *(() if chart.compared else ("占比（%）",)), "本年数见")
    for column, words in enumerate(heads):
        sheet.write_string(top + 2, column, words, made(HEAD))
    first = top + 3
    for n, point in enumerate(chart.points):
        row = first + n
        sheet.write_string(row, 0, point.label, made(NAME))
        sheet.set_row(row, LINE if len(point.label) <= 20 else LINE * 2)
        for s, value in enumerate(point.values):
            sheet.write_number(row, 1 + s, float(value), made(FIGURE))
        share = chart.share(point)
        if share is not None:
            sheet.write_number(row, 2, float(share), made(FIGURE))
        elif not chart.compared:
            sheet.write_blank(row, 2, None, made(FIGURE))
        if len(point.at) == 1:
            table, r, c = point.at[0]
            cell = f"{column_letters(c + 1)}{r + 1}"
            sheet.write_url(row, 3, f"internal:'{table}'!{cell}", made(PLACE), f"{table} {cell}")
        else:
            sheet.write_string(row, 3, "、".join(dict.fromkeys(at[0] for at in point.at)), made(PLACE))
    last = first + len(chart.points) - 1
    drawn = _drawn(book, sheet.get_name(), chart, first, last)
    drawn.set_size({"width": sum(WIDTHS) - 4, "height": round(tall / 0.75)})
    sheet.insert_chart(last + 2, 0, drawn, {"x_offset": 2, "description": chart.alt, "object_position": 2})
    below = last + 2 + round(tall / CHART_LINE + 0.5)
    return below + 1


def _drawn(book: xlsxwriter.Workbook, sheet: str, chart: Chart, first: int, last: int) -> xlsxwriter.chart.Chart:
    font = {"name": SONG, "size": 9, "color": "black"}
    drawn = book.add_chart({"type": "column" if chart.compared else "bar"})
    looks = ({"fill": {"color": DARK}}, {"pattern": {"pattern": "wide_upward_diagonal", "fg_color": "black", "bg_color": "white"}})
    for s in range(len(chart.series)):
        drawn.add_series(
            {
                "name": [sheet, first - 1, 1 + s],
                "categories": [sheet, first, 0, last, 0],
                "values": [sheet, first, 1 + s, last, 1 + s],
                "border": {"color": "black", "width": 0.75},
                "gap": 40 if chart.compared else 60,
                "data_labels": {"value": True, "font": {**font, "size": 8 if chart.compared else 9}, "num_format": "#,##0.00"},  # figures of neighbours stand close
                **looks[s % 2],
            }
        )
    names = {"num_font": font, "label_position": "low", "line": {"color": "black"}, "major_tick_mark": "none", "major_gridlines": {"visible": False}}
    figures = {"visible": False, "major_gridlines": {"visible": False}}
    drawn.set_title({"name": chart.title, "name_font": {"name": HEI, "size": 12, "bold": False, "color": "black"}, "overlay": False})
    if chart.compared:
        drawn.set_x_axis(names)
        drawn.set_y_axis(figures)
        drawn.set_legend({"position": "top", "font": font})
    else:
        drawn.set_y_axis({**names, "reverse": True})  # the first part at the top
        values = [float(p.values[0]) for p in chart.points]
        ends = {"max": max(values) * BESIDE} | ({"min": min(values) * 2} if min(values) < 0 else {"min": 0})
        drawn.set_x_axis(figures | (ends if max(values) > 0 else {}))  # room for the figure beside the longest bar, which would be broken in two
        drawn.set_legend({"none": True})
    drawn.set_chartarea({"border": {"none": True}, "fill": {"color": "white"}})
    return drawn
