"""Side-by-side statements (收支总表): an item is the sum of those under it, the totals close, income equals expenditure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from generator.pack.audit_rules import Sure
from generator.published.checks.sums import Sums, gap, money
from generator.published.model import ReadCell, ReadTable
from generator.published.rulebook import Rule
from generator.published.words import ordinal
from generator.rules.statement_balances import unequal

_THIS_YEAR = re.compile(r"^本年(?:收入|支出)(?:合计|小计)?$|^(?:收入|支出)(?:合计|小计)$")
_GRAND = re.compile(r"^(?:收入|支出)?总计$|^(?:收入|支出)总(?:计|额)$")
_CARRIED = re.compile(r"结转|结余|弥补|事业基金|非财政拨款")


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a list. level: by its ordinal, 0 without; within: an 其中 item."""

    row: int
    level: int
    label: str
    cell: ReadCell
    within: bool


def entries(table: ReadTable, label_column: int, column: int) -> list[Entry]:
    found: list[Entry] = []
    within = False
    for n, row in enumerate(table.rows):
        text = row.cells[label_column].text
        if not text or row.cells[label_column].covered:
            continue
        level, label = ordinal(text)
        starts = label.startswith("其中")
        within = starts or (within and not level and not _GRAND.match(label) and not _THIS_YEAR.match(label))
        found.append(Entry(n, level, label, row.cells[column], within))
    return found


def check_statement(table: ReadTable, out: Sums) -> None:
    """Findings and tails of a statement's lists."""
    grand: list[tuple[str, ReadCell]] = []
    for label_column, figures in table.lists:
        for column in figures:
            items = entries(table, label_column, column)
            if any(e.cell.text and e.cell.figure is None and re.search(r"\d", e.cell.text) for e in items):
                continue
            _children(table, items, out)
            closes = _closes(table, items, out)
            if column == figures[0] and closes is not None:
                grand.append((next(e.label for e in items if e.cell is closes), closes))
    if len(grand) >= 2:
        out.compared += 1
    printed = [(label, cell, cell.figure) for label, cell in grand if cell.figure is not None]
    if apart := unequal([figure.yuan for _, _, figure in printed], Decimal(0)):
        said = "，".join(f"{label}{money(figure.yuan, table.unit)}" for label, _, figure in printed)
        out.say(Rule.STATEMENT_BALANCES, printed[apart[0]][1].spot, {"各总计": said}, other=printed[0][1].spot)


def _children(table: ReadTable, items: list[Entry], out: Sums) -> None:
    for n, item in enumerate(items):
        if not item.level or (_THIS_YEAR.match(item.label) and item.level == 0):
            continue
        under: list[Entry] = []
        for other in items[n + 1 :]:
            if (other.level and other.level <= item.level) or (not other.level and (_GRAND.match(other.label) or _THIS_YEAR.match(other.label) or _CARRIED.search(other.label))):
                break
            under.append(other)
        parts = [e for e in under if not e.within]
        numbered = [e for e in parts if e.level]
        if numbered:
            nearest = min(e.level for e in numbered)
            parts = [e for e in numbered if e.level == nearest]
        if len(parts) < 1 or not any(e.cell.figure for e in parts):
            continue
        g = gap(item.cell.figure, [e.cell.figure for e in parts])
        if g is None or not g.weight:
            continue
        out.compared += 1
        if g.holds:
            if not g.exact:
                out.tails.append(item.cell.spot)
            continue
        sure = Sure.PROVED if numbered or g.difference > 0 or len(parts) >= 2 else Sure.UNSURE
        out.wrong(Rule.STATEMENT_ITEMS, sure, table.unit, f"“{item.label}”", item.cell, g, "、".join(e.label for e in parts[:5]) + ("等" if len(parts) > 5 else ""))


def _closes(table: ReadTable, items: list[Entry], out: Sums) -> ReadCell | None:
    """Holds 本年合计 and 总计 against the items; gives the cell of the grand total."""
    year = next((e for e in items if not e.level and _THIS_YEAR.match(e.label)), None)
    grand = next((e for e in reversed(items) if not e.level and _GRAND.match(e.label)), None)
    end = items.index(year) if year else items.index(grand) if grand else len(items)
    ahead = [e for e in items[:end] if not e.within]
    ones = [e for e in ahead if e.level == 1] or [e for e in ahead if e.level == min((x.level for x in ahead if x.level), default=0)] or ahead
    first = next((e for e in items[:end] if e.level == 1 and _THIS_YEAR.match(e.label)), None)
    if year is not None and ones and first is None:
        own = [e for e in ones if not _CARRIED.search(e.label)]
        _one_of(table, year, [own, ones], out)
    if grand is not None:
        after = [e for e in items[items.index(year) + 1 if year else end : items.index(grand)] if not e.within and (e.level <= 1)]
        carried = [e for e in ones if _CARRIED.search(e.label)]
        if year is not None:
            _one_of(table, grand, [[year, *after], [year, *after, *carried]], out)
        elif ones:
            _one_of(table, grand, [ones], out)
    return grand.cell if grand is not None else None


def _one_of(table: ReadTable, total: Entry, ways: list[list[Entry]], out: Sums) -> None:
    gaps = [g for way in ways if (g := gap(total.cell.figure, [e.cell.figure for e in way])) is not None]
    if not gaps or (not any(g.weight for g in gaps) and not gaps[0].total):
        return
    out.compared += 1
    if any(g.holds for g in gaps):
        if not any(g.exact for g in gaps):
            out.tails.append(total.cell.spot)
        return
    g = gaps[0]
    if g.weight == 0:
        out.skipped.append(f"{table.name}的{total.label}没有可以相加的分项")
        return
    parts = "、".join(e.label for e in ways[0] if e.cell.figure is not None and e.cell.figure.yuan)[:60]
    out.wrong(Rule.STATEMENT_ITEMS, Sure.PROVED, table.unit, total.label, total.cell, g, parts)
