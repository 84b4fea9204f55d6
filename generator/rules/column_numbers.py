"""栏次要从 1 起，一栏一个，不缺、不重。

    - id: A21 栏次连续
      kind: column_numbers
      level: 提示
      basis: 表样要求

只看栏次行里的数（1、2、3，也认 4＝5＋6 开头的 4）；“**”和空着的不看。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from generator.build.select import Selector
from generator.model.table import LineKind, Table
from generator.rules.finding import Finding, NotRun
from generator.rules.proof import place


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """The tables only."""
    return ("单位", "收入", "支出")


def check_tables(params: Params, selector: Selector, tables: Sequence[Table]) -> Iterator[Finding]:
    lines = [(table, row, line) for table in tables for row, line in table.of_kind(LineKind.NUMBERS)]
    if not lines:
        raise NotRun("各表都没有栏次行")
    for table, row, line in lines:
        numbers = [(c, int(found[0])) for c, cell in enumerate(line.cells) if cell.text and (found := re.match(r"\d{1,3}", cell.text.strip()))]
        for expected, (c, number) in enumerate(numbers, 1):
            if number != expected:
                yield Finding(place(table, row, c), f"{table.number}的栏次这里应为 {expected}，印的是 {number}", "请财政局改表样的栏次行")
                break
