"""对比.xlsx and the same in short on a terminal: what changed, by how much, in per cent. For inside use."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from generator.model.amount import grouped, half_up, printed
from generator.render.excel_book import Book

MOST_SHOWN = 12  # differences of a part on a terminal; all are in the workbook
LONGEST_RICH = 2000  # characters of a text that is still marked word by word
FIRST = 4
ZERO = Decimal(0)
Value = Decimal | str | None


@dataclass(frozen=True, slots=True)
class Row:
    """One difference, ready to show. unit: of the figures, 元 exact or as a table prints; place: where it stood, where it stands."""

    part: str
    kind: str
    what: str
    item: str
    before: Value
    after: Value
    unit: str = ""
    place: tuple[str, str] = ("", "")

    @property
    def change(self) -> Decimal | None:
        """By how much; what is not there counts nothing. None when either is a text."""
        return None if isinstance(self.before, str) or isinstance(self.after, str) else (self.after or ZERO) - (self.before or ZERO)


@dataclass(frozen=True, slots=True)
class Shown:
    """A comparison, ready to show. figures: (name, unit, before, after), changed or not; parts: name → differences."""

    before: str
    after: str
    figures: Sequence[tuple[str, str, Decimal | None, Decimal | None]]
    parts: Sequence[tuple[str, Sequence[Row]]]
    notes: Sequence[str] = ()


def percent(before: Value, after: Value) -> Decimal | None:
    """The change in per cent of what was before, two decimals, half up; None where there was nothing or no figure.

    >>> percent(Decimal(80), Decimal(100)), percent(None, Decimal(5))
    (Decimal('25.00'), None)
    """
    if isinstance(before, str) or isinstance(after, str) or not before:
        return None
    return half_up(((after or ZERO) - before) / abs(before) * 100)


# --- for a terminal -------------------------------------------------------------------------------------------------------


def as_lines(shown: Shown) -> Iterator[str]:
    """The comparison in short: named figures that changed, then each part with its largest changes first."""
    yield f"之前：{shown.before}"
    yield f"之后：{shown.after}"
    yield from shown.notes
    changed = [f for f in shown.figures if f[2] != f[3]]
    if not changed and not any(rows for _, rows in shown.parts):
        yield "没有不同。"
        return
    if shown.figures:
        yield f"主要数字：{len(shown.figures)} 个，变了 {len(changed)} 个"
        for name, unit, before, after in changed:
            yield f"  {name}  {_pair(before, after, unit, money=unit in ('万元', '元'))}"
    for part, rows in shown.parts:
        if not rows:
            continue
        counts = {kind: sum(r.kind == kind for r in rows) for kind in dict.fromkeys(r.kind for r in rows)}
        yield f"{part}：{len(rows)} 处（" + "，".join(f"{kind} {n}" for kind, n in counts.items()) + "）"
        largest = sorted(rows, key=lambda r: -abs(r.change or ZERO))
        for row in largest[:MOST_SHOWN]:
            yield f"  {_line(row)}"
        if len(rows) > MOST_SHOWN:
            yield f"  ……还有 {len(rows) - MOST_SHOWN} 处，见对比工作簿"


def _line(row: Row) -> str:
    head = "  ".join(_short(part) for part in (row.part, row.kind, row.what, row.item) if part)
    if row.change is not None:
        return f"{head}  {_pair(row.before, row.after, row.unit)}"
    before, after = (_short(v) for v in (row.before, row.after))
    return f"{head}  {before} → {after}"


def _short(value: Value) -> str:
    text = "（没有）" if value is None else str(value)
    text = text.replace("\n", "⏎")
    return text if len(text) <= 40 else f"{text[:38]}……"


def _pair(before: Value, after: Value, unit: str, money: bool = False) -> str:
    """Both figures, the change and its per cent. money: the figures are in 元 and shown in `unit`."""
    words = []
    for value in (before, after):
        words.append("（没有）" if not isinstance(value, Decimal) else _amount(printed(value, unit) if money else value, unit))
    old, new = (v if isinstance(v, Decimal) else ZERO for v in (before, after))
    change = printed(new, unit) - printed(old, unit) if money else new - old
    share = percent(before, after)
    sign = "+" if change > 0 else ""
    return f"{words[0]} → {words[1]} {unit}（{sign}{_amount(change, unit)}" + (f"，{'+' if share > 0 else ''}{share}%" if share is not None else "") + "）"


def _amount(value: Decimal, unit: str) -> str:
    return grouped(value, comma=True) if unit in ("元", "万元", "千元", "亿元") else f"{value.normalize():f}"


def _lines_of(value: Value, width: float) -> int:
    """Lines a text takes in a column of this many characters; Chinese ones are two wide."""
    if not isinstance(value, str):
        return 1
    return sum(max(1, -(-sum(2 if ord(c) > 255 else 1 for c in line) // int(width))) for line in value.split("\n"))


# --- workbook ---------------------------------------------------------------------------------------------------------------


def comparison_workbook(shown: Shown, created: datetime) -> bytes:
    """One sheet a part; empty parts say so on the first sheet. Same input, same bytes."""
    return _Writer(shown, created).write()


class _Writer:
    def __init__(self, shown: Shown, created: datetime) -> None:
        self.shown = shown
        self.book = Book("对比", created)
        box: dict[str, object] = {"border": 1, "border_color": "#BFBFBF"}
        self.title = self.style(font_name="黑体", font_size=16, bold=True, font_color="#1F3864")
        self.note = self.style(font_color="#595959")
        self.plain = self.style(text_wrap=True)
        self.head = self.style(**box, bold=True, bg_color="#D9E2F3", align="center", text_wrap=True)
        self.text = self.style(**box, text_wrap=True)
        self.kinds = {k: self.style(**box, align="center", bg_color=c) for k, c in (("改", "#FFF2CC"), ("增加", "#E2EFDA"), ("删去", "#F8CBAD"), ("改名改码", "#DDEBF7"))}
        self.money = self.style(**box, num_format="#,##0.00")
        self.count = self.style(**box, num_format="#,##0.######")
        self.more = self.style(**box, num_format="+#,##0.00;-#,##0.00;0.00", font_color="#C00000")
        self.less = self.style(**box, num_format="+#,##0.00;-#,##0.00;0.00", font_color="#00803C")
        self.same = self.style(**box, num_format="0.00", font_color="#7F7F7F")
        self.percent = self.style(**box, num_format="+0.00%;-0.00%;0.00%")
        self.gone = self.style(font_color="#C00000", font_strikeout=True)
        self.new = self.style(font_color="#00803C", bold=True)

    def style(self, **properties: object) -> Format:
        return self.book.add_format({"font_name": "宋体", "font_size": 10, "valign": "vcenter", **properties})

    def write(self) -> bytes:
        self._front()
        for part, rows in self.shown.parts:
            if rows:
                self._part(part, rows)
        return self.book.finished()

    def _front(self) -> None:
        sheet = self.book.add_worksheet("概览")
        sheet.write_string(0, 0, "对比", self.title)
        sheet.set_row(0, 30)
        row = 1
        for label, words in (("之前", self.shown.before), ("之后", self.shown.after), *(("说明", note) for note in self.shown.notes)):
            sheet.write_string(row, 0, label, self.note)
            sheet.merge_range(row, 1, row, 5, words, self.plain)
            sheet.set_row(row, 16 * max(1, -(-len(words) // 50)))
            row += 1
        row += 1
        sheet.write_row(row, 0, ("哪一部分", "几处"), self.head)
        sheet.merge_range(row, 2, row, 5, "怎么变的", self.head)
        for part, rows in self.shown.parts:
            row += 1
            counts = "，".join(f"{kind} {n}" for kind in dict.fromkeys(r.kind for r in rows) if (n := sum(r.kind == kind for r in rows)))
            if rows:
                sheet.write_url(row, 0, f"internal:'{part}'!A1", self.style(font_color="#1F4E79", underline=1, border=1, border_color="#BFBFBF"), part)
            else:
                sheet.write_string(row, 0, part, self.text)
            sheet.write_number(row, 1, len(rows), self.count)
            sheet.merge_range(row, 2, row, 5, counts or "没有不同", self.text)
        row += 2
        if self.shown.figures:
            sheet.write_row(row, 0, ("主要数字", "单位", "之前", "之后", "增减", "增减幅度"), self.head)
        for name, unit, before, after in self.shown.figures:
            row += 1
            money = unit in ("万元", "元")
            old, new = (printed(v, unit) if money and v is not None else v for v in (before, after))
            sheet.write_string(row, 0, name, self.text)
            sheet.write_string(row, 1, unit, self.text)
            self._figures(sheet, row, 2, old, new, unit, percent(before, after))
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 8)
        sheet.set_column(2, 4, 18)
        sheet.set_column(5, 5, 12)
        self._page(sheet, landscape=False)

    def _figures(self, sheet: Worksheet, row: int, column: int, before: Value, after: Value, unit: str, share: Decimal | None) -> None:
        form = self.money if unit in ("元", "万元", "千元", "亿元") else self.count
        for c, value in ((column, before), (column + 1, after)):
            if isinstance(value, Decimal):
                sheet.write_number(row, c, float(value), form)
            else:
                sheet.write_string(row, c, "（没有）" if value is None else value, self.text)
        old, new = (v if isinstance(v, Decimal) else ZERO for v in (before, after))
        change = new - old
        sheet.write_number(row, column + 2, float(change), self.more if change > 0 else self.less if change < 0 else self.same)
        if share is None:
            sheet.write_blank(row, column + 3, None, self.text)
        else:
            sheet.write_number(row, column + 3, float(share / 100), self.percent)

    def _part(self, part: str, rows: Sequence[Row]) -> None:
        sheet = self.book.add_worksheet(part)
        sheet.write_string(0, 0, part, self.title)
        sheet.write_string(1, 0, "删去的字是红色删除线，加上的字是绿色。金额：明细是元，表是各表自己的单位。", self.note)
        heading = ("哪里", "怎么变的", "哪一行", "哪一项", "之前", "之后", "增减", "增减幅度", "单位", "原来的位置", "现在的位置")
        sheet.write_row(FIRST - 1, 0, heading, self.head)
        longest = max((len(v) for row in rows for v in (row.before, row.after) if isinstance(v, str)), default=0)
        values = 40 if longest > 20 else 22 if longest > 8 else 16
        widths = (12, 10, 44, 20, values, values, 15, 10, 6, 27, 27)
        for n, row in enumerate(rows):
            at = FIRST + n
            sheet.write_string(at, 0, row.part, self.text)
            sheet.write_string(at, 1, row.kind, self.kinds.get(row.kind, self.text))
            sheet.write_string(at, 2, row.what, self.text)
            sheet.write_string(at, 3, row.item, self.text)
            if row.change is not None:
                self._figures(sheet, at, 4, row.before, row.after, row.unit, percent(row.before, row.after))
            else:
                self._texts(sheet, at, row.before, row.after)
                sheet.write_blank(at, 6, None, self.text)
                sheet.write_blank(at, 7, None, self.text)
            sheet.write_string(at, 8, row.unit, self.text)
            sheet.write_string(at, 9, row.place[0], self.text)
            sheet.write_string(at, 10, row.place[1], self.text)
            shown = (row.part, row.kind, row.what, row.item, row.before, row.after, "", "", row.unit, *row.place)
            sheet.set_row(at, min(14 * max(1, *(_lines_of(v, w) for v, w in zip(shown, widths, strict=True))), 400))
        for c, width in enumerate(widths):
            sheet.set_column(c, c, width)
        sheet.freeze_panes(FIRST, 3)
        sheet.autofilter(FIRST - 1, 0, FIRST - 1 + len(rows), len(heading) - 1)
        sheet.repeat_rows(FIRST - 1)
        self._page(sheet)

    def _texts(self, sheet: Worksheet, row: int, before: Value, after: Value) -> None:
        """Both texts, what went struck out in the first, what came marked in the second."""
        if isinstance(before, str) and isinstance(after, str) and len(before) + len(after) <= LONGEST_RICH:
            matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
            if matcher.ratio() > 0.3:
                old: list[object] = []
                new: list[object] = []
                for op, a, b, c, d in matcher.get_opcodes():
                    if b > a:
                        old += [before[a:b]] if op == "equal" else [self.gone, before[a:b]]
                    if d > c:
                        new += [after[c:d]] if op == "equal" else [self.new, after[c:d]]
                self._rich(sheet, row, 4, before, old)
                self._rich(sheet, row, 5, after, new)
                return
        for column, value in ((4, before), (5, after)):
            sheet.write_string(row, column, "（没有）" if value is None else str(value)[:32767], self.text)

    def _rich(self, sheet: Worksheet, row: int, column: int, text: str, pieces: list[object]) -> None:
        """XlsxWriter wants more than one look with its text; a text of one look is written plainly."""
        if len(pieces) > 2:
            sheet.write_rich_string(row, column, *pieces, self.text)
        else:
            sheet.write_string(row, column, text, self.text)

    def _page(self, sheet: Worksheet, landscape: bool = True) -> None:
        sheet.set_paper(9)
        if landscape:
            sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(0.5, 0.5, 0.6, 0.6)
        sheet.set_footer("&C&9第 &P 页 共 &N 页")
