"""文字里用错的词：旧的科目名称、常见的错字，报出应当怎样写。

    - id: W18 科目旧名
      kind: instead
      level: 警告
      params: {datasets: [文字], subjects: true, names: {医疗卫生与计划生育支出: 卫生健康支出}, unless: [局, 委], says: '科目名称“{0}”应为“{1}”', hint: 用当年的科目名称}
    - id: W23 错字
      kind: instead
      level: 提示
      params: {datasets: [文字], names: {拔款: 拨款}, says: '“{0}”疑为“{1}”', hint: 核对错别字}

names: 错的 → 对的。unless: 后面紧跟这些字的不算（“……局”是机构名）。subjects: true 只看当年科目表里有对的、没有错的那些（旧名还在用的年份不报）。
书名号里的不看。一段文字里同一个词报一次。
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from generator.build.select import Selector
from generator.pack.pack import Pack
from generator.rules.figures import unfilled
from generator.rules.finding import Finding, NotRun
from generator.rules.texts import written

QUOTED = re.compile(r"《[^》]*》|〈[^〉]*〉")


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """See the head of this page. says: {0} is what stands there, {1} what should."""

    datasets: list[str]
    names: dict[str, str]
    says: str
    hint: str
    unless: list[str] = []
    subjects: bool = False


def reads(params: Params) -> tuple[str, ...]:
    """Texts are read whatever else is wrong."""
    return ()


def wrong(params: Params, pack: Pack) -> Iterator[str]:
    """A word that stands for itself can never be mended."""
    yield from (f"“{old}”应为“{new}”：改了还是错的" for old, new in params.names.items() if old in new)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    texts = list(written(selector, params.datasets))
    if not texts:
        raise NotRun(unfilled(selector, params.datasets[0]))
    names = _of_this_year(params, selector.pack) if params.subjects else params.names
    if not names:
        return
    behind = f"(?!{'|'.join(map(re.escape, params.unless))})" if params.unless else ""
    pattern = re.compile(f"({'|'.join(re.escape(n) for n in sorted(names, key=len, reverse=True))}){behind}")
    for text in texts:
        bare = QUOTED.sub(lambda m: "　" * len(m[0]), text.words)
        told: set[str] = set()
        for found in pattern.finditer(bare):
            if found[1] not in told:
                told.add(found[1])
                yield Finding(text.place, f"{params.says.format(found[1], names[found[1]])}：{text.around(found.start(), found.end())}", params.hint)


def _of_this_year(params: Params, pack: Pack) -> dict[str, str]:
    """The names that this year's lists no longer have, whose new name they have."""
    return {old: new for old, new in params.names.items() if new in pack.subject_names and old not in pack.subject_names}
