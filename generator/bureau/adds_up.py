"""部门 = Σ 单位, cell by cell: every table of the whole against the same table of each unit, built from the unit's own workbook."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from generator.build.named import dimensions, path_of, squeezed
from generator.build.select import Selector
from generator.build.table import build
from generator.model.master import Master
from generator.model.table import LineKind, Table
from generator.pack.binding import Each
from generator.pack.pack import Pack, TableSpec

ZERO = Decimal(0)
Key = tuple[object, ...]
_NUMBERING = re.compile(r"^[（(]?[一二三四五六七八九十廿百]+[)）、.]|^\d+[、.]")


@dataclass(frozen=True, slots=True)
class TableSum:
    """A table of the whole held against the units'. cells: how many were compared; wrong: (what, whole, sum of units), in 元 or counted."""

    number: str
    title: str
    cells: int
    wrong: tuple[tuple[str, Decimal, Decimal], ...]


def table_sums(pack: Pack, whole: Master, units: Sequence[Master]) -> Iterator[TableSum]:
    """Every table that adds up. Forms speak of one unit or project and do not; of a list only its totals do."""
    specs = [spec for spec in pack.tables if spec.kind != "申报表"]
    added: list[dict[Key, Decimal]] = [{} for _ in specs]
    for unit in units:  # one after the other: what is known of a unit is gone before the next one's
        selector = Selector(unit, pack)
        for spec, parts in zip(specs, added, strict=True):
            for key, amount in adding_cells(build(selector, spec).table, spec).items():
                parts[key] = parts.get(key, ZERO) + amount
    total = Selector(whole, pack)
    for spec, parts in zip(specs, added, strict=True):
        own = adding_cells(build(total, spec).table, spec)
        wrong = [(" ".join(map(str, key)), own.get(key, ZERO), parts.get(key, ZERO)) for key in {**own, **parts} if own.get(key, ZERO) != parts.get(key, ZERO)]
        yield TableSum(spec.number, spec.title, len(own), tuple(wrong))


def adding_cells(table: Table, spec: TableSpec) -> dict[Key, Decimal]:
    """The figures of a table that add up over units, by what they are rather than where they stand."""
    grows = any(isinstance(p, Each) for line in spec.layout.lines for cell in line.cells for p in cell.parts)
    single = any("明细" in level for level in spec.levels)
    found: dict[Key, Decimal] = {}
    seen: dict[Key, int] = {}
    for r, line in enumerate(table.lines):
        if line.kind is not LineKind.BODY:
            continue
        if single and line.key != ("合计",) and "明细" in _level_of(spec, line.key):
            continue
        label = ""
        for c, cell in enumerate(line.cells):
            if cell.amount is None:
                label = squeezed(cell.text) if cell.text else label
                continue
            if (r, c) in table.covered:
                continue
            if line.key:
                key: Key = (*sorted(dimensions(spec, line).items()), len(line.key), path_of(table, c), c)
            elif grows:
                name = (_NUMBERING.sub("", label), c)
                seen[name] = seen.get(name, -1) + 1
                key = (*name, seen[name])
            else:
                key = (r, c)
            found[key] = cell.amount
    return found


def _level_of(spec: TableSpec, key: tuple[str, ...]) -> tuple[str, ...]:
    """The row dimension whose line this is, by how much of the key is filled."""
    filled = 0
    for level in spec.levels:
        if level == ("合计",):
            continue
        filled += len(level)
        if filled >= len(key):
            return level
    return ()
