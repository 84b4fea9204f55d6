"""全册各表里，同一批钱印出来的数要一样，并且就是主工作簿里那些格子的和。

    - id: X00 表间相等
      kind: same_figure_everywhere
      basis: 财预〔2016〕143号（各表勾稽一致）

这是对程序自己的核对：每一格的取数口径重新算一遍，再和印出来的数比；口径相同的格子互相比。报出来就是程序或套表的错。
（收支总表＝收入总表＝支出总表、财政拨款收支＝各预算支出表、功能＝部门经济＝政府经济，都在里面。）
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from generator.build.select import Selector
from generator.model.amount import show
from generator.model.table import Table
from generator.rules.finding import Finding
from generator.rules.proof import Asked, Parts, asked, shown_differently

OURS = "这是程序或套表的问题，请把主工作簿发给财政局"


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """What tables are mostly made of."""
    return ("单位", "收入", "支出")


def check_tables(params: Params, selector: Selector, tables: Sequence[Table]) -> Iterator[Finding]:
    firsts: dict[str, dict[Parts, Asked]] = {}  # by unit: the first cell of each set of records, which holds what it should
    for spec, table in zip(selector.pack.tables, tables, strict=True):
        first = firsts.setdefault(table.unit, {})
        for one in asked(selector, spec, table):
            key = one.parts if len(one.parts) == 1 else tuple(sorted(one.parts))
            other = first.get(key)
            if other is not None and one.cell.amount == other.cell.amount:
                if one.cell.shown != other.cell.shown and shown_differently(one, other):
                    yield Finding(one.place, f"这里印 {one.cell.shown} {table.unit}，{other.table.name} 的 {other.place.cell} 同一批钱印 {other.cell.shown} {table.unit}", OURS)
                continue
            expected = sum((sign * selector.sum(*mask) for sign, mask in one.parts), Decimal(0))
            if expected == one.cell.amount:
                first[key] = one
            else:
                yield Finding(one.place, f"应为 {show(expected)}，表里是 {show(one.cell.amount)}，差 {show(abs(expected - (one.cell.amount or 0)))}", OURS)
