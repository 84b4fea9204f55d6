"""Which records every figure cell of a built table stands for, worked out again from the pack's words and the line's key.

The builder is not asked: what it printed is held against this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from generator.build.select import Selector
from generator.model.amount import printed
from generator.model.problem import Place
from generator.model.table import Cell, LineKind, Table
from generator.pack.binding import Condition, Each, Figure, Sum, Total
from generator.pack.layout import FIXED, TOTALS
from generator.pack.pack import TableSpec

Mask = tuple[str, str, int]  # dataset, measure, records
Parts = tuple[tuple[int, Mask], ...]  # signed sets
OUTPUT = "预算公开表.xlsx"
LEVEL_FIELDS = {"单位": ("单位编码", 0), "主管部门": ("主管部门编码", 0), "来源": ("资金来源", 0), "项目": ("项目名称", 0)} | {
    f"{short}{word}": (f"{name}编码", digits) for short, name in (("功能", "功能科目"), ("部门经济", "部门经济"), ("政府经济", "政府经济")) for word, digits in (("类", 3), ("款", 5), ("项", 7))
}


class Asked(msgspec.Struct, frozen=True):  # made for every figure of a set: a dataclass takes five times as long to make
    """A figure cell and what it stands for: signed sets of records. row, column: of the grid, 0-based."""

    table: Table
    row: int
    column: int
    cell: Cell
    parts: Parts

    @property
    def place(self) -> Place:
        return place(self.table, self.row, self.column)

    @property
    def single(self) -> Mask | None:
        """The one set of records it is the sum of; None when figures are added or taken away."""
        return self.parts[0][1] if len(self.parts) == 1 and self.parts[0][0] > 0 else None


def place(table: Table, row: int, column: int) -> Place:
    """Where a person finds the cell in the emitted workbook."""
    return table.cell(row, column).place or Place(OUTPUT, table.name, row + 1, column + 1)


def asked(selector: Selector, spec: TableSpec, table: Table) -> Iterator[Asked]:
    """The figure cells of a cross table or list line by line, those of a statement where every layout line became one line."""
    if spec.kind in ("交叉表", "清单表"):
        yield from _lines(selector, spec, table)
    elif spec.kind == "收支表" and _same_lines(spec, table):
        yield from _statement(selector, spec, table)


def column_masks(selector: Selector, spec: TableSpec) -> list[Parts | None]:
    """What each column of a cross table or list holds over the whole table; None for columns of labels and for totals not of records of its own."""
    return selector.once(_column_masks, spec)  # two rules ask


def _column_masks(selector: Selector, spec: TableSpec) -> list[Parts | None]:
    bindings = spec.layout.asked
    masks: list[Parts | None] = [_of(selector, spec, b) if isinstance(b, (Figure, Sum)) else None for b in bindings]
    for c, binding in enumerate(bindings):
        if not isinstance(binding, Total):
            continue
        if len(spec.layout.paths[c]) <= 1:
            masks[c] = _of(selector, spec, Figure())
            continue
        union: dict[tuple[str, str], int] = {}
        for other in spec.layout.beside[c]:
            if isinstance(bindings[other], Figure):
                for _, (dataset, measure, mask) in masks[other] or ():
                    union[dataset, measure] = union.get((dataset, measure), 0) | mask
        masks[c] = tuple((1, (d, m, mask)) for (d, m), mask in union.items())
    return masks


def _of(selector: Selector, spec: TableSpec, binding: Figure | Sum) -> Parts:
    parts = binding.parts if isinstance(binding, Sum) else ((1, binding),)
    out: list[tuple[int, Mask]] = []
    for sign, figure in parts:
        own = figure.dataset or spec.dataset
        mask = selector.mask(own, figure.conditions)
        if own == spec.dataset:
            mask &= selector.mask(own, spec.filter.conditions)
        out.append((sign, (own, selector.measure(own, figure.measure), mask)))
    return tuple(out)


def _lines(selector: Selector, spec: TableSpec, table: Table) -> Iterator[Asked]:
    known = [(c, parts) for c, parts in enumerate(column_masks(selector, spec)) if parts is not None]
    for row, line in table.of_kind(LineKind.BODY):
        if not line.key:
            continue
        own = line_mask(selector, spec, line.level, line.key)
        if own is None:
            continue
        cells = line.cells
        for c, parts in known:
            cell = cells[c]
            if cell.amount is None:
                continue
            if len(parts) == 1:  # nearly always
                ((sign, (d, m, mask)),) = parts
                cut: Parts = ((sign, (d, m, mask & own if d == spec.dataset else mask)),)
            else:
                cut = tuple((sign, (d, m, mask & own if d == spec.dataset else mask)) for sign, (d, m, mask) in parts)
            yield Asked(table, row, c, cell, cut)


def line_mask(selector: Selector, spec: TableSpec, level: int, key: Sequence[str]) -> int | None:
    """The records of a line by its key; None for levels whose key is not a field (归口)."""
    words = [w for outer in spec.levels[:level] if outer != ("合计",) for w in outer] + [w for w in spec.levels[level] if level < len(spec.levels)]
    mask = selector.all(spec.dataset)
    for word, value in zip(words, key, strict=True):
        if word == "合计":
            continue
        if word == "明细":
            mask &= 1 << int(value)
            continue
        if word == "归口" or (word == "主管部门" and not value.isdigit()):
            return None
        name, digits = LEVEL_FIELDS.get(word, (word, 0))
        if word == "项目":
            unit, _, value = value.partition("\0")
            mask &= selector.mask(spec.dataset, (Condition("单位编码", (unit,)),))
        if digits:
            mask &= selector.once(_by_class, spec.dataset, name, digits).get(value, 0)
        else:
            mask &= selector.by_value(spec.dataset, name).get(value, 0)
    return mask


def _by_class(selector: Selector, dataset: str, name: str, digits: int) -> Mapping[str, int]:
    """The records of a dataset by the first digits of a code."""
    found: dict[str, int] = {}
    for code, records in selector.by_value(dataset, name).items():
        found[code[:digits]] = found.get(code[:digits], 0) | records
    return found


def _same_lines(spec: TableSpec, table: Table) -> bool:
    """Whether every layout line became one line: not where a list goes on by itself (逐项) or lines repeat."""
    grows = any(isinstance(p, Each) for line in spec.layout.lines for cell in line.cells for p in cell.parts)
    words = [LineKind.BODY if line.word in (FIXED, TOTALS) else line.word for line in spec.layout.lines]
    return not grows and words == [line.kind for line in table.lines[: len(words)]]


def _statement(selector: Selector, spec: TableSpec, table: Table) -> Iterator[Asked]:
    for row, layout in enumerate(spec.layout.lines):
        for c, cell in enumerate(layout.cells):
            binding = cell.parts[0] if len(cell.parts) == 1 else None
            made = table.cell(row, c)
            if isinstance(binding, (Figure, Sum)) and made.amount is not None:
                yield Asked(table, row, c, made, _of(selector, spec, binding))


def shown_differently(one: Asked, other: Asked) -> bool:
    """Whether two cells for the same records print different figures: to the coarser of the two units and places."""
    if one.cell.shown == other.cell.shown or one.table.unit != other.table.unit or one.cell.shown is None or other.cell.shown is None:
        return False
    places = min(-int(one.cell.shown.as_tuple().exponent), -int(other.cell.shown.as_tuple().exponent))
    return printed(one.cell.shown, "元", places) != printed(other.cell.shown, "元", places)
