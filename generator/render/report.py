"""校验报告.xlsx: what was checked and how it came out: passed, failed, not run, with the figures of both sides.

Four sheets: 概况, 问题 (every finding in reading order), 核对结果 (every rule), 勾稽 (figures held against each other, and
whether every table shows all the money it should). For the unit's files, not for publication.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import repeat

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from generator.model.problem import Level, Problem
from generator.render.excel_book import Book
from generator.render.heights import lines_needed
from generator.render.marked import FILLS, About, counted
from generator.render.table_sheet import TextSheet

PASSED, FAILED, NOT_RUN = "通过", "未通过", "未能核对"
_COLOURS = {**{str(level): f"#{rgb[2:]}" for level, rgb in FILLS.items()}, PASSED: "#E2EFDA", FAILED: f"#{FILLS[Level.ERROR][2:]}", NOT_RUN: "#E7E6E6"}
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class RuleLine:
    """How one rule came out. status: 通过, 未通过 or 未能核对 with its reason; found: how many problems."""

    rule: str
    status: str
    level: str = ""
    basis: str = ""
    reason: str = ""
    found: int = 0


@dataclass(frozen=True, slots=True)
class FiguresLine:
    """Two figures held against each other, as text with their units; empty where there is only one."""

    rule: str
    what: str
    left: str
    right: str
    status: str
    gap: str = ""


@dataclass(frozen=True, slots=True)
class TableLine:
    """A built table: does it show all its money. figures: how many it prints."""

    number: str
    title: str
    figures: int
    status: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All that the report says. facts: lines of 概况; verdict: the sentence at its head."""

    title: str
    verdict: str
    passed: bool
    facts: Sequence[tuple[str, str]]
    problems: Sequence[Problem]
    about: About
    basis: Mapping[str, str]  # rule → its basis
    rules: Sequence[RuleLine]
    figures: Sequence[FiguresLine]
    tables: Sequence[TableLine]
    created: datetime


def report_workbook(report: Report) -> bytes:
    """The report. Same input, same bytes."""
    return _Writer(report).write()


