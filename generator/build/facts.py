"""What the explanation can say: every name a Word template may use, computed from the master.

Names are flat. For a fact F of the pack: F_万元, F_元, F_上年_万元, F_增减_万元, F_方向, F_幅度, F_变化, F_变化说明, F_原因, F_有,
F_有变化, F_占比 (of a fact that says what it is part of); for a count: F, F_有. For a listing L: L (a list) and L_列举. For a text T: T, T_段 (its
paragraphs) and T_句 (as part of a sentence). docs/模板.md tells them to officers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from generator.build.change import Change, change
from generator.build.rows import groups
from generator.build.select import Selector
from generator.model.amount import grouped, half_up, printed
from generator.model.master import Record
from generator.model.problem import Place
from generator.model.table import Table
from generator.pack.binding import Condition, Figure, Sum
from generator.pack.pack import Pack, TableSpec, Term

REASON_LEADS = "主要原因(?:是|为|在于)(?:因为|由于)?|主要是(?:因为|由于)?|主要系|原因(?:是|为)(?:因为|由于)?|是因为|是由于|因为|由于"
PURPOSE_LEADS = "主要用于|用于"
FACT_FORMS = ("万元", "元", "上年_万元", "增减_万元", "方向", "幅度", "变化", "变化说明", "原因", "有", "有变化")


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a listing, as templates see it."""

    名称: str
    编码: str = ""
    万元: str = ""
    元: str = ""
    上年_万元: str = ""
    变化: str = ""
    用途: str = ""


@dataclass(frozen=True, slots=True)
class TableName:
    """A table as the explanation names it."""

    序号: str
    表号: str
    表名: str


@dataclass(frozen=True, slots=True)
class Explained:
    """An entry of 名词解释."""

    名称: str
    文字: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of the explanation with its comparison. now, before: exact, in 元 or counted."""

    name: str
    figure: Figure | Sum
    unit: str
    now: Decimal
    before: Decimal
    reason_name: str
    stock: bool = False

    @property
    def counted(self) -> bool:
        return self.unit not in ("万元", "元")

    def change(self) -> Change:
        return change(self.now, self.before, self.unit, self.stock)


def last_year(figure: Figure | Sum) -> Figure | Sum:
    """The same figure of last year."""
    if isinstance(figure, Sum):
        return Sum(tuple((sign, Figure(f.dataset, "上年", f.conditions)) for sign, f in figure.parts))
    return Figure(figure.dataset, "上年", figure.conditions)


def facts(selector: Selector) -> Mapping[str, Fact]:
    """All facts of the pack with this year's and last year's amount."""
    return selector.once(_facts)  # several rules and every document ask


def _facts(selector: Selector) -> dict[str, Fact]:
    found = {}
    schema = selector.pack.schema
    for name, figure in selector.pack.facts.items():
        spec = selector.pack.file.facts[name]
        first = figure.parts[0][1] if isinstance(figure, Sum) else figure
        compared = "上年" in schema.measures(first.dataset or "支出") and first.measure in ("", "本年")
        before = selector.figure(last_year(figure)) if compared else Decimal(0)
        found[name] = Fact(name, figure, spec.unit, selector.figure(figure), before, spec.reason, spec.stock)
    return found


def context(selector: Selector, tables: Sequence[Table], specs: Sequence[TableSpec]) -> dict[str, object]:
    """Every name for the templates of one unit."""
    pack, master = selector.pack, selector.master
    names: dict[str, object] = {}
    for column in pack.schema.sheet("单位信息").columns:
        names[column.name] = master.main.text(column.name)
    lines = Record(master.lines, {}, Place(master.file))
    names |= {name: lines.text(name) for name in master.lines}
    names |= {"年度": str(master.year), "上年度": str(master.year - 1), "单位数": str(len(master.units))}
    for spec in pack.file.texts:
        text = master.text(spec.name)
        names[spec.name] = text
        names[f"{spec.name}_段"] = [line.strip() for line in text.splitlines() if line.strip()]
        names[f"{spec.name}_句"] = clause(text)
    years = {"年度": str(master.year), "上年度": str(master.year - 1)}
    known = facts(selector)
    for fact in known.values():
        names |= _fact_names(selector, fact, years)
        if whole := known.get(pack.file.facts[fact.name].of):
            names[f"{fact.name}_占比"] = _share(fact, whole)
    for name, figure in pack.listings.items():
        items = listing(selector, figure, pack.file.listings[name].by, years)
        names[name] = items
        names[f"{name}_列举"] = "、".join(f"{i.名称}{i.万元}万元" for i in items)
    empty = [(t, s) for t, s in zip(tables, specs, strict=True) if t.empty]
    names["空表"] = [TableName(str(specs.index(s) + 1), t.number, t.title) for t, s in empty]
    names["空表_列举"] = "、".join(t.number for t, _ in empty)
    names["空表事项_列举"] = "、".join(dict.fromkeys(s.empty_topic for _, s in empty if s.empty_topic))
    names["套表"] = [TableName(str(i + 1), t.number, t.title) for i, t in enumerate(tables)]
    names["名词解释"] = [Explained(t.name, t.text) for t in terms(selector)]
    names["有机关运行经费"] = any((c := pack.choice("单位性质", u.text("单位性质"))) and c.kind == "行政参公" for u in master.units.values())
    return names


def _fact_names(selector: Selector, fact: Fact, years: Mapping[str, str]) -> dict[str, object]:
    name = fact.name
    if fact.counted:
        return {name: f"{fact.now:f}", f"{name}_有": bool(fact.now)}
    made = fact.change()
    sentence = made.sentence(selector.pack.file.sentences, years)
    reason = clause(selector.master.text(fact.reason_name), REASON_LEADS) if fact.reason_name else ""
    in_wan = made if fact.unit == "万元" else change(fact.now, fact.before, "万元")
    return {
        f"{name}_万元": grouped(printed(fact.now, "万元")),
        f"{name}_元": grouped(printed(fact.now, "元")),
        f"{name}_上年_万元": grouped(printed(fact.before, "万元")),
        f"{name}_增减_万元": grouped(abs(in_wan.difference)),
        f"{name}_方向": made.direction,
        f"{name}_幅度": grouped(made.percent) if made.percent is not None else "",
        f"{name}_变化": sentence,
        f"{name}_变化说明": sentence + (f"，主要原因是{reason}" if made.difference and reason else ""),
        f"{name}_原因": reason,
        f"{name}_有": bool(fact.now),
        f"{name}_有变化": bool(made.difference),
    }


def clause(text: str, leads: str = "") -> str:
    """What a clerk wrote, as part of a sentence: one line, without the words the template says before it and without the full stop.

    >>> clause("主要原因是：人员增加。", REASON_LEADS), clause("一是培训\\n二是会议；"), clause("主要用于日常运转", PURPOSE_LEADS)
    ('人员增加', '一是培训；二是会议', '日常运转')
    """
    lines = [line.strip().strip("。；;.，, ") for line in text.splitlines()]
    whole = "；".join(filter(None, lines))
    return re.sub(f"^(?:{leads})[：:，,]?\\s*", "", whole) if leads else whole


def _share(part: Fact, whole: Fact) -> str:
    """A part in per cent of its whole, of the printed amounts, rounded once; empty when there is no whole."""
    now, all_ = printed(part.now, part.unit), printed(whole.now, whole.unit)
    return grouped(half_up(now / all_ * 100)) if all_ > 0 else ""


def listing(selector: Selector, figure: Figure, by: str, years: Mapping[str, str]) -> list[Item]:
    """The records of a figure grouped by one dimension, groups of no money left out."""
    dataset = figure.dataset or "支出"
    measure = selector.measure(dataset, figure.measure)
    mask = selector.mask(dataset, figure.conditions)
    items = []
    last = _before(selector, dataset, mask, by)
    for group in groups(selector, (by.split(),), dataset, mask & selector.nonzero(dataset, measure)):
        now = selector.sum(dataset, measure, group.mask)
        code = group.scope.get("编码", "")
        purpose = selector.master.text(f"用途：{code}") or selector.master.text(f"用途：{group.scope.get('名称', '')}")
        before = last.get(group.key, Decimal(0))
        made = change(now, before, "万元")
        purpose = clause(purpose, PURPOSE_LEADS)
        items.append(
            Item(
                group.scope.get("名称", ""),
                code,
                grouped(printed(now, "万元")),
                grouped(printed(now, "元")),
                grouped(printed(before, "万元")),
                made.sentence(selector.pack.file.sentences, years),
                purpose,
            )
        )
    return items


def _before(selector: Selector, dataset: str, mask: int, by: str) -> dict[tuple[str, ...], Decimal]:
    """Last year's amounts by group."""
    if "上年" not in selector.pack.schema.measures(dataset):
        return {}
    grouped_ = groups(selector, (by.split(),), dataset, mask & selector.given(dataset, "上年"))
    return {group.key: selector.sum(dataset, "上年", group.mask) for group in grouped_}


