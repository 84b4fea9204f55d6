"""Where figures come from, for a person: lines on a terminal (`yusuan explain`), and 溯源.xlsx (`yusuan build --trace`).

溯源.xlsx has the sheets of 预算公开表.xlsx once more; every figure is a link to its lines on the sheet 溯源, which name the
master cells it is the sum of. It names the unit's own workbook and is not for publication.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import xlsxwriter

from generator.build.trace import Added, Addend, Hit, Traced, Tracer
from generator.model.amount import YUAN_PER_UNIT, grouped, half_up
from generator.model.problem import column_letters
from generator.model.table import Border, Style, Table
from generator.render import xlsx
from generator.render.excel_book import Book

MOST_LISTED = 20  # master cells of one figure on a terminal
MOST_IN_WORKBOOK = 300  # master cells of one figure in 溯源.xlsx; the rest are counted and summed
MOST_HITS = 40
SHEET = "溯源"


# --- for a terminal ---------------------------------------------------------------------------------------------------


def as_text(found: Traced | Sequence[Hit], everything: bool = False) -> Iterator[str]:
    """The answer as lines. everything: long lists in full."""
    if not isinstance(found, Traced):
        yield from _hits(found, everything)
        return
    yield f"{found.title}  {found.text}"
    for label, words in found.about:
        yield _line(label, words)
    for added in found.sums:
        yield from _sum(added, everything, len(found.sums) > 1, found.text == "空白")
    for label, words in found.after:
        yield _line(label, words)


def _hits(hits: Sequence[Hit], everything: bool) -> Iterator[str]:
    yield f"有 {len(hits)} 处："
    for hit in hits if everything else hits[:MOST_HITS]:
        yield f"  {hit.ask}  {hit.what}  {hit.text}"
    if len(hits) > MOST_HITS and not everything:
        yield f"  ……还有 {len(hits) - MOST_HITS} 处，加 --all 全部列出"
    yield "看其中一处的出处：把它的地址（或名称）写在 explain 后面"


def _line(label: str, words: str) -> str:
    return f"  {label}{'　' * (4 - len(label))}{words}".replace("\n", "⏎")


def _sum(added: Added, everything: bool, several: bool, blank: bool) -> Iterator[str]:
    name = f"{added.name}：" if added.name else f"{added.words}：" if several else ""
    if not added.addends:
        yield _line("取自", f"{name}没有任何记录符合这个口径，所以是 0" + ("（套表规定 0 印成空白）" if blank else ""))
        return
    yield _line("取自", f"{name}主工作簿 {added.addends[0].place.file} 的 {len({a.place for a in added.addends})} 格")
    listed = added.addends if everything else added.addends[:MOST_LISTED]
    for addend in listed:
        yield "      　　" + addend_text(addend, added)
    if len(listed) < len(added.addends):
        rest = added.addends[len(listed) :]
        yield f"      　　……还有 {len(rest)} 格，共 {_amount(sum((a.sign * a.amount for a in rest), Decimal(0)), added)}，加 --all 全部列出"
    for words in _government(added):
        yield _line("分类", words)
    yield _line("相加", arithmetic(added))
    if added.money:
        yield _line("取整", rounding(added))


def _government(added: Added) -> Iterator[str]:
    """How the governmental items were chosen, those of one way in one line: 30101 基本工资、30102 津贴补贴 → 50101 …：单位性质…"""
    ways: dict[str, list[str]] = {}
    for addend in added.addends:
        if addend.government:
            item, _, way = addend.government.partition(" → ")
            ways.setdefault(way, []).append(item)
    for way, items in ways.items():
        yield f"{'、'.join(dict.fromkeys(items))} → {way}"


def addend_text(addend: Addend, added: Added) -> str:
    """One master cell: where, how much, what was typed, whose it is."""
    part = f"（这一格 {_amount(addend.whole, added)} 的一部分，其余按政府经济分类调整）" if addend.whole != addend.amount else ""
    typed = f"  填的是 {addend.typed}" if addend.typed else ""
    return f"{'减 ' if addend.sign < 0 else ''}{addend.place.sheet}!{addend.place.cell}  {_amount(addend.amount, added)}{part}{typed}  {addend.about}"


def _amount(value: Decimal, added: Added) -> str:
    return f"{grouped(value, comma=True)} 元" if added.money else f"{value.normalize():f} {added.unit}".strip()


def arithmetic(added: Added) -> str:
    """The sum, spelled out when it is short."""
    total = _amount(added.amount, added)
    if len(added.addends) == 1 and added.addends[0].sign > 0:
        return f"只有这一格：{total}"
    if len(added.addends) > 6:
        return f"{len(added.addends)} 个数相加 = {total}"
    words = "".join(f"{' − ' if a.sign < 0 else ' + '}{grouped(a.amount, comma=True) if added.money else f'{a.amount.normalize():f}'}" for a in added.addends)
    return f"{words.removeprefix(' + ').strip()} = {total}"


def rounding(added: Added) -> str:
    """From 元 to what is printed."""
    shown = f"{grouped(added.shown, comma=added.unit == '元')} {added.unit}"
    if added.unit == "元" or added.unit not in YUAN_PER_UNIT:
        return f"{grouped(added.amount, comma=True)} 元 → {shown}（不换算）"
    exact = f"{added.unrounded.normalize():f}"
    whole, _, places = exact.partition(".")
    plain = half_up(added.unrounded, -int(added.shown.as_tuple().exponent))
    how = "四舍五入" if plain == added.shown else f"统一舍入，为使各表加得拢；四舍五入是 {grouped(plain)}"
    return f"÷ {YUAN_PER_UNIT[added.unit]:f} = {whole}.{places.ljust(4, '0')} → {shown}（{how}）"


# --- 溯源.xlsx --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Entry:
    """Lines of the sheet 溯源 for one cell: its first line, and the lines below it."""

    traced: Traced
    lines: tuple[tuple[object, ...], ...]


HEADS = ("格", "表", "行", "栏", "印出的数", "口径", "主工作簿的格", "金额（元）或数量", "填的是", "那一行是", "说明")
WIDTHS = (20, 34, 30, 30, 14, 46, 46, 18, 18, 50, 60)


def trace_workbook(tracer: Tracer, title: str, created: datetime) -> bytes:
    """溯源.xlsx of one unit: the tables with links, and the sheet the links lead to. Same input, same bytes."""
    book = Book(title, created)
    formats = xlsx.Formats(book)
    entries = book.add_worksheet(SHEET)
    at = _head(entries, formats, title)
    link = book.add_format({"font_name": "宋体", "font_size": 10, "font_color": "#1F4E79", "underline": 1, "valign": "vcenter"})
    plain, money = formats[Style(size=10)], formats[Style(size=10, number_format="#,##0.00##")]
    for spec in tracer.pack.tables:
        table = tracer.cells.built(spec).table
        targets: dict[tuple[str, str], int] = {}
        for spot in tracer.cells.figure_spots(spec, texts=True):
            traced = tracer.cells.at(spot)
            targets[traced.sheet, traced.cell] = at
            entries.write_url(at, 0, f"internal:'{traced.sheet}'!{traced.cell}", link, f"{traced.sheet}!{traced.cell}")
            for line in _entry(traced):
                for column, value in enumerate(line, 1):
                    if isinstance(value, Decimal):
                        entries.write_number(at, column, float(value), money)
                    elif value:
                        entries.write_string(at, column, str(value), plain)
                at += 1
        for sheet in table.sheets:
            _linked(book, formats, sheet, {cell: row for (name, cell), row in targets.items() if name == sheet.name})
    entries.autofilter(2, 0, max(at - 1, 2), len(HEADS) - 1)
    return book.finished()


def _head(sheet: xlsxwriter.worksheet.Worksheet, formats: xlsx.Formats, title: str) -> int:
    """Title and headings of the sheet 溯源; the first row (0-based) for entries."""
    sheet.write_string(0, 0, f"{title}：每个数从哪里来", formats[Style(font="黑体", size=14)])
    sheet.write_string(1, 0, "内部材料，不要公开。各表里的数字点一下就到这里；这里的第一列点一下就回到表里。", formats[Style(size=10)])
    for column, (words, width) in enumerate(zip(HEADS, WIDTHS, strict=True)):
        sheet.write_string(2, column, words, formats[Style(font="黑体", size=10, border=Border(bottom="thin"))])
        sheet.set_column(column, column, width)
    sheet.freeze_panes(3, 1)
    return 3


def _entry(traced: Traced) -> Iterable[tuple[object, ...]]:
    """The lines of one cell: what it is, then a line a master cell."""
    about = dict(traced.about)
    binding = "；".join(f"{k} {about[k]}" if k != "口径" else about[k] for k in ("口径", "范围", "本行") if k in about)
    how = "；".join(f"{arithmetic(a)}{'；' + rounding(a) if a.money else ''}" for a in traced.sums if a.addends)
    empty = "没有任何记录" if not any(a.addends for a in traced.sums) else ""
    printed = traced.sums[0].shown if len(traced.sums) == 1 and traced.text != "空白" else traced.text
    yield (about.get("表", ""), traced.row, traced.column, printed, binding, empty, None, "", "", how)
    for added in traced.sums:
        for addend in added.addends[:MOST_IN_WORKBOOK]:
            part = "这一格的一部分，其余按政府经济分类调整" if addend.whole != addend.amount else ""
            yield ("", "", "", "", "", str(addend.place), addend.sign * addend.amount, addend.typed, addend.about, "；".join(filter(None, (part, addend.government))))
        if rest := added.addends[MOST_IN_WORKBOOK:]:
            yield ("", "", "", "", "", f"还有 {len(rest)} 格", sum((a.sign * a.amount for a in rest), Decimal(0)), "", "", f"全部列出：yusuan explain 主工作簿 '{traced.title}' --all")


def _linked(book: xlsxwriter.Workbook, formats: xlsx.Formats, table: Table, targets: dict[str, int]) -> None:
    """A table's sheet whose figures are links to their lines."""
    sheet = xlsx.add_table(book, formats, table)
    for row, line in enumerate(table.lines):
        for column, cell in enumerate(line.cells):
            target = targets.get(f"{column_letters(column + 1)}{row + 1}")
            if target is not None:
                style = formats[table.styles[cell.style]]
                sheet.write_url(row, column, f"internal:'{SHEET}'!A{target + 1}", style, cell.text or "0", "看这个数从哪里来")  # the link only: the cell stays as the table has it
