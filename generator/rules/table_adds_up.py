"""每张表自己加得起来：上一级等于下一级之和，合计栏等于各分栏之和。

    - id: A00 表内加总
      kind: table_adds_up

按行的层次（合计、类、款、项）和表头的层次（合计、小计与同一表头下的各栏）查，按元相等；从页面上读来的表，差在四舍五入的尾差以内不报。
其中栏、同一笔钱列在两栏的表头，不按相加查。
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from generator.build.select import Selector
from generator.model.amount import rounding_slack, show
from generator.model.table import Line, LineKind, Table
from generator.pack.binding import Total
from generator.pack.pack import TableSpec
from generator.rules.finding import Finding
from generator.rules.proof import Mask, Parts, column_masks, place
from generator.rules.same_figure_everywhere import OURS

ZERO = Decimal(0)


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """What tables are mostly made of."""
    return ("单位", "收入", "支出")


def check_tables(params: Params, selector: Selector, tables: Sequence[Table]) -> Iterator[Finding]:
    for spec, table in zip(selector.pack.tables, tables, strict=True):
        if spec.kind in ("交叉表", "清单表"):
            masks = [_one(parts, spec) for parts in column_masks(selector, spec)]
            yield from _rows(table, masks)
            yield from _columns(spec, table, masks)


def _one(parts: Parts | None, spec: TableSpec) -> Mask | None:
    """The one set of records of the table's own dataset that a column sums; None for any other column."""
    if parts is None or len(parts) != 1 or parts[0][0] < 0 or parts[0][1][0] != spec.dataset:
        return None
    return parts[0][1]


def _rows(table: Table, masks: Sequence[Mask | None]) -> Iterator[Finding]:
    lines = [(row, line) for row, line in table.of_kind(LineKind.BODY) if line.key]
    columns = [c for c, mask in enumerate(masks) if mask is not None]
    for i, (row, line) in enumerate(lines):
        inside: list[Line] = []
        for _, later in lines[i + 1 :]:
            if later.level <= line.level:
                break
            if later.level == line.level + 1:
                inside.append(later)
        for c in columns if inside else ():
            whole = line.cells[c].amount
            if whole is None:
                continue
            added = sum([p.cells[c].amount or ZERO for p in inside], ZERO)
            if added != whole and abs(added - whole) > rounding_slack(len(inside), table.last_digit):
                yield _gap(table, row, c, whole, added, "下一级各行")


def _columns(spec: TableSpec, table: Table, masks: Sequence[Mask | None]) -> Iterator[Finding]:
    """A column is a total when it holds exactly what the others under the same heading hold, none of them twice."""
    bindings = spec.layout.asked
    lines = [(row, line) for row, line in table.of_kind(LineKind.BODY) if line.key]
    for c, mask in enumerate(masks):
        if mask is None or bindings[c] is None:
            continue
        parts = [k for k in spec.layout.beside[c] if (m := masks[k]) is not None and m[2] & mask[2] and m[1] == mask[1]]
        parts = [k for k in parts if not any(o != k and _holds(masks[o], masks[k], o < k) for o in parts)]  # the outermost only
        union = 0
        for k in parts:
            other = masks[k]
            assert other is not None
            if other[2] & union or other[2] & ~mask[2]:
                break
            union |= other[2]
        else:
            if union == mask[2] and (len(parts) > 1 or (parts and isinstance(bindings[c], Total))):
                for row, line in lines:
                    whole = line.cells[c].amount
                    if whole is None:
                        continue
                    added = sum([line.cells[k].amount or ZERO for k in parts], ZERO)
                    if added != whole and abs(added - whole) > rounding_slack(len(parts), table.last_digit):
                        yield _gap(table, row, c, whole, added, "、".join(table.columns[k].path[-1] for k in parts if table.columns[k].path))


def _holds(outer: Mask | None, inner: Mask | None, first: bool) -> bool:
    """Whether `inner` lies within `outer`; of two that are the same, within the one that stands first."""
    return outer is not None and inner is not None and not inner[2] & ~outer[2] and (outer[2] != inner[2] or first)


def _gap(table: Table, row: int, column: int, whole: Decimal, added: Decimal, parts: str) -> Finding:
    return Finding(place(table, row, column), f"这一格是 {show(whole)}，{parts}之和是 {show(added)}，差 {show(abs(whole - added))}", OURS)
