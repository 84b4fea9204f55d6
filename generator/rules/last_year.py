"""要比较的数，上年数不能只填一部分：有的填了上年、这一项没填，说明里就成了“上年未安排”。

    - id: M12 上年数
      kind: last_year
      level: 警告
      params: {facts: [收入总计, 支出总计, 基本支出, 工资福利支出]}

全册都没有填上年数的，记“未能核对”。facts 是套表包里的数，只列每年都会有的。
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from generator.build.facts import facts
from generator.build.select import Selector
from generator.model.amount import show
from generator.rules.figures import added, parsed
from generator.rules.finding import Finding, NotRun


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """facts: names of the pack's facts that exist every year; those the pack does not have are passed over."""

    facts: list[str]


def reads(params: Params) -> tuple[str, ...]:
    """Where this year's and last year's figures come from."""
    return ("收入", "支出")


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    if not any(selector.nonzero(d, "上年") for d in ("收入", "支出")):
        raise NotRun("没有填任何上年数，增减没有核对")
    known = facts(selector)
    for name in params.facts:
        fact = known.get(name)
        if fact is None or not fact.now or fact.before:
            continue
        places = added(selector, parsed(selector.pack, selector.pack.file.facts[name].figure), [])
        yield Finding(places[()].place, f"“{name}”本年 {show(fact.now)}，没有上年数，说明会写成“上年未安排”", "在“上年数”（收入、项目支出在本表的“上年预算数”）里补上；上年确实没有的，填 0")
