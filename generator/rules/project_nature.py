"""新增项目不应有上年数，延续项目应有上年数。

    - id: P03 新增与延续
      kind: project_nature
      level: 警告
      params: {new: [新增项目], continuing: [延续项目]}

上年数空着的不管（空着不是 0）。
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from generator.build.select import Selector
from generator.model.amount import show
from generator.rules.finding import Finding, NotRun


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The words of 项目属性 for each."""

    new: list[str]
    continuing: list[str]


def reads(params: Params) -> tuple[str, ...]:
    """Where nature and amounts stand."""
    return ("项目", "支出")


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    projects = [p for p in selector.master.projects() if p.text("项目属性")]
    if not projects:
        raise NotRun("“项目库”没有填项目属性")
    last: dict[tuple[str, str], Decimal] = {}
    for record in selector.master.records("支出"):
        if "上年" in record.amounts:
            key = (record.text("单位编码"), record.text("项目名称"))
            last[key] = last.get(key, Decimal(0)) + record.amounts["上年"]
    for project in projects:
        nature, before = project.text("项目属性"), last.get((project.text("单位编码"), project.text("项目名称")))
        if before is None:
            continue
        if (nature in params.new and before) or (nature in params.continuing and not before):
            yield Finding(project.at("项目属性"), f"项目“{project.text('项目名称')}”是“{nature}”，上年预算数 {show(before)}", "核对项目属性，或“项目支出”里的上年预算数")
