"""每个单位、每种资金来源：收入 = 支出 + 结转下年。

    - id: M09 收支平衡
      kind: balance
      basis: 《预算法实施条例》第五条

Sources are compared as finely as both sides were typed: when one side says 一般公共预算拨款 and the other 经费拨款, the two
are compared at 一般公共预算拨款.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.select import Selector
from generator.model.amount import show
from generator.model.problem import Place
from generator.pack.pack import Pack
from generator.rules.finding import Compared, Finding

ZERO = Decimal(0)


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """The datasets it compares."""
    return ("收入", "支出")


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    for (unit, source), (income, spent, place) in _both_sides(selector).items():
        if income != spent:
            more = "收入多" if income > spent else "支出多"
            yield Finding(
                place,
                f"{_of(unit, selector)}“{source}”收支不平：收入 {show(income)}，支出加结转下年 {show(spent)}，{more} {show(abs(income - spent))}",
                "核对这项来源的收入数，以及基本支出、项目支出里用这项来源的各行",
            )


def compared(params: Params, selector: Selector) -> Iterator[Compared]:
    """Both sides of every unit and source."""
    for (unit, source), (income, spent, _) in _both_sides(selector).items():
        yield Compared(f"{_of(unit, selector)}{source}", f"收入 {show(income)}", f"支出加结转下年 {show(spent)}", income == spent, show(abs(income - spent)) if income != spent else "")


def _of(unit: str, selector: Selector) -> str:
    return selector.master.units[unit].text("单位名称") + "：" if unit in selector.master.units and len(selector.master.units) > 1 else ""


def _both_sides(selector: Selector) -> dict[tuple[str, str], tuple[Decimal, Decimal, Place]]:
    """(unit, source) → income, spending with what is carried over, and the cell to look at."""
    sums: dict[tuple[str, str], list[Decimal]] = {}
    places: dict[tuple[str, str], Place] = {}
    typed = {r.text("资金来源") for d in ("收入", "支出") for r in selector.master.records(d) if r.amounts.get("本年")}
    for dataset, column in (("支出", 1), ("收入", 0)):
        for record in selector.master.records(dataset):
            if not record.text("资金来源"):
                continue
            key = (record.text("单位编码"), coarsest(selector.pack, record.text("资金来源"), typed))
            pair = sums.setdefault(key, [ZERO, ZERO])
            pair[column] += record.amounts.get("本年", ZERO)
            if dataset == "收入":
                pair[1] += record.amounts.get("结转下年", ZERO)
            if dataset == "收入" or key not in places:
                places[key] = record.at("本年")
    return {key: (income, spent, places[key]) for key, (income, spent) in sums.items()}


def coarsest(pack: Pack, source: str, typed: set[str]) -> str:
    """The highest source at or above `source` that somebody typed."""
    best, at = source, pack.sources[source].under if source in pack.sources else ""
    while at:
        if at in typed:
            best = at
        at = pack.sources[at].under
    return best
