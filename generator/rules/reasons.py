"""比上年有增减的数要写原因，原因要具体，不能和数说反了。

    - id: W08 增减原因
      kind: reasons
      basis: 财预〔2016〕143号（“三公”经费等应说明增减变化）
      params: {at_least: '6', junk: [无, 工作需要], words: {up: [增加], down: [减少, 压缩], may_up: [更新], may_down: [到期], not_meant: [提高…效率]}, parts: {公务接待费: 三公经费}}

哪些数要写：套表包里带 reason 的数，印出来的增减超过 thresholds.reason（%）时。at_least 是最少几个字；junk 是单独写等于没写的话。
words 是说增说减的词：up、down 明说增、减；may_up、may_down 能解释增、减，但不一定（到期、更新）；not_meant 是说别的事的（提高…效率）。
数减少，而原因里明说增、又没有一个能解释减少的词（或者反过来），就是写反了。“不再新增”“上年新增的”不算说增。
parts 是一部分和它的全部：套表没有单列原因的部分，方向和全部一样就不另要原因，方向不同就要。上年没有可比的数，可以写“无可比”。
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

import msgspec

from generator.build.change import Change
from generator.build.facts import Fact, facts
from generator.build.select import Selector
from generator.model.amount import grouped
from generator.model.problem import Place
from generator.pack.pack import Pack
from generator.pack.schema import folded
from generator.pack.strict_yaml import suggestion
from generator.rules import balance
from generator.rules.direction import Directions, turned_round
from generator.rules.finding import Finding, NotRun

NO_BASE = "无可比"


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """The threshold is the pack's thresholds.reason, in per cent. See the head of this page."""

    at_least: int = 6
    junk: list[str] = []
    words: Directions = Directions()
    parts: dict[str, str] = {}


def reads(params: Params) -> tuple[str, ...]:
    """Where the compared figures come from."""
    return ("收入", "支出")


def wrong(params: Params, pack: Pack) -> Iterator[str]:
    """Parts and wholes nobody knows."""
    for name in {*params.parts, *params.parts.values()} - set(pack.facts):
        yield f"parts 里的“{name}”不是说明书的数{suggestion(name, list(pack.facts))}"


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    master, pack = selector.master, selector.pack
    known = facts(selector)
    threshold = Decimal(pack.file.thresholds.get("reason", "0"))
    asked = {t.name for t in pack.file.texts if t.required == "有增减"}
    told: set[str] = set()
    balanced = not any(balance.check(balance.Params(), selector))  # a figure that is wrong itself moves the wrong way
    for fact in known.values():
        name = fact.reason_name
        if name in told or fact.counted:
            continue
        made = fact.change()
        if not made.difference or (made.percent is not None and made.percent <= threshold):
            continue
        reason = master.text(name).strip()
        if not reason and name not in asked and not _alone(params, fact, made, known):
            continue
        if fault := _wrong(params, fact, made, reason, balanced):
            told.add(name)
            place = next((p for (_, text), (_, p) in master.texts.items() if text == name), Place(master.file, "文字说明"))
            clause = made.sentence(pack.file.sentences, {"年度": str(master.year), "上年度": str(master.year - 1)})
            hint = "在“文字说明”的这一行写明主要原因，要具体（什么事、多少人、哪个项目）"
            if place.row == 0 and name not in asked:
                hint = f"在“文字说明”里加一行，事项写“{name}”，内容写主要原因"
            yield Finding(place, f"{fault}：{fact.name} {grouped(made.now)} {made.unit}，{clause}", hint)
    if not balanced and not told:
        raise NotRun("主工作簿收支不平，平了再核对增减的方向")


def _alone(params: Params, fact: Fact, made: Change, known: Mapping[str, Fact]) -> bool:
    """Whether a part moved where its whole stood still or went the other way: then the whole's reason says nothing about it."""
    whole = known.get(params.parts.get(fact.name, ""))
    return whole is not None and bool(fact.reason_name) and made.direction != whole.change().direction


def _wrong(params: Params, fact: Fact, made: Change, reason: str, balanced: bool) -> str:
    """What is wrong with a reason; empty when nothing is. balanced: whether the figures can be trusted to say which way they moved."""
    if not reason:
        return f"没有写“{fact.reason_name}”"
    if reason.startswith(NO_BASE):
        return f"“{fact.reason_name}”写的是“{NO_BASE}”，但填了上年数" if fact.before else ""
    plain = re.sub(r"^(主要)?(原因)?(是|为|：|:)?(因为|由于|因)?", "", folded(reason))
    if plain in {folded(j) for j in params.junk}:
        return f"“{fact.reason_name}”只写了“{reason}”，等于没有写"
    if len(plain) < params.at_least:
        return f"“{fact.reason_name}”只写了“{reason}”，不到 {params.at_least} 个字"
    if balanced and (word := turned_round(params.words, made.difference > 0, reason)):
        return f"“{fact.reason_name}”说的是“{word}”，数却是{made.direction}的"
    return ""
