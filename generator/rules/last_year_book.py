"""上年数要等于上年公开的本年数：和上年的主工作簿比。

    - id: X26 上年数与上年册
      kind: last_year_book
      level: 警告
      params:
        figures:
        - {figure: 收入 合计, name: 收入, by: [单位编码]}
        - {figure: 类型 项目支出, name: 项目支出, by: [单位编码, 项目名称], only: 两边都有}

上年的主工作簿用 --last-year 给；没有给的记未能核对。figure 是取数口径：这一册的上年数，和上年册按同样口径、同样的 by 取的本年数比。
only: 两边都有 时，只比两册都有数的（上年完成的项目可以合并成一行，资金来源可以改名）。这一册完全没有填上年数的口径不比。
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from generator.build.facts import last_year
from generator.build.select import Selector
from generator.pack.binding import Figure
from generator.pack.pack import Pack
from generator.rules.figures import ZERO, Added, Lookup, added, dataset_words, key_words, money, parsed, typed, wrong_words
from generator.rules.finding import Compared, Finding, NotRun

NOT_GIVEN = "没有给上年的主工作簿（--last-year）"


class Line(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One comparison. See the head of this page."""

    figure: str
    name: str
    by: list[str]
    only: Literal["", "两边都有"] = ""


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """figures: what is compared."""

    figures: list[Line]


def reads(params: Params) -> tuple[str, ...]:
    """The datasets of the figures."""
    return dataset_words(*(line.figure for line in params.figures))


def wrong(params: Params, pack: Pack) -> Iterator[str]:
    """Figures that are not understood."""
    yield from wrong_words(pack, *(line.figure for line in params.figures))


def previous_book(selector: Selector) -> Selector:
    """Last year's workbook, asked in the words of this year's pack. NotRun when it was not given."""
    if selector.master.previous is None:
        raise NotRun(NOT_GIVEN)
    return selector.once(_previous)


def _previous(selector: Selector) -> Selector:
    assert selector.master.previous is not None
    return Selector(selector.master.previous, selector.pack)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    before = previous_book(selector)
    compared_any = False
    for line in params.figures:
        for key, now, then in _pairs(line, selector, before):
            compared_any = True
            if now.amount != then.amount:
                parts = parsed(selector.pack, line.figure)
                a, b, gap = (money(selector, parts, n) for n in (now.amount, then.amount, abs(now.amount - then.amount)))
                yield Finding(
                    now.place,
                    f"{key_words(selector, line.by, key)}{line.name}的上年数 {a}，上年册（{before.master.file}）的本年数 {b}，差 {gap}",
                    "上年数照上年公开的预算数填；口径调整过的，在原因里写明",
                )
    if not compared_any:
        raise NotRun("没有填任何上年数")


def compared(params: Params, selector: Selector) -> Iterator[Compared]:
    """Both years' figures, for the report."""
    if selector.master.previous is None:
        return
    before = previous_book(selector)
    for line in params.figures:
        parts = parsed(selector.pack, line.figure)
        for key, now, then in _pairs(line, selector, before):
            gap = money(selector, parts, abs(now.amount - then.amount)) if now.amount != then.amount else ""
            yield Compared(f"{key_words(selector, line.by, key)}{line.name}", f"上年数 {money(selector, parts, now.amount)}", f"上年册本年数 {money(selector, parts, then.amount)}", not gap, gap)


def _pairs(line: Line, selector: Selector, before: Selector) -> Iterator[tuple[tuple[str, ...], Added, Added]]:
    """(key, this book's figure of last year, last year's own figure)."""
    own = parsed(selector.pack, line.figure)
    of_last_year = tuple((sign, last_year(figure)) for sign, figure in own)
    assert all(isinstance(figure, Figure) for _, figure in of_last_year)
    if not typed(selector, of_last_year):  # type: ignore[arg-type]
        return
    theirs = Lookup(added(before, own, line.by), line.by)
    for key, now in added(selector, of_last_year, line.by).items():  # type: ignore[arg-type]
        then = theirs(key)
        if then is None and line.only:
            continue
        yield key, now, then or Added(ZERO, now.place)
