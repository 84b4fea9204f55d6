"""The pictures of a pack: `charts` and `show_charts` in its YAML, checked when the pack is loaded. build/charts.py draws up what they show.

    show_charts: 否          # 否：不要图（build --charts 仍能画一次）；公共部分写的是 是
    charts:
      支出功能: {title: '{年度}年支出预算（按功能分类）', figure: 支出 合计, by: 功能类, table: 收支总}
      三公经费: {title: “三公”经费预算对比, facts: {合计: 三公经费, 公务接待费: 公务接待费}}
      两年对比: {title: ''}   # 不要继承来的这一幅

A picture is parts of a whole (`figure` by one row dimension, like a listing) or a comparison of this year with last
(`facts`: what stands under the bars → the fact). So it shows figures by the same words as tables and sentences do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

import msgspec

from generator.pack.binding import BindingError, Figure, Vocabulary
from generator.pack.strict_yaml import suggestion

TITLE_WORDS = ("年度", "上年度", "单位名称")
SWITCH = ("是", "否")
MOST_COMPARED = 6  # groups of columns that fit side by side with their figures


class ChartSpec(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """title: over the picture, may hold {年度}, {上年度}, {单位名称}; empty: no such picture."""

    title: str
    figure: str = ""
    by: str = ""
    facts: dict[str, str] = {}
    table: str = ""


def chart_figures(specs: Mapping[str, ChartSpec], vocabulary: Vocabulary) -> dict[str, Figure]:
    """What the pictures of parts show, compiled; those that cannot be are told by `wrong_charts`."""
    found = {}
    for name, spec in specs.items():
        if spec.title and spec.figure:
            try:
                binding = vocabulary.parse(spec.figure, "支出")
            except BindingError:
                continue
            if isinstance(binding, Figure):
                found[name] = binding
    return found


def wrong_charts(file: str, show: str, specs: Mapping[str, ChartSpec], vocabulary: Vocabulary, facts: Mapping[str, object], levels: Collection[str]) -> Iterator[str]:
    """Everything that is wrong with a pack's pictures, a message each. levels: the words a picture may go by."""
    if show not in ("", *SWITCH):
        yield f"{file} show_charts 不认识“{show}”；可用：{'、'.join(SWITCH)}"
    for name, spec in specs.items():
        if not spec.title:
            continue
        here = f"{file} charts·{name}"
        for word in re.findall(r"\{([^{}]*)\}", spec.title):
            if word not in TITLE_WORDS:
                yield f"{here} 的 title 不认识“{{{word}}}”；可用：{'、'.join(f'{{{w}}}' for w in TITLE_WORDS)}{suggestion(word, list(TITLE_WORDS))}"
        if bool(spec.figure) == bool(spec.facts):
            yield f"{here} 要写 figure 和 by（各部分的构成），或者写 facts（本年与上年对比），两样写一样"
            continue
        if spec.figure:
            try:
                if not isinstance(vocabulary.parse(spec.figure, "支出"), Figure):
                    yield f"{here} “{spec.figure}”不是一个数"
            except BindingError as e:
                yield f"{here} {e}"
            if spec.by not in levels:
                yield f"{here} 的 by 不认识“{spec.by}”；可用：{'、'.join(levels)}{suggestion(spec.by, list(levels))}"
        if len(spec.facts) > MOST_COMPARED:
            yield f"{here} 有 {len(spec.facts)} 组，一幅对比图最多 {MOST_COMPARED} 组"
        for fact in spec.facts.values():
            if fact not in facts:
                yield f"{here} 的 facts 没有“{fact}”这个数{suggestion(fact, list(facts))}"
