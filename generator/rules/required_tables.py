"""应当公开的表，套表里都要有。

    - id: S01 法定表
      kind: required_tables
      level: 警告
      params:
        tables: {收支总表: [收支总, 收支总体, 收支预算总], 收入总表: [收入总, 收入总体]}

tables: 应有的表 → 表名里可以认出它的几种写法（去掉空格、括号里的字），有一种就算有。只出申报表、一张预算表也没有的套表记未能核对。
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from generator.build.select import Selector
from generator.model.problem import Place
from generator.model.table import Table
from generator.rules.finding import Finding, NotRun
from generator.rules.proof import OUTPUT


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """See the head of this page."""

    tables: dict[str, list[str]]


def reads(params: Params) -> tuple[str, ...]:
    """The tables only."""
    return ()


def missing_tables(titles: Iterable[str], tables: Mapping[str, Sequence[str]]) -> list[str]:
    """The tables, by name, of which no title bears one of their forms. For built tables and for those of a published document.

    >>> missing_tables(["2023年部门收支总表（续）"], {"收支总表": ["收支总"], "收入总表": ["收入总"]})
    ['收入总表']
    """
    bare = [re.sub(r"\s|[（(][^（）()]*[)）]", "", title) for title in titles]
    return [name for name, words in tables.items() if not any(re.search(word, title) for title in bare for word in words)]


def check_tables(params: Params, selector: Selector, tables: Sequence[Table]) -> Iterator[Finding]:
    titles = [t.title for t in tables if not t.form]
    if not titles:
        raise NotRun("本套表只有申报表，不是整套预算表")
    missing = missing_tables(titles, params.tables)
    if missing:
        yield Finding(Place(OUTPUT), f"套表里没有应公开的表：{'、'.join(missing)}", "请财政局在套表里补上；没有数的也要出空表；合在别的表里、叫别的名字的，可以不改")
