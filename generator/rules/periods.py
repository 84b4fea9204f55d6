"""起止日期先后要对，并在预算年度以内。

    - id: P08 起止日期
      kind: periods
      level: 警告
      params: {datasets: [项目, 进度]}

跨年的项目，“其他说明”里写有“跨年”的不报。
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import msgspec

from generator.build.select import Selector
from generator.rules.finding import Finding, NotRun, year_of


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """datasets: those with 开始日期 and 结束日期."""

    datasets: list[str]


def reads(params: Params) -> tuple[str, ...]:
    """The datasets it looks through."""
    return tuple(params.datasets)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    year, seen = year_of(selector.master), False
    for dataset in params.datasets:
        for record in selector.master.records(dataset):
            begin, end = record.values.get("开始日期"), record.values.get("结束日期")
            dates = [(n, d) for n, d in (("开始日期", begin), ("结束日期", end)) if isinstance(d, date)]
            seen = seen or bool(dates)
            if isinstance(begin, date) and isinstance(end, date) and begin > end:
                yield Finding(record.at("开始日期"), f"开始日期 {begin:%Y-%m-%d} 晚于结束日期 {end:%Y-%m-%d}", "核对两个日期")
                continue
            for name, day in dates:
                if day.year != year and "跨年" not in record.text("其他说明"):
                    yield Finding(record.at(name), f"{name} {day:%Y-%m-%d} 不在预算年度 {year} 年", "核对年份；跨年的项目在“其他说明”里写明跨年")
    if not seen:
        raise NotRun("没有填起止日期")
