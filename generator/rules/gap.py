"""Where a sum is too large by just what a cell holds, the cell is the likely cause: a line typed twice, or one that belongs elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from generator.model.master import Record

MOST = 4  # more cells with the same amount tell nothing


def just_the_gap(records: Iterable[Record], measure: str, gap: Decimal) -> str:
    """What to add to a hint: those cells among the records of the larger side that hold just what it has more; empty when there are none, or many."""
    cells: dict[str, list[str]] = {}
    for record in records:
        if record.amounts.get(measure) == gap:
            place = record.at(measure)
            cells.setdefault(place.sheet, []).append(place.cell)
    if not 0 < sum(map(len, cells.values())) <= MOST:
        return ""
    where = "，".join(f"{sheet}!{'、'.join(found)}" for sheet, found in cells.items())
    return f"。多的正好是 {where} 的数：看是不是填了两遍、多填了，或者填错了地方"