def terms(selector: Selector) -> list[Term]:
    """The entries of 名词解释 this unit needs, in the glossary's order."""
    return [t for t in selector.pack.glossary if any(_needed(selector, w) for w in t.when)]


def _needed(selector: Selector, when: str) -> bool:
    word, _, value = when.partition(" ")
    amount = selector.nonzero("支出", "本年")
    match word:
        case "总是":
            return True
        case "功能":
            return bool(amount & selector.mask("支出", (Condition("功能科目编码", (value,)),)))
        case "功能名":
            return any(m & amount and selector.pack.functional.name(code) == value for code, m in selector.by_value("支出", "功能科目编码").items())
        case "部门经济":
            return bool(amount & selector.mask("支出", (Condition("部门经济编码", (value,)),)))
        case "来源":
            return any(m & selector.nonzero("收入", "本年") for v, m in selector.by_value("收入", "资金性质").items() if v == value)
        case "三公":
            return bool(amount & selector.mask("支出", (Condition("部门经济编码", ("30212", "30217", "30231", "31013", "30913")),)))
        case "政府采购":
            return bool(selector.nonzero("采购", "本年"))
        case "政府购买服务":
            return bool(selector.nonzero("购买服务", "本年"))
        case "机关运行":
            return bool(amount & selector.mask("支出", (Condition("单位性质", ("行政", "参公")),)))
    return False


def known_names(pack: Pack) -> set[str]:
    """Every name a template of this pack may use, without any unit's data: what `pack check` holds templates against."""
    names = {c.name for c in (*pack.schema.sheet("单位信息").columns, *pack.schema.sheet("单位信息").lines)}
    names |= {"年度", "上年度", "单位数", "空表", "空表_列举", "空表事项_列举", "套表", "名词解释", "有机关运行经费"}
    for text in pack.file.texts:
        names |= {text.name, f"{text.name}_段", f"{text.name}_句"}
    for name, spec in pack.file.facts.items():
        if name not in pack.facts:
            continue
        names |= {f"{name}_{form}" for form in FACT_FORMS} if spec.unit in ("万元", "元") else {name, f"{name}_有"}
        if spec.of:
            names.add(f"{name}_占比")
    for name in pack.listings:
        names |= {name, f"{name}_列举"}
    return names
