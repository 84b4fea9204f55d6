"""两个数放在一起比：应当相等、不应超过、不应相同，或者一个有数另一个也要有数。

    - id: X19 采购不超支出
      kind: compare
      params: {left: 采购 合计, left_name: 政府采购, relation: 不大于, right: 支出 合计, right_name: 支出, by: [单位编码, 部门经济编码]}

left、right 是取数口径；by 是逐项比的字段（不写就比总数）；relation 是 等于、不大于、不等于、有则有；only: 两边都有 时只比两边都有数的。
subjects 只取这些名称的功能科目（左边）。经济科目只填到类的，按类比。
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from generator.build.select import Selector
from generator.pack.pack import Pack
from generator.rules.figures import ZERO, Added, Lookup, added, dataset_words, key_words, money, parsed, typed, unfilled, wrong_words
from generator.rules.finding import Compared, Finding, NotRun


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """See the head of this page."""

    left: str
    right: str
    left_name: str
    right_name: str
    relation: Literal["等于", "不大于", "不等于", "有则有"]
    by: list[str] = []
    only: Literal["", "两边都有"] = ""
    subjects: list[str] = []
    hint: str = ""


def reads(params: Params) -> tuple[str, ...]:
    """The datasets of both figures."""
    return dataset_words(params.left, params.right)


def wrong(params: Params, pack: Pack) -> Iterator[str]:
    """Figures that are not understood."""
    yield from wrong_words(pack, params.left, params.right)


def compared(params: Params, selector: Selector) -> Iterator[Compared]:
    """Both figures of every key, for the report."""
    if params.relation not in ("等于", "不大于"):
        return
    left, right = parsed(selector.pack, params.left), parsed(selector.pack, params.right)
    lefts, rights = added(selector, left, params.by, params.subjects), added(selector, right, params.by)
    beside = Lookup(rights, params.by)
    for key, one in lefts.items():
        other = beside(key)
        b = other.amount if other else ZERO
        if params.only and not (one.amount and b):
            continue
        gap = money(selector, left, abs(one.amount - b)) if one.amount != b else ""
        what = key_words(selector, params.by, key).rstrip("：") or params.left_name
        yield Compared(what, f"{params.left_name} {money(selector, left, one.amount)}", f"{params.right_name} {money(selector, right, b)}", not _said(params, one, other), gap)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    left, right = parsed(selector.pack, params.left), parsed(selector.pack, params.right)
    for parts, name in ((left, params.left_name), (right, params.right_name)):
        if not typed(selector, parts):
            empty = next((f.dataset or "支出" for _, f in parts if not selector.master.records(f.dataset or "支出")), "")
            raise NotRun(unfilled(selector, empty) if empty else f"没有填{name}")
    lefts, rights = added(selector, left, params.by, params.subjects), added(selector, right, params.by)
    beside = Lookup(rights, params.by)
    for key, one in lefts.items():
        other = beside(key)
        if params.only and not (one.amount and other and other.amount):
            continue
        if said := _said(params, one, other):
            figures = money(selector, left, one.amount), money(selector, right, other.amount if other else ZERO)
            gap = money(selector, left, abs(one.amount - (other.amount if other else ZERO)))
            yield Finding(one.place, key_words(selector, params.by, key) + said.format(*figures, gap), params.hint or f"核对{params.left_name}和{params.right_name}")
    if params.relation == "等于" and not params.only:
        known = Lookup(lefts, params.by)
        for key, lonely in rights.items():
            if lonely.amount and known(key) is None:
                yield Finding(lonely.place, f"{params.left_name}没有数，{params.right_name} {money(selector, right, lonely.amount)}", params.hint or f"核对{params.left_name}和{params.right_name}")


def _said(params: Params, one: Added, other: Added | None) -> str:
    """The sentence, with {0} {1} for the figures and {2} for the gap; empty when all is well."""
    a, b = one.amount, other.amount if other else ZERO
    left, right = params.left_name, params.right_name
    if params.relation == "等于" and a != b:
        return f"{left} {{0}}，不等于{right} {{1}}，差 {{2}}"
    if params.relation == "不大于" and a > b:
        return f"{left} {{0}}，超过{right} {{1}}，多 {{2}}"
    if params.relation == "不等于" and a == b and a:
        return f"{left}和{right}都是 {{0}}"
    if params.relation == "有则有" and a and not b:
        return f"{left}有 {{0}}，{right}是 0"
    return ""
