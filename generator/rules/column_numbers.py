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
from functools import lru_cache

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


@lru_cache(maxsize=512)  # the layouts' lines of column numbers are the same in every unit
def out_of_step(texts: tuple[str, ...]) -> tuple[int, int, int] | None:
    """The first column (0-based) of a line of column numbers that does not go on from 1: (column, the number due, the number printed).

    >>> out_of_step(("**", "1", "2＝3＋4", "4")), out_of_step(("", "1", "2", "3"))
    ((3, 3, 4), None)
    """
    numbers = [(c, int(found[0])) for c, text in enumerate(texts) if (found := re.match(r"\d{1,3}", text.strip()))]
    return next(((c, due, number) for due, (c, number) in enumerate(numbers, 1) if number != due), None)


def check_tables(params: Params, selector: Selector, tables: Sequence[Table]) -> Iterator[Finding]:
    lines = [(table, row, line) for table in tables for row, line in table.of_kind(LineKind.NUMBERS)]
    if not lines:
        raise NotRun("各表都没有栏次行")
    for table, row, line in lines:
        if found := out_of_step(tuple([cell.text or "" for cell in line.cells])):
            column, expected, number = found
            yield Finding(place(table, row, column), f"{table.number}的栏次这里应为 {expected}，印的是 {number}", "请财政局改表样的栏次行")
