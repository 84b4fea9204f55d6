"""整张表没有填，说明里就会写成“没有”：要填报的人知道。

    - id: S09 国有资产
      kind: unfilled
      level: 提示
      params: {datasets: {资产: 说明里会写没有车辆和大型设备}, unless: [国有资产说明]}

datasets 是数据和没有填的后果；unless 里的事项写了文字的，不报。
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from generator.build.select import Selector
from generator.model.problem import Place
from generator.pack.pack import Pack
from generator.rules.figures import unfilled
from generator.rules.finding import Finding


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """datasets: dataset → what follows when nothing of it is filled in. unless: 事项 that say it in words."""

    datasets: dict[str, str]
    unless: list[str] = []


def reads(params: Params) -> tuple[str, ...]:
    """What could not be read is not unfilled."""
    return tuple(params.datasets)


def wrong(params: Params, pack: Pack) -> Iterator[str]:
    """Datasets nobody knows."""
    for dataset in params.datasets:
        if dataset not in pack.schema.datasets:
            yield f"不认识数据“{dataset}”；可用：{'、'.join(pack.schema.datasets)}"


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    if any(selector.master.text(name).strip() for name in params.unless):
        return
    for dataset, consequence in params.datasets.items():
        if not selector.master.records(dataset):
            sheet = next((s.name for s in selector.pack.schema.sheets if s.dataset == dataset), dataset)
            yield Finding(Place(selector.master.file, sheet), f"{unfilled(selector, dataset)}，{consequence}", "有的照实填；真没有的填 0，或者不用管")
