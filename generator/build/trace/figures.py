"""The figures the explanation speaks of, by the names templates use, and where they come from."""

from __future__ import annotations

from decimal import Decimal

from generator.build.change import Change
from generator.build.facts import FACT_FORMS, Fact, _before, facts, last_year
from generator.build.rows import groups
from generator.build.select import ZERO, Holding, Selector
from generator.build.trace.addends import GOVERNMENT, Addends
from generator.build.trace.answers import Added, Traced, some
from generator.model.amount import YUAN_PER_UNIT, grouped, half_up, printed
from generator.model.problem import UsageError
from generator.pack.binding import Figure, Sum
from generator.pack.strict_yaml import suggestion


class Figures:
    """The figures and lists of the explanation of one unit."""

    def __init__(self, addends: Addends, said: Selector) -> None:
        """said: the facts the explanation tells in 万元; those of `addends`, unless they were rounded for the whole set."""
        self.addends, self.said = addends, said
        self.selector, self.pack, self.master = addends.selector, addends.pack, addends.master
        self._facts: dict[str, Fact] | None = None

    @property
    def facts(self) -> dict[str, Fact]:
        if self._facts is None:
            exact = facts(self.selector)
            self._facts = {name: exact[name] if fact.unit == "元" else fact for name, fact in facts(self.said).items()}
        return self._facts

    def fact(self, name: str) -> Traced:
        """A figure of the explanation, by its name as templates use it: 收入总计, 工资福利支出_变化."""
        if name in self.pack.listings or name.removesuffix("_列举") in self.pack.listings:
            return self.listed(name.removesuffix("_列举"))
        base, _, form = name.rpartition("_")
        while base and base not in self.facts:
            base = base.rpartition("_")[0]
        form = name[len(base) + 1 :] if base else ""
        fact = self.facts.get(name) or (self.facts.get(base) if form in (*FACT_FORMS, "占比") else None)
        if fact is None:
            if place := self.addends.label_place(name.removesuffix("_段")):
                text = self.master.text(name.removesuffix("_段")) or self.master.main.text(name)
                return Traced(name, text[:60] + ("……" if len(text) > 60 else ""), (("来源", f"单位写的文字：{place}"),))
            known = [*self.facts, *self.pack.listings, *(t.name for t in self.pack.file.texts)]
            raise UsageError(f"没有“{name}”{suggestion(name, known)}；可以写表的一格（'{self.pack.tables[0].name}!C7'）、印出来的数（462.25），或说明里的数：{'、'.join(self.facts)}")
        return self._fact(name, fact, form if fact.name != name else "")

    def _fact(self, name: str, fact: Fact, form: str) -> Traced:
        now = self._added(fact.figure, fact.now, fact.unit, "本年")
        about = [("数", f"说明里的“{fact.name}”，按{fact.unit}印"), ("口径", f"{fact.figure}    套表 facts·{fact.name}")]
        if fact.counted:
            return Traced(name, f"{fact.now:f} {fact.unit}", tuple(about), (now,))
        made = fact.change()
        years = {"年度": str(self.master.year), "上年度": str(self.master.year - 1)}
        sums = [now]
        after: list[tuple[str, str]] = []
        text = f"{grouped(made.now)} {fact.unit}"
        if form == "占比":
            whole = self.facts[self.pack.file.facts[fact.name].of]
            sums.append(self._added(whole.figure, whole.now, whole.unit, f"整体：{whole.name}"))
            base = printed(whole.now, whole.unit)
            share = grouped(half_up(made.now / base * 100)) if base > 0 else ""
            after.append(("占比", f"{grouped(made.now)} ÷ {grouped(base)} × 100 = {share}%" if share else "整体是 0，没有占比"))
            text = f"{share}%"
        elif self._compares(fact):
            sums.append(self._added(last_year(fact.figure), fact.before, fact.unit, "上年"))
            after += _comparison(made)
            sentence = made.sentence(self.pack.file.sentences, years)
            after.append(("印成", sentence))
            text = {
                "变化": sentence,
                "变化说明": sentence,
                "上年_万元": f"{grouped(made.before)} {fact.unit}",
                "增减_万元": f"{grouped(abs(made.difference))} {fact.unit}",
                "方向": made.direction,
                "幅度": f"{grouped(made.percent)}%" if made.percent is not None else "空白",
            }.get(form, text)
        written_ = self.master.text(fact.reason_name) if fact.reason_name else ""
        asked = any(t.name == fact.reason_name for t in self.pack.file.texts)
        if made.difference and (written_ or asked):
            place = self.addends.label_place(fact.reason_name)
            after.append(("原因", f"{written_ or '没有写'}（{place or fact.reason_name}）"))
        return Traced(name, text, tuple(about), tuple(sums), tuple(after))

    def _compares(self, fact: Fact) -> bool:
        first = fact.figure.parts[0][1] if isinstance(fact.figure, Sum) else fact.figure
        return "上年" in self.pack.schema.measures(first.dataset or "支出") and first.measure in ("", "本年")

    def _added(self, figure: Figure | Sum, amount: Decimal, unit: str, name: str) -> Added:
        parts: list[tuple[int, Holding]] = []
        for sign, one in figure.parts if isinstance(figure, Sum) else ((1, figure),):
            dataset = one.dataset or "支出"
            parts.append((sign, {(dataset, self.selector.measure(dataset, one.measure)): self.selector.mask(dataset, one.conditions)}))
        money = unit in YUAN_PER_UNIT
        addends = self.addends.of(parts, any(c.field == GOVERNMENT for _, one in (figure.parts if isinstance(figure, Sum) else ((1, figure),)) for c in one.conditions))
        exact = sum((a.sign * a.amount for a in addends), ZERO) if self.said is not self.selector else amount
        return Added(str(figure), tuple(addends), exact, unit, printed(amount, unit) if money else amount, money, name)

    def listed(self, name: str, item: str = "") -> Traced:
        """A list of the explanation (工资福利分项), or one item of it."""
        figure, by = self.pack.listings[name], self.pack.file.listings[name].by
        dataset = figure.dataset or "支出"
        measure = self.selector.measure(dataset, figure.measure)
        mask = self.selector.mask(dataset, figure.conditions)
        found = groups(self.selector, (by.split(),), dataset, mask & self.selector.nonzero(dataset, measure))
        about = [("数", f"说明里的列举“{name}”，按{by}逐项"), ("口径", f"{figure}    套表 listings·{name}")]
        names = [g.scope.get("名称", "") for g in found]
        if item:
            chosen = [g for g in found if item in (g.scope.get("名称", ""), g.scope.get("编码", ""))]
            if not chosen:
                raise UsageError(f"“{name}”里没有“{item}”{suggestion(item, names)}；有：{some(names)}")
            found = chosen
        sums = []
        for group in found:
            holding: Holding = {(dataset, measure): group.mask}
            amount = self.selector.sum(dataset, measure, group.mask)
            sums.append(
                Added(
                    str(figure),
                    tuple(self.addends.of([(1, holding)])),
                    amount,
                    "万元",
                    printed(self.said.sum(dataset, measure, group.mask), "万元"),
                    True,
                    " ".join(filter(None, (group.scope.get("编码", ""), group.scope.get("名称", "")))),
                )
            )
        after: list[tuple[str, str]] = []
        if item and found and (before := _before(self.selector, dataset, mask, by).get(found[0].key)) is not None:
            after += _comparison(Change(sums[0].shown, printed(before, "万元"), "万元"))
        text = "、".join(f"{a.name} {grouped(a.shown)}" for a in sums) or "没有任何记录"
        return Traced(" ".join(filter(None, (name, item))), text, tuple(about), tuple(sums), tuple(after))


def _comparison(made: Change) -> list[tuple[str, str]]:
    """Difference and percentage, spelled out, of the amounts as printed."""
    lines = [("比上年", f"{grouped(made.now)} − {grouped(made.before)} = {grouped(made.difference)} {made.unit}，{made.direction}")]
    if made.percent is not None:
        exact = abs(made.difference) / made.before * 100
        lines.append(("幅度", f"{grouped(abs(made.difference))} ÷ {grouped(made.before)} × 100 = {exact:.4f} → {grouped(made.percent)}%（以上年为基数，四舍五入一次）"))
    elif made.difference:
        lines.append(("幅度", "上年是 0 或负数，没有百分比"))
    return lines
