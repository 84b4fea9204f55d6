"""Between tables: what is restricted in the same way is the same figure, wherever it is printed; a part is not larger than its whole."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal

from generator.published.checks.sums import Sums, money
from generator.published.facts import EITHER, Fact, Key, by_key
from generator.published.model import ReadTable, Spot
from generator.published.rulebook import Rule
from generator.published.vocabulary import shown
from generator.published.words import as_figure, plain

PUBLIC = ("财政拨款", "一般公共预算")


def known(facts: Iterable[Fact]) -> dict[Key, list[Fact]]:
    """The facts by key. With nothing but 一般公共预算 in the whole set, all funds, 财政拨款 and 一般公共预算 are one thing."""
    grouped = by_key(facts)
    whole = _sole(grouped)
    if not whole:
        return grouped
    joined: defaultdict[Key, list[Fact]] = defaultdict(list)
    for key, found in grouped.items():
        dims = dict(key)
        if dims.get("资金") in whole and ("资金", dims["资金"]) in key and len(dims) > 1:
            del dims["资金"]
        joined[frozenset(dims.items())] += found
    return dict(joined)


def _sole(grouped: dict[Key, list[Fact]]) -> tuple[str, ...]:
    """The funds that are all there is: their expenditure equals that of all funds, in every table that prints them."""

    def amounts(**dims: str) -> set[object]:
        return {f.figure.yuan for f in grouped.get(frozenset(dims.items()), ())}

    total = amounts(流="支出") | amounts(流="支出", 量="总计") | amounts(流="收入") | amounts(流="收入", 量="总计") | amounts(流="支出", 量=EITHER) | amounts(流="收入", 量=EITHER)
    return tuple(f for f in PUBLIC if len(total) == 1 and (a := amounts(流="支出", 资金=f) | amounts(流="支出", 资金=f, 量="总计")) and a == total)


def carried_over(facts: Iterable[Fact]) -> Decimal:
    """上年结转 of the set in 元, 0 when there is none: what a table of this year's funds may leave out and another hold."""
    return max((f.figure.yuan for f in facts if ("资金", "上年结转") in f.key or ("量", "结转") in f.key), default=Decimal(0))


def check_between(facts: Sequence[Fact], suspects: Collection[Spot], out: Sums) -> None:
    """Findings for one unit's set of tables. suspects: cells that do not fit within their own table; of two figures they are the wrong one."""
    grouped = known(facts)
    carried = carried_over(facts)
    for key, found in grouped.items():
        if dict(key).get("量") != EITHER and len(found) > 1:
            out.compared += 1
            _same(key, found, carried, suspects, out)
    _either(grouped, out)
    _within(grouped, out)
    _income_is_expenditure(grouped, out)


def _same(key: Key, found: list[Fact], carried: Decimal, suspects: Collection[Spot], out: Sums) -> None:
    counts = Counter(f.figure.yuan for f in found)
    if len(counts) == 1:
        return
    finest = min(f.figure.step for f in found)
    value, votes = counts.most_common(1)[0]
    model = next(f for f in found if f.figure.yuan == value)
    sure = votes * 2 > len(found)
    if not sure:
        model = next((f for f in found if f.cell.spot not in suspects), found[0])
    for fact in found:
        difference = abs(fact.figure.yuan - model.figure.yuan)
        coarse = max(fact.figure.step, model.figure.step)
        if not difference or (fact.figure.step != model.figure.step and difference <= coarse / 2 + finest / 2):
            continue
        if difference <= coarse:
            out.tails.append(fact.cell.spot)
            continue
        if carried and difference <= carried + coarse and dict(key).get("资金") in (*PUBLIC, "政府性基金", "国有资本经营"):
            out.skipped.append(f"“{fact.label}”在{fact.table.name}和{model.table.name}差{money(difference, fact.table.unit)}，不超过上年结转，可能一处含结转、一处不含，没有当作错误")
            continue
        _unlike(fact, model, fact.label, shown(dict(key)), out)


