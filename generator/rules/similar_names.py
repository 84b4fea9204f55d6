"""两个项目名称相像，疑为同一个项目写了两种名称。

    - id: P10 同一项目一个名称
      kind: similar_names
      level: 警告
      params: {alike: 字尾}

alike 是下面的一种：
  字尾    只差标点或末尾的“项目”“经费”之类的字
  一个字  “项目支出”的名称“项目库”里没有，与“项目库”的一个名称只差一个字（多、少、错一个字）；差的是数字、序号、方位（一期、二期）的不算
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from generator.build.select import Selector
from generator.pack.schema import folded, one_slip
from generator.rules.finding import Finding, NotRun

ENDINGS = re.compile(r"(项目|工作|专项|经费|资金|费用|费|预算|支出)+$")
ONE_NAME = "同一个项目全册用一个名称；确实是两个项目的，名称要能分清"


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """alike: one of those at the head of this page."""

    alike: Literal["字尾", "一个字"]


def reads(params: Params) -> tuple[str, ...]:
    """Where project names stand."""
    return ("项目", "支出")


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    records = [r for r in selector.master.records("支出") if r.text("项目名称")]
    if not records and not selector.master.projects():
        raise NotRun("没有项目")
    yield from (_endings if params.alike == "字尾" else _slips)(selector)


def _endings(selector: Selector) -> Iterator[Finding]:
    seen: dict[tuple[str, str], str] = {}
    told: set[tuple[str, str]] = set()
    known = _known(selector)
    for record in [*selector.master.projects(), *(r for r in selector.master.records("支出") if r.text("项目名称"))]:
        name = record.text("项目名称")
        plain = re.sub(r"[()\[\]（）【】〔〕]", "", folded(name))
        key = (record.text("单位编码"), ENDINGS.sub("", plain) or plain)
        first = seen.setdefault(key, name)
        if first != name and (key[0], name) not in told and not (name not in known and one_slip(name, first)):  # _slips tells that
            told.add((key[0], name))
            yield Finding(record.at("项目名称"), f"项目名称“{name}”与“{first}”疑为同一个项目", ONE_NAME)


def _slips(selector: Selector) -> Iterator[Finding]:
    known = _known(selector)
    if not known:
        raise NotRun("“项目库”没有填")
    told: set[str] = set()
    for record in selector.master.records("支出"):
        name = record.text("项目名称")
        if not name or name in known or name in told:
            continue
        if meant := next((k for k in known if one_slip(name, k)), ""):
            told.add(name)
            yield Finding(record.at("项目名称"), f"项目名称“{name}”与“项目库”里的“{meant}”只差一个字", "改成一样的名称；确实是另一个项目的，在“项目库”里加一行")


def _known(selector: Selector) -> list[str]:
    return list(dict.fromkeys(p.text("项目名称") for p in selector.master.projects()))
