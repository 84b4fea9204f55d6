"""两处填的同一个数应当相等：例如项目测算明细之和等于项目支出的预算数。

- id: P01 项目测算
  kind: agreement
  params: {left: 测算, right: 支出, by: [单位编码, 项目名称], measures: [本年, 上年]}
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.select import Selector
from generator.model.amount import show
from generator.model.problem import Place
from generator.rules.figures import unfilled
from generator.rules.finding import Compared, Finding, NotRun
from generator.rules.gap import just_the_gap

ZERO = Decimal(0)


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """left, right: datasets; by: the fields that pair their records; measures: what must agree; within: right may be larger."""

    left: str
    right: str
    by: list[str]
    measures: list[str]
    within: bool = False


def reads(params: Params) -> tuple[str, ...]:
    """The datasets it compares."""
    return (params.left, params.right)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    left, right = _sums(params, selector, params.left), _sums(params, selector, params.right)
    if not left:
        empty = not selector.master.records(params.left)
        raise NotRun(unfilled(selector, params.left) if empty else f"“{params.left}”没有一行写了{'、'.join(params.by[1:] or params.by)}")
    for (key, measure), (amount, place) in left.items():
        if measure == "上年" and (key, measure) not in right:
            continue  # blank is not zero: that nobody typed last year's is for another rule to say
        other, _ = right.get((key, measure), (ZERO, place))
        if other == amount or (params.within and amount <= other):
            continue
        name = key[-1]
        word = "超过" if params.within else "不等于"
        larger = (r for r in selector.master.records(params.left if amount > other else params.right) if tuple(r.text(f) for f in params.by) == key)
        hint = f"核对“{name}”在两张表里的数" + (just_the_gap(larger, measure, abs(amount - other)) if other else "")
        yield Finding(place, f"“{name}”{measure}：{params.left}合计 {show(amount)}，{word}{params.right} {show(other)}，差 {show(abs(amount - other))}", hint)


def compared(params: Params, selector: Selector) -> Iterator[Compared]:
    """Both sums of everything the left side names."""
    right = _sums(params, selector, params.right)
    for (key, measure), (amount, place) in _sums(params, selector, params.left).items():
        if measure == "上年" and (key, measure) not in right:
            continue
        other, _ = right.get((key, measure), (ZERO, place))
        agrees = other == amount or (params.within and amount <= other)
        yield Compared(f"{key[-1]}（{measure}）", f"{params.left}合计 {show(amount)}", f"{params.right}合计 {show(other)}", agrees, show(abs(amount - other)) if amount != other else "")


def _sums(params: Params, selector: Selector, dataset: str) -> dict[tuple[tuple[str, ...], str], tuple[Decimal, Place]]:
    sums: dict[tuple[tuple[str, ...], str], tuple[Decimal, Place]] = {}
    for record in selector.master.records(dataset):
        key = tuple(record.text(f) for f in params.by)
        if not all(key):
            continue
        for measure in params.measures:
            amount = record.amounts.get(measure)
            if amount is not None:
                total, place = sums.get((key, measure), (ZERO, record.at(measure)))
                sums[key, measure] = (total + amount, place)
    return sums
