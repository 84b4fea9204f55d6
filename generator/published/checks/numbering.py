"""The line of column numbers under a heading goes 1, 2, 3 … without a gap."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.pack.audit_rules import Sure
from generator.published.checks.sums import Sums
from generator.published.model import Document, Grid, ReadTable
from generator.published.rulebook import Rule
from generator.published.tables import is_numbers
from generator.rules.column_numbers import out_of_step


def check_numbers(documents: Sequence[Document], tables: Sequence[ReadTable], out: Sums) -> None:
    """A line that goes on from a piece of the same table (a wide table cut in Word) is none of its own."""
    owner = {c.spot.anchor: t for t in tables for r in t.rows for c in r.cells if c.spot.anchor}
    for document in documents:
        lines = [(grid, row) for grid in document.blocks if isinstance(grid, Grid) for row in grid.rows if is_numbers(row)]
        printed = [{int(found[0]) for c in row if (found := re.match(r"\d{1,3}", c.text.strip()))} for _, row in lines]
        for n, (grid, row) in enumerate(lines):
            out.compared += 1
            gap = out_of_step(["" if c.covered else c.text for c in row])
            if gap is None:
                continue
            column, due, number = gap
            around = set().union(*printed[max(n - 1, 0) : n], *printed[n + 1 : n + 2])
            if due in around and number not in around:
                continue
            table = next((owner[c.spot.anchor] for r in grid.rows for c in r if c.spot.anchor in owner), None)
            name = table.name if table is not None else grid.name or "这张表"
            out.say(Rule.COLUMN_NUMBERS, row[column].spot, {"表": name, "应为": str(due), "印的": str(number)}, Sure.PROVED)
