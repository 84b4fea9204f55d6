"""每个单位、每种资金来源：收入 = 支出 + 结转下年。

    - id: M09 收支平衡
      kind: balance
      basis: 《预算法实施条例》第五条
    - id: M12 上年收支
      kind: balance
      level: 警告
      params: {measure: 上年}

measure: 上年 查上年预算数（没有结转下年；两边都填了上年数才查）。

Sources are compared as finely as both sides were typed: when one side says 一般公共预算拨款 and the other 经费拨款, the two
are compared at 一般公共预算拨款.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Literal

import msgspec

from generator.build.select import Selector
from generator.model.amount import CENT, show
from generator.model.master import Record
from generator.model.problem import Place
from generator.pack.pack import Pack
from generator.rules.finding import Compared, Finding, NotRun
from generator.rules.gap import just_the_gap

ZERO = Decimal(0)
TEN_THOUSAND = Decimal(10000)
UNIT_HINT = "一边按元、一边按万元填了：核对“收入”和各支出表上方写的金额单位（元还是万元），和表里填的数合不合"
Sides = Mapping[tuple[str, str], tuple[Decimal, Decimal, Place]]


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """measure: 本年 or 上年."""

    measure: Literal["本年", "上年"] = "本年"


def reads(params: Params) -> tuple[str, ...]:
    """The datasets it compares."""
    return ("收入", "支出")


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    if params.measure == "上年":
        for dataset, sheet in (("收入", "收入"), ("支出", "支出")):
            if not any(r.amounts.get("上年") for r in selector.master.records(dataset)):
                raise NotRun(f"没有填上年{sheet}")
    last = "上年" if params.measure == "上年" else ""
    hint = "核对“收入”的上年预算数，和“上年数”“项目支出”的上年预算数" if last else "核对这项来源的收入数，以及基本支出、项目支出里用这项来源的各行"
    for (unit, source), (income, spent, place) in _both_sides(selector, params.measure).items():
        if income != spent:
            more = "收入多" if income > spent else "支出多"
            carried = "支出" if last else "支出加结转下年"
            said = f"{_of(unit, selector)}“{source}”{last}收支不平：{last}收入 {show(income)}，{last}{carried} {show(spent)}，{more} {show(abs(income - spent))}"
            if _ten_thousand_times(income, spent):
                yield Finding(place, f"{said}，正好差一万倍", UNIT_HINT)
            else:
                larger = _records(selector, params.measure, (unit, source), "收入" if income > spent else "支出")
                yield Finding(place, said, hint + (just_the_gap(larger, params.measure, abs(income - spent)) if income and spent else ""))


def _records(selector: Selector, measure: str, key: tuple[str, str], dataset: str) -> Iterator[Record]:
    """The records of a unit's source on one side."""
    typed = _typed(selector, measure)
    return (r for r in selector.master.records(dataset) if (r.text("单位编码"), coarsest(selector.pack, r.text("资金来源"), typed)) == key)


def _ten_thousand_times(income: Decimal, spent: Decimal) -> bool:
    """Whether one side is ten thousand times the other: 元 on one sheet, 万元 (to two places) on the other."""
    small, large = sorted((abs(income), abs(spent)))
    return bool(small) and abs(large - small * TEN_THOUSAND) <= CENT * TEN_THOUSAND / 2


def compared(params: Params, selector: Selector) -> Iterator[Compared]:
    """Both sides of every unit and source."""
    last = "上年" if params.measure == "上年" else ""
    for (unit, source), (income, spent, _) in _both_sides(selector, params.measure).items():
        right = f"上年支出 {show(spent)}" if last else f"支出加结转下年 {show(spent)}"
        yield Compared(f"{_of(unit, selector)}{source}", f"{last}收入 {show(income)}", right, income == spent, show(abs(income - spent)) if income != spent else "")


def _of(unit: str, selector: Selector) -> str:
    return selector.master.units[unit].text("单位名称") + "：" if unit in selector.master.units and len(selector.master.units) > 1 else ""


def _both_sides(selector: Selector, measure: str) -> Sides:
    """(unit, source) → income, spending with what is carried over, and the cell to look at; what has neither is left out."""
    return selector.once(_added, measure)  # other rules rest on it


def _added(selector: Selector, measure: str) -> Sides:
    sums: dict[tuple[str, str], list[Decimal]] = {}
    places: dict[tuple[str, str], Place] = {}
    typed = _typed(selector, measure)
    for dataset, column in (("支出", 1), ("收入", 0)):
        for record in selector.master.records(dataset):
            if not record.text("资金来源") or (measure not in record.amounts and not (dataset == "收入" and measure == "本年")):
                continue
            key = (record.text("单位编码"), coarsest(selector.pack, record.text("资金来源"), typed))
            pair = sums.setdefault(key, [ZERO, ZERO])
            pair[column] += record.amounts.get(measure, ZERO)
            if dataset == "收入" and measure == "本年":
                pair[1] += record.amounts.get("结转下年", ZERO)
            if dataset == "收入" or key not in places:
                places[key] = record.at(measure)
    return {key: (income, spent, places[key]) for key, (income, spent) in sums.items()}


def _typed(selector: Selector, measure: str) -> set[str]:
    """The sources that have any amount."""
    return {r.text("资金来源") for d in ("收入", "支出") for r in selector.master.records(d) if r.amounts.get(measure)}


def coarsest(pack: Pack, source: str, typed: set[str]) -> str:
    """The highest source at or above `source` that somebody typed."""
    best, at = source, pack.sources[source].under if source in pack.sources else ""
    while at:
        if at in typed:
            best = at
        at = pack.sources[at].under
    return best