class _Writer:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.book = Book(report.title, report.created)
        self.made: dict[tuple[str, str], Format] = {}

    def style(self, kind: str, fill: str = "") -> Format:
        """title, note, head, text or centre; with a fill."""
        if (kind, fill) not in self.made:
            base: dict[str, object] = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "text_wrap": True}
            if kind != "title" and kind != "note":
                base |= {"border": 1, "border_color": "#BFBFBF"}
            kinds: dict[str, dict[str, object]] = {
                "title": {"font_name": "黑体", "font_size": 16, "bold": True, "font_color": "#1F3864"},
                "head": {"bold": True, "bg_color": "#D9D9D9", "align": "center"},
                "centre": {"align": "center"},
            }
            self.made[kind, fill] = self.book.add_format({**base, **kinds.get(kind, {}), **({"bg_color": fill} if fill else {})})
        return self.made[kind, fill]

    def write(self) -> bytes:
        self._overview()
        r = self.report
        self._table(
            "问题",
            ("级别", "下一步", "工作表", "单元格", "问题", "改法", "规则", "依据"),
            (7, 18, 18, 10, 58, 42, 14, 28),
            [(p.level, r.about.step(p), p.place.sheet or "（整个文件）", p.place.cell or ("整张表" if p.place.sheet else ""), p.message, p.hint, p.rule, r.basis.get(p.rule, "")) for p in r.problems],
            "没有发现问题。",
        )
        self._table(
            "核对结果",
            ("结果", "规则", "级别", "问题数", "没有核对的原因", "依据"),
            (10, 30, 8, 8, 60, 44),
            [(line.status, line.rule, line.level, str(line.found) if line.found else "", line.reason, line.basis) for line in r.rules],
            "没有核对规则。",
        )
        rows = [(line.status, line.rule, line.what, line.left, line.right, line.gap) for line in r.figures]
        waiting: dict[str, list[TableLine]] = {}
        for t in r.tables:
            if t.status == NOT_RUN:
                waiting.setdefault(t.note, []).append(t)  # one cause, one line
            else:
                rows.append((t.status, "表内全覆盖", f"{t.number} {t.title}", f"{t.figures} 个数", "", t.note))
        rows += [(NOT_RUN, "表内全覆盖", f"{lines[0].number} 等 {len(lines)} 张表" if len(lines) > 1 else lines[0].number, "", "", note) for note, lines in waiting.items()]
        self._table("勾稽", ("结果", "规则", "核对什么", "一边", "另一边", "相差、说明"), (10, 22, 52, 34, 34, 40), rows, "没有可以勾稽的数。")
        return self.book.finished()

    def _overview(self) -> None:
        r = self.report
        sheet = self.book.add_worksheet("概况")
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 18)
        sheet.set_column(1, 1, 84)
        sheet.merge_range(0, 0, 0, 1, r.title, self.style("title"))
        sheet.set_row(0, 32)
        lines = [
            ("结论", r.verdict),
            *r.facts,
            ("问题", counted(r.problems)),
            ("核对规则", self._counts([line.status for line in r.rules])),
            ("勾稽", self._counts([*(line.status for line in r.figures), *(line.status for line in r.tables)])),
        ]
        for n, (name, text) in enumerate(lines, 2):
            fill = (_COLOURS[PASSED] if r.passed else _COLOURS[FAILED]) if name == "结论" else ""
            sheet.write_string(n, 0, name, self.style("head"))
            sheet.write_string(n, 1, text, self.style("text", fill))
            sheet.set_row(n, max(20, lines_needed(text, 84, 10) * 13.5 + 6))
        sheet.merge_range(len(lines) + 3, 0, len(lines) + 3, 1, "“未能核对”是缺内容、没有核对，不等于通过。本报告供单位和财政局内部核对，不用公开。", self.style("note"))
        sheet.print_area(0, 0, len(lines) + 3, 1)
        self._page(sheet, landscape=False)

    @staticmethod
    def _counts(statuses: Sequence[str]) -> str:
        return "、".join(f"{statuses.count(s)} 项{s}" for s in (PASSED, FAILED, NOT_RUN) if s in statuses) or "无"

    def _table(self, name: str, heads: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]], empty: str) -> None:
        sheet: TextSheet = self.book.add_worksheet(name, TextSheet)
        for n, width in enumerate(widths):
            sheet.set_column(n, n, width)
        lines: list[tuple[Sequence[str | None], Sequence[Format], float]] = [(heads, [self.style("head")] * len(heads), 20)]
        if not rows:
            lines.append(([empty, *[None] * (len(heads) - 1)], [self.style("text")] * len(heads), 0))
            sheet.merge.append([1, 0, 1, len(heads) - 1])
        for cells in rows[:MOST_ROWS]:
            texts = [str(text)[:32000] for text in cells]
            tallest = max(map(lines_needed, texts, widths, repeat(10)))
            lines.append((texts, [self.style("centre", _COLOURS.get(cells[0], "")), *[self.style("text")] * (len(cells) - 1)], min(tallest * 13.5 + 5, 400)))
        sheet.fill(lines)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(min(len(rows), MOST_ROWS), 1), len(heads) - 1)
        sheet.repeat_rows(0)
        sheet.print_area(0, 0, max(min(len(rows), MOST_ROWS), 1), len(heads) - 1)
        self._page(sheet, landscape=True)

    def _page(self, sheet: Worksheet, landscape: bool) -> None:
        if landscape:
            sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.4, 0.4, 0.5, 0.6)
        sheet.set_header(f"&L&9 {self.report.title.replace('&', '&&')}&R&9&A")
        sheet.set_footer("&C&9第 &P 页 共 &N 页", {"margin": 0.3})
