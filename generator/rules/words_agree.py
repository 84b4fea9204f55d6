"""一格里的字说明另一格应填什么：例如采购品目 C 打头的是服务。

    - id: P13 采购品目与类型
      kind: words_agree
      level: 警告
      params: {dataset: 采购, field: 采购目录, against: 采购类型, starts: {货物: [A], 工程: [B], 服务: [C]}, contains: {服务: [服务, 租赁]}}

starts 看编码的第一个字母（[A02010105] 或 A02010105）；没有编码的，contains 看名称里的字。
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from generator.build.select import Selector
from generator.rules.figures import unfilled
from generator.rules.finding import Finding, NotRun


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """field says something of the value of against."""

    dataset: str
    field: str
    against: str
    starts: dict[str, list[str]] = {}
    contains: dict[str, list[str]] = {}


def reads(params: Params) -> tuple[str, ...]:
    """The dataset it looks through."""
    return (params.dataset,)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    records = [r for r in selector.master.records(params.dataset) if r.text(params.field)]
    if not records:
        raise NotRun(unfilled(selector, params.dataset) + (params.field if selector.master.records(params.dataset) else ""))
    for record in records:
        text, value = record.text(params.field), record.text(params.against)
        wanted = _wanted(params, text)
        if wanted and value and wanted != value:
            yield Finding(record.at(params.against), f"“{text}”是{wanted}，{params.against}填的是“{value}”", f"核对{params.field}和{params.against}")


def _wanted(params: Params, text: str) -> str:
    letter = re.match(r"\s*[\[【（(]?([A-Z])\d", text)
    if letter:
        return next((value for value, letters in params.starts.items() if letter[1] in letters), "")
    return next((value for value, words in params.contains.items() if any(w in text for w in words)), "")
