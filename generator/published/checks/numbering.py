"""The line of column numbers under a heading goes 1, 2, 3 … without a gap."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.model.table import LineKind
from generator.published.checks.sums import Sums
from generator.published.model import ReadCell, ReadTable
from generator.published.rulebook import Rule
from generator.rules.column_numbers import out_of_step


def check_numbers(tables: Sequence[ReadTable], out: Sums) -> None:
    """A line that goes on from a piece of the same table (a wide table cut in Word) is none of its own."""
    lines = [(table, [c for c in line.cells if isinstance(c, ReadCell)]) for table in tables for _, line in table.table.of_kind(LineKind.NUMBERS)]
    printed = [{int(found[0]) for c in cells if (found := re.match(r"\d{1,3}", c.text.strip()))} for _, cells in lines]
    for n, (table, cells) in enumerate(lines):
        out.compared += 1
        gap = out_of_step(tuple("" if c.covered else c.text for c in cells))
        if gap is None:
            continue
        column, due, number = gap
        around = set().union(*printed[max(n - 1, 0) : n], *printed[n + 1 : n + 2])
        if due in around and number not in around:
            continue
        out.say(Rule.COLUMN_NUMBERS, cells[column].spot, {"表": table.name, "应为": str(due), "印的": str(number)})