def check_copies(tables: Sequence[ReadTable], out: Sums) -> None:
    """A table that stands in two of the files (Word and workbook) is the same figure by figure, whatever its headings mean."""
    printed: defaultdict[tuple[str, str, int, int], list[ReadTable]] = defaultdict(list)
    for t in tables:
        if t.title:
            printed[plain(t.number), plain(t.title), len(t.rows), len(t.columns)].append(t)
    for copies in printed.values():
        files = [t.spot.file for t in copies]
        if len(copies) < 2 or len(set(files)) != len(files):
            continue
        first = copies[0]
        for other in copies[1:]:
            for a, b in zip(first.rows, other.rows, strict=True):
                for x, y in zip(a.cells, b.cells, strict=True):
                    if x.covered or y.covered or (p := as_figure(x.text)) is None or (q := as_figure(y.text)) is None:
                        continue
                    out.compared += 1
                    if p != q:
                        values = {"表": other.name, "文件": other.spot.file, "印的": y.text, "另一文件": first.spot.file, "另一处的": x.text}
                        out.say(Rule.SAME_IN_BOTH_FILES, y.spot, values, other=x.spot)


def _unlike(fact: Fact, model: Fact, label: str, restricted: str, out: Sums) -> None:
    """Two figures that should be one."""
    values = {"数": label, "印的": money(fact.figure.yuan, fact.table.unit), "另一表": model.table.name, "另一数": model.label, "另一处的": money(model.figure.yuan, model.table.unit)}
    values |= {"差": money(abs(fact.figure.yuan - model.figure.yuan), fact.table.unit), "限制": restricted}
    out.say(Rule.SAME_FIGURE, fact.cell.spot, values, other=model.cell.spot)


def _either(grouped: dict[Key, list[Fact]], out: Sums) -> None:
    """The 合计 of 收入总表 (支出总表) is the grand total or this year's; which, the form does not say."""
    for key, found in grouped.items():
        dims = dict(key)
        if dims.get("量") != EITHER or set(dims) - {"流", "量"}:
            continue
        flow = dims["流"]
        allowed = [f for k in (frozenset({("流", flow), ("量", "总计")}), frozenset({("流", flow)})) for f in grouped.get(k, ())]
        if not allowed:
            continue
        out.compared += 1
        for fact in found:
            nearest = min(allowed, key=lambda f: abs(f.figure.yuan - fact.figure.yuan))
            difference = abs(nearest.figure.yuan - fact.figure.yuan)
            coarse = max(nearest.figure.step, fact.figure.step)
            if difference > coarse:
                _unlike(fact, nearest, f"{fact.table.name}的合计", shown({"流": flow}), out)
            elif difference:
                out.tails.append(fact.cell.spot)


def _within(grouped: dict[Key, list[Fact]], out: Sums) -> None:
    """With one more restriction a figure cannot be larger: 一般公共预算 of 2080505 within 2080505."""
    for key, found in grouped.items():
        dims = dict(key)
        if dims.get("流") != "支出" or "量" in dims or len(key) < 2:
            continue
        for dim in ("资金", "类型", "性质"):
            if dim not in dims or (dim == "资金" and dims["资金"] not in (*PUBLIC, "政府性基金", "国有资本经营")):
                continue
            whole = grouped.get(key - {(dim, dims[dim])})
            if not whole:
                continue
            out.compared += 1
            most = max(whole, key=lambda f: f.figure.yuan)
            least = min(found, key=lambda f: f.figure.yuan)
            if least.figure.yuan > most.figure.yuan + max(least.figure.step, most.figure.step) and most.figure.yuan >= 0 and least.table is not most.table:
                values = {"部分": least.label, "印的": money(least.figure.yuan, least.table.unit), "另一表": most.table.name, "全部": most.label}
                values |= {"另一处的": money(most.figure.yuan, most.table.unit), "限制": dims[dim]}
                out.say(Rule.PART_WITHIN_WHOLE, least.cell.spot, values, other=most.cell.spot)


def _income_is_expenditure(grouped: dict[Key, list[Fact]], out: Sums) -> None:
    for fund in ({}, {"资金": "财政拨款"}):
        income = grouped.get(frozenset({"流": "收入", "量": "总计", **fund}.items()))
        spent = grouped.get(frozenset({"流": "支出", "量": "总计", **fund}.items()))
        if not income or not spent:
            continue
        out.compared += 1
        a, b = income[0], spent[0]
        if abs(a.figure.yuan - b.figure.yuan) > max(a.figure.step, b.figure.step) and a.table is not b.table:
            values = {"支出总计": money(b.figure.yuan, b.table.unit), "收入总计": money(a.figure.yuan, a.table.unit)}
            out.say(Rule.INCOME_IS_EXPENDITURE, b.cell.spot, values, other=a.cell.spot)
