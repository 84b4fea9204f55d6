"""没有数据的表要照出，表里或表下写明没有这项支出。

- id: S03 空表说明
  kind: empty_tables
  level: 提示
  basis: 财预〔2016〕143号
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from generator.build.select import Selector
from generator.model.table import LineKind, Table
from generator.rules.finding import Finding
from generator.rules.proof import place

SAID = re.compile(r"[无没未]|空(?![调气间军港])")


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """The tables only."""
    return ("单位", "收入", "支出")


def says_none(texts: Iterable[str]) -> bool:
    """Whether one of the texts in or under a table says that there is nothing to print. For built and for published tables.

    >>> says_none(["本年没有国有资本经营预算，本表为空。"]), says_none(["空调购置"])
    (True, False)
    """
    return any(SAID.search(text) for text in texts)


def check_tables(params: Params, selector: Selector, tables: Sequence[Table]) -> Iterator[Finding]:
    for table in tables:
        if table.empty and not table.form and not says_none(c.text for _, line in table.of_kind(LineKind.BODY, LineKind.FOOT) for c in line.cells if c.text and not line.key):
            yield Finding(place(table, 0, 0), f"{table.number}《{table.title}》没有数据，表里没有说明", "请财政局在套表的“无数据时”里写一句；说明书里列出空表的，可以不改")
