"""批复以后多少天内公开。

- id: S10 公开期限
  kind: deadline
  level: 警告
  basis: 《预算法》第十四条
  params: {days: '20'}
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from generator.build.select import Selector
from generator.model.problem import Place
from generator.rules.finding import Finding, NotRun


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """days: how many days after approval."""

    days: int = 20


def reads(params: Params) -> tuple[str, ...]:
    """The two dates only."""
    return ()


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    approved, published = (selector.master.lines.get(n) for n in ("批复日期", "公开日期"))
    if not isinstance(approved, date) or not isinstance(published, date):
        raise NotRun("没有填批复日期和公开日期")
    days = (published - approved).days
    place = Place(selector.master.file, selector.master.main.place.sheet)
    if days < 0:
        yield Finding(place, f"公开日期 {published:%Y-%m-%d} 早于批复日期 {approved:%Y-%m-%d}", "核对两个日期")
    elif days > params.days:
        yield Finding(place, f"公开日期 {published:%Y-%m-%d} 距批复日期 {approved:%Y-%m-%d} {days} 天，超过 {params.days} 天", "批复后 20 日内公开；核对两个日期")
