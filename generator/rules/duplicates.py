"""同一件事填了两行：单位、科目、来源、项目都相同的记录不应重复。

- id: M10 重复记录
  kind: duplicates
  level: 警告
  params: {dataset: 支出, fields: [单位编码, 支出类型, 功能科目编码, 项目名称, 部门经济编码, 子项, 资金来源, 拨款方式, 资金级次, 政府经济编码]}
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from generator.build.select import Selector
from generator.rules.finding import Finding


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """dataset: which records; fields: what makes two of them the same; measure: only records that have it are compared."""

    dataset: str
    fields: list[str]
    measure: str = "本年"


def reads(params: Params) -> tuple[str, ...]:
    """The dataset it looks through."""
    return (params.dataset,)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    seen: dict[tuple[str, ...], str] = {}
    for record in selector.master.records(params.dataset):
        if params.measure not in record.amounts:
            continue
        key = tuple(record.text(f) for f in params.fields)
        place = record.at(params.measure)
        if key in seen and str(place) != seen[key]:
            what = " ".join(k for k in key if k)
            yield Finding(place, f"与 {seen[key].partition('!')[2]} 重复：{what}", "同一笔钱只填一行；确实是两笔的，合成一行或写明子项")
        seen.setdefault(key, str(place))
