"""What the text may be held against: facts of the tables by restrictions, figures by the names of rows and columns."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from generator.published.checks.between import carried_over, known
from generator.published.facts import Fact, Key, facts_of, is_contents, is_form, sets_of
from generator.published.meanings import meanings
from generator.published.model import Figure, ReadCell, ReadTable
from generator.published.recognised import Recognised
from generator.published.vocabulary import Dims, Vocabulary
from generator.published.words import plain

LOOSE = {"资金"}
LOOSE_UNDER = {"资金", "类型", "性质", "分类"}
SURE = {"量", "类型", "功能", "三公", "采购", "购买服务", "性质"}
_CLASS = re.compile(r"^\[?\(?([ABC])\d{4,}")
_KINDS = {"A": "货物", "B": "工程", "C": "服务"}


@dataclass(frozen=True, slots=True)
class Match:
    """cells: what a name may mean; sure: the name is a known quantity and not merely the name of a row.

    fund_only: the name says a fund and nothing else (一般公共预算拨款), so that the sentence decides of what.
    """

    cells: tuple[tuple[ReadCell, ReadTable], ...]
    sure: bool
    fund_only: bool = False

    @property
    def figures(self) -> list[Figure]:
        return [c.figure for c, _ in self.cells if c.figure is not None]


class Index:
    """All tables of the documents given together.

    seen: the pack they are of, which says what columns mean that the words do not explain. partial: there are tables that were not read.
    """

    def __init__(self, tables: Sequence[ReadTable], words: Vocabulary, seen: Recognised | None = None, partial: bool = False) -> None:
        self.tables = tables
        self.partial = partial
        self.words = words
        known = {id(t): meanings(seen.pack, seen.specs[id(t)], t, words) for t in tables if seen is not None and id(t) in seen.specs}
        facts = {id(t): facts_of(t, words, known.get(id(t))) for t in tables}
        self.understood = frozenset(at for at, found in facts.items() if found)
        self.sets: list[list[Fact]] = [[f for t in group for f in [*facts[id(t)], *procurement(t)]] for group in sets_of(tables)]

    @cached_property
    def carried(self) -> Decimal:
        """上年结转 in 元."""
        return max((carried_over(facts) for facts in self.sets), default=Decimal(0))

    @cached_property
    def keys(self) -> list[dict[Key, list[Fact]]]:
        return [known(facts) for facts in self.sets]

    @cached_property
    def labels(self) -> dict[str, list[tuple[ReadCell, ReadTable]]]:
        """Cells by the name of their row and by that of their column."""
        found: defaultdict[str, list[tuple[ReadCell, ReadTable]]] = defaultdict(list)
        for table in self.tables:
            if is_form(table) or is_contents(table) or "采购" in table.title:
                continue
            for row in table.rows:
                names = {plain(row.label)} if not table.lists else set()
                if not table.lists:
                    names |= {plain(c.text) for c, k in zip(row.cells, table.columns, strict=True) if k.role == "名称" and len(c.text) > 2 and c.covered != "left"}
                for i in table.figure_columns:
                    if table.lists:
                        own = next((label for label, figures in table.lists if i in figures), None)
                        names = {re.sub(r"^.{0,4}[、）)]", "", plain(row.cells[own].text))} if own is not None else set()
                    cell = row.cells[i]
                    if cell.covered:
                        continue
                    cell = cell if cell.figure else cell.printing(Figure(Decimal(0), Decimal(0), Decimal(100)))
                    for name in names:
                        if name:
                            found[name].append((cell, table))
                    heads = [plain(p) for p in table.columns[i].path]
                    while heads and heads[-1] in ("合计", "小计", "总计"):
                        heads.pop()
                    if heads:
                        found[heads[-1]].append((cell, table))
        return dict(found)

    @cached_property
    def _names(self) -> dict[str, list[Dims]]:
        found: defaultdict[str, list[Dims]] = defaultdict(list)
        for meaning in self.words.words.names:
            for word in meaning.words:
                found[plain(word)].append(dict(meaning.is_))
        return dict(found)

    def resolve(self, name: str) -> Match | None:
        """What the name may mean, None when no table says anything about it.

        A known quantity is taken for every fund, unless the name says which; a row's name for every figure in such rows.
        """
        name = re.sub(r"\((?:类|款|项)\)", "", plain(name))
        if not name:
            return None
        code = re.search(r"\(?(\d{3,7})\)?$", name)
        if code and len(code[1]) in (3, 5, 7):
            cells = [(r.cells[i], t) for t in self.tables if not is_form(t) for r in t.rows if r.code == code[1] for i in t.figure_columns if r.cells[i].figure]
            if cells:
                return Match(tuple(cells), False)
        found: list[tuple[ReadCell, ReadTable]] = []
        sure = False
        meanings = self._meanings(name)
        for dims in meanings:
            facts = self.facts(dims)
            found += [(f.cell, f.table) for f in facts]
            sure = sure or bool(facts and set(dims) & SURE)
        bare = re.sub(r"(?:支出|经费|费用|费|预算)$", "", name)
        for form in (name, f"{name}费", f"{name}支出", f"{bare}支出", f"{bare}费", re.sub(r"(?:经费|支出|预算|项目)$", "", name)):
            found += self.labels.get(form, [])
        if not sure:
            near = [
                label
                for label in self.labels
                if len(name) >= 6 and len(label) >= 6 and (label.startswith(name) or name.startswith(label) or name.endswith(label) or (len(name) >= 8 and label.endswith(name)))
            ]
            for label in near[:4]:
                found += self.labels[label]
        return Match(tuple(found), sure, bool(meanings) and all(set(m) <= {"资金"} for m in meanings)) if found else None

    def _meanings(self, name: str) -> list[Dims]:
        known_names = self._names.get(name, [])
        if known_names:
            return known_names
        rest = name
        for word in self.words.words.text_neutral:
            rest = rest.replace(plain(word), "") if word not in ("财政", "拨款") else rest
        found: list[Dims] = []
        for form in dict.fromkeys((name, rest)):
            label = form if form in self.words.classes else f"{form}支出"
            if label in self.words.classes:
                found.append({"流": "支出", "功能": self.words.classes[label]})
            dims = self.words.dims(form, economic=True)
            if dims and not set(dims) <= {"分类"}:
                if {"类型", "功能", "经济", "性质"} & set(dims):
                    dims["流"] = "支出"
                found.append(dims)
        return found

    def facts(self, dims: Dims) -> list[Fact]:
        """Facts restricted in this way, of any fund that is public money when the fund is not said."""
        loose = LOOSE_UNDER if {"功能", "经济"} & set(dims) else LOOSE
        wanted = {k: v for k, v in dims.items() if k != "分类"}
        found = []
        for grouped in self.keys:
            for key, facts in grouped.items():
                own = dict(key)
                extra = set(own) - set(wanted)
                if own.get("量") == "总计或本年":
                    extra -= {"量"}
                    own = {**own, "量": "总计"}
                same = all(own.get(k) == v for k, v in wanted.items() if k != "量") and (own.get("量") in (wanted.get("量"), None) if "量" in wanted else own.get("量") in (None, "总计"))
                if same and extra - {"量"} <= loose and ("资金" not in extra or own["资金"] in ("财政拨款", "一般公共预算", "经费拨款")):
                    found += facts
        if not found and "性质" in wanted:
            found = self._by_nature(wanted)
        if wanted.get("资金") and wanted["资金"] in ("财政拨款", "一般公共预算", "经费拨款", "预算内非税") and not found:
            rest = {k: v for k, v in wanted.items() if k != "资金"}
            return self.facts(rest) if rest else []
        return found

    def _by_nature(self, wanted: Dims) -> list[Fact]:
        """人员经费 and 公用经费 of basic expenditure by economic class, where no table prints them: 301 and 303, 302 and 310."""
        found: list[Fact] = []
        classes = ("301", "303") if wanted["性质"] == "人员经费" else ("302", "310")
        for grouped in self.keys:
            for fund in ({}, {"资金": "一般公共预算"}, {"资金": "财政拨款"}):
                facts = {c: grouped.get(frozenset({"流": "支出", "类型": "基本支出", "经济": c, **fund}.items())) for c in ("301", "302", "303", "310")}
                whole = grouped.get(frozenset({"流": "支出", "类型": "基本支出", **fund}.items()))
                given = {c: f[0].figure.yuan for c, f in facts.items() if f}
                if not whole or not given.get("301") or abs(sum(given.values(), Decimal(0)) - whole[0].figure.yuan) > whole[0].figure.step * 3:
                    continue
                anchor = (facts[classes[0]] or [whole[0]])[0]
                amount = sum((given.get(c, Decimal(0)) for c in classes), Decimal(0))
                figure = Figure(amount, amount, anchor.figure.step)
                found.append(replace(anchor, cell=anchor.cell.printing(figure)))
        return found

    def total(self, dims: Dims) -> list[Fact]:
        """Facts restricted in exactly this way (and by nothing but the flow)."""
        return [f for grouped in self.keys for key, facts in grouped.items() for f in facts if {k: v for k, v in key if k not in ("流", "量")} == dims]


def procurement(table: ReadTable) -> list[Fact]:
    """政府采购 and 政府购买服务: the total, by kind, and the share for small enterprises, as facts at the total row."""
    title = plain(table.title)
    what = "购买服务" if "购买服务" in title else "采购" if "采购" in title else ""
    if not what or is_form(table) or is_contents(table):
        return []
    money = [i for i in table.figure_columns if not any(re.search(r"单价|上年", p) for p in table.columns[i].path)]
    whole = [i for i in money if not any(re.search(r"中小|小微|面向|其中", p) for p in table.columns[i].path)]
    if not whole:
        return []
    amount = next((i for i in whole if re.search(r"采购金额|采购预算|总计|合计|金额|预算数", table.columns[i].title)), whole[0])
    total = next((r for r in table.rows if any(plain(c.text) in ("合计", "总计") for c in r.cells[:6])), None)
    leaves = [r for r in table.rows if r is not total and any(_CLASS.match(c.text) or c.text in ("货物", "工程", "服务", "货物类", "工程类", "服务类") for c in r.cells)]
    found: list[Fact] = []

    def add(name: str, cell: ReadCell, figure: Figure, label: str) -> None:
        found.append(Fact(frozenset({(what, name)}), cell.printing(figure), table, label))

    anchor = total.cells[amount] if total is not None else table.rows[-1].cells[amount] if table.rows else None
    if anchor is None:
        return []
    if total is not None and anchor.figure is not None:
        add("合计", anchor, anchor.figure, "合计")
    elif table.rows and not table.empty and leaves:
        add("合计", anchor, _sum([r.cells[amount] for r in leaves]), "各行之和")
    if leaves and all(r.cells[amount].figure for r in leaves) and what == "采购" and not table.empty:
        for kind in ("货物", "工程", "服务"):
            rows = [r for r in leaves if any(c.text.removesuffix("类") == kind or ((m := _CLASS.match(c.text)) and _KINDS[m[1]] == kind) for c in r.cells)]
            add(kind, (rows[0] if rows else leaves[0]).cells[amount], _sum([r.cells[amount] for r in rows], anchor), f"{kind}各行之和")
    for word in ("中小", "小微"):
        column = next((i for i in money if word in table.columns[i].title and not (word == "中小" and "小微" in table.columns[i].path[-1])), None)
        if column is not None and total is not None and (cell := total.cells[column]).figure is not None:
            add(word, cell, cell.figure, f"面向{word}企业")
    return found


def _sum(cells: Iterable[ReadCell], like: ReadCell | None = None) -> Figure:
    figures = [c.figure for c in cells if c.figure is not None]
    step = max((f.step for f in figures), default=like.figure.step if like is not None and like.figure else Decimal(100))
    return Figure(sum((f.value for f in figures), Decimal(0)), sum((f.yuan for f in figures), Decimal(0)), step)
