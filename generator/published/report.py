"""审核报告.xlsx: 概况, 问题, 检查表 (every kind of check with 通过, 有问题, 未检查), 未检查 (what could not be read or compared)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import xlsxwriter
from xlsxwriter.format import Format

from generator.model.problem import Level
from generator.model.wrapping import wrapped
from generator.published.audit import Audit
from generator.published.facts import is_contents, is_form
from generator.render.excel_book import Book

_FILLS = {str(Level.ERROR): "#F8CBAD", str(Level.WARNING): "#FFE699", str(Level.HINT): "#DDEBF7", "有问题": "#F8CBAD", "通过": "#E2EFDA", "未检查": "#E7E6E6"}

LINE = 13.5  # pt, of 10 pt type
WIDE = 180  # Excel characters of all columns together


def report_workbook(audit: Audit, created: datetime) -> bytes:
    """The report for the bureau's files. Same input, same bytes."""
    book = Book("预算公开审核报告", created)
    made: dict[tuple[str, str], Format] = {}

    def style(kind: str, fill: str = "") -> Format:
        if (kind, fill) not in made:
            look: dict[str, object] = {"font_name": "宋体", "font_size": 10, "valign": "vcenter", "text_wrap": True, "border": 1, "border_color": "#BFBFBF"}
            look |= {"head": {"bold": True, "bg_color": "#D9D9D9", "align": "center"}, "title": {"font_name": "黑体", "font_size": 16, "border": 0, "text_wrap": False}}.get(kind, {})
            made[kind, fill] = book.add_format({**look, **({"bg_color": fill} if fill else {})})
        return made[kind, fill]

    def sheet(name: str, heads: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str]], none: str) -> None:
        page = book.add_worksheet(name)
        page.set_landscape()
        page.set_paper(8 if sum(widths) > WIDE else 9)  # A3: on A4 the type would be too small
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        page.freeze_panes(1, 0)
        for c, (head, width) in enumerate(zip(heads, widths, strict=True)):
            page.set_column(c, c, width)
            page.write_string(0, c, head, style("head"))
        for r, row in enumerate(rows, 1):
            page.set_row(r, _height(row, widths))
            for c, text in enumerate(row):
                page.write_string(r, c, text, style("text", _FILLS.get(text, "")))
        if not rows:
            page.write_string(1, 0, none)
        elif len(rows) > 1:
            page.autofilter(0, 0, len(rows), len(heads) - 1)

    _overview(book.add_worksheet("概况"), audit, style)
    sheet(
        "问题",
        ("序号", "级别", "文件", "在哪里", "问题", "改法", "对照", "原文", "规则", "依据"),
        (6, 7, 22, 30, 56, 36, 30, 36, 18, 30),
        [
            (str(n), str(f.level), f.spot.file, str(f.spot).removeprefix(f.spot.file).strip(" !"), f.message, f.hint, str(f.other or ""), f.quote, f.rule, audit.rules.basis(f.rule))
            for n, f in enumerate(audit.findings, 1)
        ],
        "没有发现问题。",
    )
    sheet(
        "检查表",
        ("检查事项", "检查什么", "结果", "核对次数", "问题数", "没有检查的原因", "检查人意见"),
        (22, 50, 9, 10, 8, 40, 24),
        [(c.name, c.what, c.state, str(c.compared), str(c.found) if c.found else "", c.reason, "") for c in audit.checks],
        "",
    )
    sheet("未检查", ("没有读到或没有核对的内容",), (120,), [(text,) for text in audit.unchecked], "没有。")
    sheet(
        "读到的表",
        ("表号", "表名", "在哪里", "单位", "行数", "金额数", "状态"),
        (12, 48, 44, 8, 8, 8, 14),
        [
            (
                t.number,
                t.title or "（没有标题）",
                str(t.spot),
                t.unit + ("" if t.unit_printed else "（没有写，按万元）"),
                str(len(t.rows)),
                str(sum(bool(c.figure) for r in t.rows for c in r.cells)),
                "空表" if t.empty else "绩效表" if is_form(t) else "",
            )
            for t in audit.tables
            if not is_contents(t) or is_form(t)
        ],
        "没有读到表。",
    )
    return book.finished()


def _height(texts: Sequence[str], widths: Sequence[float]) -> float:
    """A row's height in pt that shows every line of its texts: LibreOffice and WPS do not always find it themselves. Excel allows 409."""
    lines = max(wrapped(text, max(width - 1, 1)) for text, width in zip(texts, widths, strict=True))
    return min(LINE * lines + 3, 409)


def _overview(page: xlsxwriter.worksheet.Worksheet, audit: Audit, style: object) -> None:
    assert callable(style)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_column(0, 0, 18)
    page.set_column(1, 1, 90)
    page.write_string(0, 0, "预算公开审核报告", style("title"))
    facts = [
        ("单位", audit.about.organs[0] if audit.about.organs else "（没有认出来）"),
        ("预算年度", f"{audit.about.year}年" if audit.about.year else "（没有认出来）"),
        ("套表", audit.seen.name if audit.seen else "（没有认出来，按全国的规则查）"),
        ("审核的文件", "\n".join(f"{d.file}{f'（{d.pages} 页）' if d.pages else ''}" for d in audit.documents)),
        ("读到", f"{len(audit.tables)} 张表，{sum(1 for d in audit.documents for _ in d.paragraphs)} 段文字；核对 {audit.compared} 次"),
        ("结果", "、".join(f"{audit.count(level)} 个{level}" for level in Level) if audit.findings else "没有发现问题"),
        ("没有检查的", f"{len(audit.unchecked)} 项，见“未检查”；{sum(c.state == '未检查' for c in audit.checks)} 类检查没有可查的内容，见“检查表”"),
        ("说明", "错误：四舍五入解释不了的；警告：要人看一眼；提示：四舍五入可以解释的尾差。没有查到的不等于没有问题。"),
    ]
    for r, (name, text) in enumerate(facts, 2):
        page.set_row(r, _height((name, text), (18, 90)))
        page.write_string(r, 0, name, style("head"))
        page.write_string(r, 1, text, style("text"))
