"""比上年增减的幅度大得不寻常，多半是元、万元填错，或者上年数口径不同：要人看一眼。

    - id: W03 增减幅度
      kind: large_change
      level: 警告
      params: {percent: '1000', facts: [收入总计, 支出总计, 基本支出]}

facts 里幅度超过 percent（%）的数，指到上年数的那一格；几个数是同一格引起的，只报一次。只列合计一类的数：会议费、培训费这样的小数，
一年几倍是常有的。上年没有的不算幅度，不报。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.facts import facts
from generator.build.select import Selector
from generator.model.amount import grouped
from generator.pack.binding import Figure
from generator.rules.figures import added, parsed
from generator.rules.finding import Finding


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """percent: the largest change nobody needs to look at. facts: those of the pack that are looked at; others it does not have are passed over."""

    percent: Decimal
    facts: list[str]


def reads(params: Params) -> tuple[str, ...]:
    """Where this year's and last year's figures come from."""
    return ("收入", "支出")


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    told = set()
    for fact in sorted(facts(selector).values(), key=lambda f: f.now):  # the smallest figure is nearest to the mistake
        if fact.name not in params.facts or fact.counted or fact.before <= 0:
            continue
        made = fact.change()
        if made.percent is None or made.percent <= params.percent:
            continue
        words = selector.pack.file.facts[fact.name].figure
        last_year = tuple((sign, Figure(f.dataset, "上年", f.conditions)) for sign, f in parsed(selector.pack, words))
        place = added(selector, last_year, [])[()].place
        if place in told:
            continue
        told.add(place)
        yield Finding(
            place,
            f"“{fact.name}”上年 {grouped(made.before)} {made.unit}，本年 {grouped(made.now)} {made.unit}，{made.direction} {grouped(made.percent)}%",
            "核对上年数的金额单位和口径；确实如此的可以不改",
        )
