"""收支表两边要平：合计行等于上面各行之和，收入总计等于支出总计。

    - id: A06 收支表平衡
      kind: statement_balances

主工作簿收支不平的，先报收支平衡，这一条不跑。看种类是收支表的表：每一栏的合计行（本年收入合计、本年支出合计）等于它上面没有重复的各行之和；同一张表里写“收入总计”“支出总计”的格子，右边的数都相等。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from generator.build.select import Selector
from generator.model.amount import rounding_slack, show
from generator.model.table import Cell, LineKind, Table
from generator.pack.binding import Figure, Total
from generator.pack.pack import TableSpec
from generator.rules import balance
from generator.rules.finding import Finding, NotRun
from generator.rules.proof import Asked, asked, place
from generator.rules.same_figure_everywhere import OURS

ZERO = Decimal(0)
GRAND = re.compile(r"(收入|支出)总计")


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """Both sides."""
    return ("单位", "收入", "支出")


def check_tables(params: Params, selector: Selector, tables: Sequence[Table]) -> Iterator[Finding]:
    if any(balance.check(balance.Params(), selector)):
        raise NotRun("主工作簿收支不平，平了再核对收支表")  # one root cause, one message
    for spec, table in zip(selector.pack.tables, tables, strict=True):
        if spec.kind == "收支表":
            yield from _grand_totals(table)
            yield from _totals(selector, spec, table)


def unequal(totals: Sequence[Decimal], slack: Decimal) -> list[int]:
    """Which of the grand totals of one statement differ from its first by more than `slack`. For built and published tables.

    >>> unequal([Decimal(5), Decimal(5), Decimal(6)], Decimal(0)), unequal([Decimal(5), Decimal(6)], Decimal(1))
    ([2], [])
    """
    return [n for n, total in enumerate(totals) if abs(total - totals[0]) > slack]


def _grand_totals(table: Table) -> Iterator[Finding]:
    found: list[tuple[str, int, int, Cell]] = []
    for row, line in table.of_kind(LineKind.BODY):
        for c, cell in enumerate(line.cells):
            label = re.sub(r"\s+", "", cell.text or "")
            if GRAND.fullmatch(label):
                at = next((k for k in range(c + 1, len(line.cells)) if line.cells[k].amount is not None), None)
                if at is not None:
                    found.append((label, row, at, line.cells[at]))
    for n in unequal([cell.amount or ZERO for *_, cell in found], rounding_slack(1, table.last_digit)):
        (first, _, _, whole), (label, row, c, cell) = found[0], found[n]
        gap = abs((cell.amount or ZERO) - (whole.amount or ZERO))
        yield Finding(place(table, row, c), f"收支不平：{first} {show(whole.amount)}，{label} {show(cell.amount)}，差 {show(gap)}", OURS)


def _totals(selector: Selector, spec: TableSpec, table: Table) -> Iterator[Finding]:
    above: dict[int, list[Asked]] = {}
    cells = {(a.row, a.column): a for a in asked(selector, spec, table)}
    if not cells:
        return
    for row, layout in enumerate(spec.layout.lines):
        for c, cell in enumerate(layout.cells):
            binding = cell.parts[0] if len(cell.parts) == 1 else None
            one = cells.get((row, c))
            if one is not None and isinstance(binding, Figure) and binding.conditions:
                above.setdefault(c, []).append(one)
            elif isinstance(binding, Total) and (parts := _apart(above.get(c, []))):
                whole, added = table.cell(row, c).amount, sum((p.cell.amount or ZERO for p in parts), ZERO)
                if whole is not None and abs(whole - added) > rounding_slack(len(parts), table.last_digit):
                    yield Finding(place(table, row, c), f"合计是 {show(whole)}，上面各行之和是 {show(added)}，差 {show(abs(whole - added))}", OURS)


def _apart(cells: list[Asked]) -> list[Asked]:
    """The outermost lines, each record in one of them; nothing when they cannot be told apart (then they are not added)."""
    sets = [(cell, cell.single) for cell in cells]
    outer: list[Asked] = []
    for i, (cell, mask) in enumerate(sets):
        if mask is None:
            return []
        wider = any(o is not None and o[:2] == mask[:2] and not mask[2] & ~o[2] and (o[2] != mask[2] or k < i) for k, (_, o) in enumerate(sets) if k != i)
        if mask[2] and not wider:
            outer.append(cell)
    masks = [c.single for c in outer]
    clash = any(a and b and a[:2] == b[:2] and a[2] & b[2] for i, a in enumerate(masks) for b in masks[i + 1 :])
    return [] if clash else outer
