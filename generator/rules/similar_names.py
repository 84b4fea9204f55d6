"""两个项目名称只差标点或“项目”“经费”之类的字，疑为同一个项目写了两种名称。

- id: P10 同一项目一个名称
  kind: similar_names
  level: 警告
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from generator.build.select import Selector
from generator.pack.schema import folded
from generator.rules.finding import Finding, NotRun

ENDINGS = re.compile(r"(项目|工作|专项|经费|资金|费用|费|预算|支出)+$")


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """Where project names stand."""
    return ("项目", "支出")


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    told: set[tuple[str, str]] = set()
    records = [*selector.master.projects(), *(r for r in selector.master.records("支出") if r.text("项目名称"))]
    if not records:
        raise NotRun("没有项目")
    for record in records:
        name = record.text("项目名称")
        plain = re.sub(r"[()\[\]（）【】〔〕]", "", folded(name))
        key = (record.text("单位编码"), ENDINGS.sub("", plain) or plain)
        first = seen.setdefault(key, name)
        if first != name and (key[0], name) not in told:
            told.add((key[0], name))
            yield Finding(record.at("项目名称"), f"项目名称“{name}”与“{first}”疑为同一个项目", "同一个项目全册用一个名称；确实是两个项目的，名称要能分清")
