"""汇总分析.xlsx: a county's budget in a few sheets with native charts, and 数据 to make pivot tables from. Inside use, not for publication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from generator.model.amount import half_up, to_unit
from generator.render.excel_book import Book

KINDS = {"横条": {"type": "bar"}, "柱": {"type": "column"}, "堆积": {"type": "bar", "subtype": "stacked"}, "饼": {"type": "pie"}}
COLOURS = ("#2E75B6", "#ED7D31", "#A5A5A5", "#FFC000", "#70AD47", "#5B9BD5", "#C55A11", "#7F6000")
FONT = {"name": "宋体", "size": 9}
CHARTS = "图"
WIDTH, HEIGHT = 620, 440  # of a chart, in pixels
FIRST = 4  # the first row of figures, 0-based: title, note, blank, heading


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure of the first sheet: exact, in 元, or counted in `unit`."""

    name: str
    unit: str
    now: Decimal
    before: Decimal
    money: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """columns: which columns of figures, from 0; top: how many rows, 0 for all of the outermost."""

    kind: str
    columns: tuple[int, ...]
    top: int = 0


@dataclass(frozen=True, slots=True)
class OverviewRow:
    """level: 0 for an outermost line. amounts in 元."""

    code: str
    name: str
    level: int
    amounts: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class OverviewSheet:
    """totals: of all money, whatever the rows say; compare: the columns of this year and last year that get a change and per cent."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[OverviewRow, ...]
    totals: tuple[Decimal, ...]
    compare: tuple[int, int] | None = None
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class DataSheet:
    """Flat lines for a pivot table; amounts in 元."""

    heading: tuple[str, ...]
    rows: tuple[tuple[str | Decimal | None, ...], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """notes: (label, words); checks: (what, whole, sum of the units, verdict); taken: lines of 抵销清单."""

    title: str
    notes: tuple[tuple[str, str], ...]
    headline: tuple[Headline, ...]
    sheets: tuple[OverviewSheet, ...]
    data: DataSheet
    checks: tuple[tuple[str, str, str, str], ...] = ()
    taken: tuple[tuple[object, ...], ...] = ()
    taken_heading: tuple[str, ...] = ()


def _drawn(made: OverviewSheet, chart: Chart) -> list[OverviewRow]:
    """The outermost lines that have anything to draw."""
    outer = [r for r in made.rows if not r.level and any(r.amounts[c] for c in chart.columns)]
    return outer[: chart.top] if chart.top else outer


def overview_workbook(overview: Overview, created: datetime, taken_heading: Sequence[str] = ()) -> bytes:
    """The workbook. Amounts are shown in 万元 and kept exactly in 元 on 数据. Same input, same bytes."""
    return _Writer(overview, created, taken_heading).write()


class _Writer:
    def __init__(self, overview: Overview, created: datetime, taken_heading: Sequence[str]) -> None:
        self.overview, self.taken_heading = overview, taken_heading
        self.book = Book(overview.title, created)
        self.title = self.style(font_name="黑体", font_size=16, bold=True, font_color="#1F3864")
        self.note = self.style(font_color="#595959")
        box: dict[str, object] = {"border": 1, "border_color": "#BFBFBF"}
        self.head = self.style(**box, bold=True, bg_color="#D9E2F3", align="center", text_wrap=True)
        self.text = self.style(**box)
        self.wrap = self.style(**box, text_wrap=True)
        self.inner = self.style(**box, indent=1, font_color="#404040")
        self.money = self.style(**box, num_format="#,##0.00")
        self.count = self.style(**box, num_format="#,##0")
        self.percent = self.style(**box, num_format="0.00%")
        self.sum = self.style(**box, num_format="#,##0.00", bold=True, bg_color="#F2F2F2")
        self.sum_percent = self.style(**box, num_format="0.00%", bold=True, bg_color="#F2F2F2")
        self.sum_text = self.style(**box, bold=True, bg_color="#F2F2F2")
        self.good = self.style(**box, align="center", bg_color="#E2EFDA")
        self.bad = self.style(**box, align="center", bg_color="#F8CBAD", bold=True)

    def style(self, **properties: object) -> Format:
        return self.book.add_format({"font_name": "宋体", "font_size": 10, "valign": "vcenter", **properties})

    def write(self) -> bytes:
        self._front()
        self._charts()
        for sheet in self.overview.sheets:
            self._sheet(sheet)
        if self.overview.checks:
            self._lines("勾稽", "部门（全县）= 各单位之和：每张表逐格相加核对。", ("核对什么", "汇总册", "各单位之和", "结果"), self.overview.checks, (44, 22, 22, 12))
        if self.overview.taken:
            self._lines("抵销清单", "汇总时从收入和支出两边去掉的内部往来；金额是元。", self.taken_heading, self.overview.taken, (8, 34, 12, 24, 44, 14, 18, 60))
        self._data()
        return self.book.finished()

    def _page(self, sheet: Worksheet, landscape: bool = True) -> None:
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.5, 0.5, 0.6, 0.6)
        sheet.set_footer("&C&9第 &P 页 共 &N 页")

    def _front(self) -> None:
        sheet = self.book.add_worksheet("概览")
        sheet.write_string(0, 0, self.overview.title, self.title)
        sheet.set_row(0, 30)
        row = 1
        for label, words in self.overview.notes:
            sheet.write_string(row, 0, label, self.note)
            sheet.merge_range(row, 1, row, 5, words, self.style(text_wrap=True, font_color="#404040"))
            sheet.set_row(row, min(16 * max(1, -(-len(words) // 44)), 400))
            row += 1
        row += 1
        sheet.write_row(row, 0, ("项目", "单位", "本年", "上年", "增减", "增减幅度"), self.head)
        for item in self.overview.headline:
            row += 1
            now, before = (half_up(to_unit(a, item.unit), 2) if item.money and item.unit in ("万元", "元") else a for a in (item.now, item.before))
            form = self.money if item.money else self.count
            sheet.write_string(row, 0, item.name, self.text)
            sheet.write_string(row, 1, item.unit, self.text)
            sheet.write_number(row, 2, float(now), form)
            if item.money and item.before:
                sheet.write_number(row, 3, float(before), form)
                sheet.write_number(row, 4, float(now - before), form)
                self._share(sheet, row, 5, item.now - item.before, item.before, self.percent)
            else:
                for c in (3, 4, 5):
                    sheet.write_blank(row, c, None, self.text)
        row += 2
        sheet.write_string(row, 0, "这本工作簿里", self.head)
        for name in [CHARTS] + [s.name for s in self.overview.sheets] + (["勾稽"] if self.overview.checks else []) + (["抵销清单"] if self.overview.taken else []) + ["数据"]:
            row += 1
            sheet.write_url(row, 0, f"internal:'{name}'!A1", self.style(font_color="#1F4E79", underline=1), name)
        sheet.set_column(0, 0, 22)
        sheet.set_column(1, 1, 8)
        sheet.set_column(2, 4, 18)
        sheet.set_column(5, 5, 12)
        self._page(sheet, landscape=False)

    def _share(self, sheet: Worksheet, row: int, column: int, part: Decimal, whole: Decimal, form: Format) -> None:
        if whole:
            sheet.write_number(row, column, float(half_up(part / whole, 4)), form)
        else:
            sheet.write_blank(row, column, None, form)

    def _sheet(self, made: OverviewSheet) -> None:
        sheet = self.book.add_worksheet(made.name)
        sheet.write_string(0, 0, f"{self.overview.title}：{made.name}", self.title)
        sheet.set_row(0, 28)
        sheet.write_string(1, 0, "金额单位：万元。准确到分的数在“数据”，可以做数据透视表。", self.note)
        columns = ["编码", "名称", *made.columns, *(("增减", "增减幅度") if made.compare else ()), "占比"]
        sheet.write_row(FIRST - 1, 0, columns, self.head)
        sheet.set_row(FIRST - 1, 30)
        share = made.compare[0] if made.compare else (made.chart.columns[0] if made.chart else 0)
        total = OverviewRow("", "合计", 0, made.totals)
        for n, row in enumerate((total, *made.rows)):
            self._row(sheet, FIRST + n, row, made, share, summed=not n)
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, min(60, max(24, *(2 * len(r.name) for r in made.rows))))
        sheet.set_column(2, len(columns) - 1, 15)
        sheet.freeze_panes(FIRST, 2)
        sheet.autofilter(FIRST - 1, 0, FIRST + len(made.rows), len(columns) - 1)
        sheet.repeat_rows(FIRST - 1)
        self._page(sheet)

    def _row(self, sheet: Worksheet, at: int, row: OverviewRow, made: OverviewSheet, share: int, summed: bool) -> None:
        text, money, percent = (self.sum_text, self.sum, self.sum_percent) if summed else (self.text, self.money, self.percent)
        sheet.write_string(at, 0, row.code, text)
        sheet.write_string(at, 1, row.name, self.inner if row.level else text)
        for c, amount in enumerate(row.amounts):
            sheet.write_number(at, 2 + c, float(half_up(to_unit(amount, "万元"), 2)), money)
        c = 2 + len(row.amounts)
        if made.compare:
            now, before = (row.amounts[i] for i in made.compare)
            sheet.write_number(at, c, float(half_up(to_unit(now - before, "万元"), 2)), money)
            self._share(sheet, at, c + 1, now - before, before, percent)
            c += 2
        self._share(sheet, at, c, row.amounts[share], made.totals[share], percent)

    def _charts(self) -> None:
        """All charts on one sheet to print, two side by side; the lines they draw stand right of them, outside the print area."""
        drawn = [(made, made.chart, shown) for made in self.overview.sheets if made.chart and (shown := _drawn(made, made.chart))]
        if not drawn:
            return
        sheet = self.book.add_worksheet(CHARTS)
        sheet.write_string(0, 0, f"{self.overview.title}：图", self.title)
        sheet.set_row(0, 28)
        across, down = -(-WIDTH // 64), -(-HEIGHT // 20)
        for n, (made, wanted, shown) in enumerate(drawn):
            top, left = n * (max(len(s) for _, _, s in drawn) + 3), 2 * across + 4
            sheet.write_row(top, left, [made.name, *(made.columns[c] for c in wanted.columns)], self.note)
            for k, row in enumerate(shown, top + 1):
                sheet.write_string(k, left, row.name, self.note)
                for i, c in enumerate(wanted.columns, left + 1):
                    sheet.write_number(k, i, float(half_up(to_unit(row.amounts[c], "万元"), 2)), self.note)
            chart = self._chart(made, wanted, len(shown), top, left)
            sheet.insert_chart(2 + (n // 2) * (down + 1), (n % 2) * (across + 1), chart, {"description": made.name})
        sheet.print_area(0, 0, 2 + -(-len(drawn) // 2) * (down + 1), 2 * across + 1)
        sheet.set_h_pagebreaks([2 + k * (down + 1) for k in range(2, -(-len(drawn) // 2), 2)])
        sheet.hide_gridlines(2)
        self._page(sheet)

    def _chart(self, made: OverviewSheet, wanted: Chart, count: int, top: int, left: int) -> xlsxwriter.chart.Chart:
        kind = KINDS[wanted.kind]
        chart = self.book.add_chart(dict(kind))
        first, last = top + 1, top + count
        for k, c in enumerate(wanted.columns):
            column = left + 1 + k
            series: dict[str, object] = {"name": made.columns[c], "categories": [CHARTS, first, left, last, left], "values": [CHARTS, first, column, last, column]}
            if wanted.kind == "饼":
                series |= {"data_labels": {"percentage": True, "font": FONT, "leader_lines": True}, "points": [{"fill": {"color": COLOURS[i % len(COLOURS)]}} for i in range(count)]}
            else:
                series |= {"fill": {"color": COLOURS[k % len(COLOURS)]}, "gap": 60}
            chart.add_series(series)
        limited = wanted.top and sum(1 for r in made.rows if not r.level) > count
        chart.set_title({"name": f"{made.name}（{f'前 {count} 位，' if limited else ''}万元）", "name_font": {"name": "黑体", "size": 12}})
        chart.set_legend({"position": "right" if wanted.kind == "饼" else "bottom", "font": FONT} if len(wanted.columns) > 1 or wanted.kind == "饼" else {"none": True})
        if wanted.kind != "饼":
            bars = kind["type"] == "bar"
            lines = {"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#D9D9D9"}}}
            chart.set_y_axis({"reverse": bars, "num_font": FONT, **({"interval_unit": 1, "major_gridlines": {"visible": False}} if bars else lines)})
            chart.set_x_axis({"num_font": FONT, **(lines if bars else {})})
        chart.set_size({"width": WIDTH, "height": HEIGHT})
        return chart

    def _lines(self, name: str, about: str, heading: Sequence[str], rows: Sequence[Sequence[object]], widths: Sequence[float]) -> None:
        sheet = self.book.add_worksheet(name)
        sheet.write_string(0, 0, name, self.title)
        sheet.write_string(1, 0, about, self.note)
        sheet.write_row(FIRST - 1, 0, heading, self.head)
        for r, row in enumerate(rows, FIRST):
            for c, value in enumerate(row):
                if isinstance(value, (Decimal, int)):
                    sheet.write_number(r, c, float(value), self.money if isinstance(value, Decimal) else self.count)
                else:
                    verdict = {"一致": self.good, "不一致": self.bad}.get(str(value))
                    sheet.write_string(r, c, str(value or ""), verdict or self.wrap)
        for c, width in enumerate(widths):
            sheet.set_column(c, c, width)
        sheet.freeze_panes(FIRST, 0)
        sheet.repeat_rows(FIRST - 1)
        self._page(sheet)

    def _data(self) -> None:
        """A table of Excel's own, so that 插入数据透视表 takes all of it."""
        sheet = self.book.add_worksheet("数据")
        data = self.overview.data
        text, money = self.style(num_format="@"), self.style(num_format="#,##0.00")
        for r, row in enumerate(data.rows, 1):
            for c, value in enumerate(row):
                if isinstance(value, Decimal):
                    sheet.write_number(r, c, float(value), money)
                elif value:
                    sheet.write_string(r, c, value, text)
        last = max(len(data.rows), 1)
        sheet.add_table(0, 0, last, len(data.heading) - 1, {"name": "数据表", "style": "Table Style Light 9", "columns": [{"header": h} for h in data.heading]})
        widths = {"单位名称": 30, "主管部门名称": 24, "功能科目名称": 28, "部门经济名称": 20, "政府经济名称": 20, "项目名称": 34, "资金来源": 24, "功能类": 20, "部门经济类": 20}
        for c, name in enumerate(data.heading):
            sheet.set_column(c, c, widths.get(name, 14))
        sheet.freeze_panes(1, 0)
        self._page(sheet)
