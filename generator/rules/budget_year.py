"""年度填错：“单位信息”的年度和别处都对不上。

    - id: S08 年度填错
      kind: budget_year

别处是三样：套表是哪一年的；批复日期、公开日期（当年，或上年 11 月以后）；多数项目的起止日期。有两样说的是同一个别的年度，就是年度填错了。
只有一样不同的（例如用上年的套表做今年的），读入时另有警告，这里不报。
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import msgspec

from generator.build.select import Selector
from generator.model.problem import Place
from generator.rules.finding import Finding, NotRun, year_of


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """Dates are read whatever else is wrong."""
    return ()


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    master = selector.master
    this = year_of(master)
    said = list(_said(selector))
    if len(said) < 2:
        raise NotRun("没有可以对照的日期")
    years = Counter(year for year, _ in said)
    other, count = years.most_common(1)[0]
    if count >= 2 and other != this and not years[this]:
        places = "、".join(what for year, what in said if year == other)
        yield Finding(master.line_places.get("年度", Place(master.file, "单位信息")), f"年度是 {master.year}，{places}都是 {other} 年的", "核对年度；别处是抄来没有改的，改别处")


def _said(selector: Selector) -> Iterator[tuple[int, str]]:
    """What other places say the budget year is."""
    if selector.pack.file.year.isdigit():
        yield int(selector.pack.file.year), "套表"
    for name in ("批复日期", "公开日期"):
        day = selector.master.lines.get(name)
        if isinstance(day, date):
            yield day.year + (day.month >= 11), f"{name} {day:%Y-%m-%d} "
            break
    ends = Counter(day.year for p in selector.master.projects() for name in ("开始日期", "结束日期") if isinstance(day := p.values.get(name), date))
    if ends and ends.most_common(1)[0][1] * 2 > ends.total():
        yield ends.most_common(1)[0][0], "多数项目的起止日期"
