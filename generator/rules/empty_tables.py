"""没有数据的表要照出，表里或表下写明没有这项支出。

- id: S03 空表说明
  kind: empty_tables
  level: 提示
  basis: 财预〔2016〕143号
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from generator.build.select import Selector
from generator.model.table import LineKind, Table
from generator.rules.finding import Finding
from generator.rules.proof import place

SAID = re.compile(r"[无没未]|空表")


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """The tables only."""
    return ("单位", "收入", "支出")


def check_tables(params: Params, selector: Selector, tables: Sequence[Table]) -> Iterator[Finding]:
    for table in tables:
        if table.empty and not table.form and not any(SAID.search(c.text) for _, line in table.of_kind(LineKind.BODY, LineKind.FOOT) for c in line.cells if c.text and not line.key):
            yield Finding(place(table, 0, 0), f"{table.number}《{table.title}》没有数据，表里没有说明", "请财政局在套表的“无数据时”里写一句；说明书里列出空表的，可以不改")
