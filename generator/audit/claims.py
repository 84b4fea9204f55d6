"""What the sentences are made of, held against the master once more before a document is handed over.

Every name a template asks for is worked out a second time: amounts by going through the records one by one, statements
about a change (增加、下降43.79%、持平) by asking whether they are true of the two amounts. Nothing here uses the selector, the
rounding or the wording of the builder, so that a fault in one of them cannot agree with itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import compress

from generator.build.facts import Item
from generator.model.master import Master, Record
from generator.model.problem import Place
from generator.model.table import Table
from generator.pack.binding import CODED, Condition, Figure, Sum
from generator.pack.pack import Pack

ZERO = Decimal(0)
HALF = Decimal("0.005")  # of the last digit printed: two places
YUAN = {"万元": Decimal(10000), "元": Decimal(1)}
MONEY_FORMS = {"万元", "元", "上年_万元", "增减_万元"}


def name_differences(names: Collection[str], context: Mapping[str, object], pack: Pack, exact: Master, said: Master, tables: Sequence[Table]) -> Iterator[str]:
    """What of `names` does not say what the master says: the name, what it says and what it ought to.

    context: the names as the template was filled with. exact: the master; said: the same with amounts as rounded for the whole
    set, which sentences in 万元 speak of; the same object when nothing was rounded. tables: the set in the pack's order.
    """
    proof = _Proof(context, pack, _Plain(exact, pack), _Plain(said, pack) if said is not exact else None, tables)
    for name in sorted(names):
        if name not in context:
            yield f"没有“{name}”"
        elif wrong := proof.wrong(name):
            yield f"“{name}”写的是“{_shown(context[name])}”，{wrong}"


class _Plain:
    """A master asked the plain way: every record, every condition."""

    def __init__(self, master: Master, pack: Pack) -> None:
        self.master, self.pack = master, pack
        self.columns: dict[tuple[str, str], list[str]] = {}
        self.met: dict[tuple[str, Condition], list[bool]] = {}

    def column(self, dataset: str, field: str) -> list[str]:
        """One field of all records."""
        key = (dataset, field)
        if key not in self.columns:
            self.columns[key] = [r.text(field) for r in self.master.records(dataset)]
        return self.columns[key]

    def meets(self, dataset: str, condition: Condition) -> list[bool]:
        """Which records meet a condition."""
        key = (dataset, condition)
        if key not in self.met:
            values = self.column(dataset, condition.field)
            true = {v: self._meets(condition, v) is not condition.exclude for v in set(values)}
            self.met[key] = [true[v] for v in values]
        return self.met[key]

    def _meets(self, condition: Condition, value: str) -> bool:
        if condition.field in CODED:
            return any(value[: len(wanted)] == wanted for wanted in condition.values)
        if condition.field == "资金来源":
            while value:
                if value in condition.values:
                    return True
                value = self.pack.sources[value].under if value in self.pack.sources else ""
            return False
        return value in condition.values

    def records(self, dataset: str, conditions: Sequence[Condition]) -> list[Record]:
        found: list[Record] = list(self.master.records(dataset))
        if conditions:
            found = list(compress(found, map(all, zip(*(self.meets(dataset, c) for c in conditions), strict=True))))
        return found

    def amount(self, figure: Figure | Sum, measure: str = "") -> Decimal:
        """A figure, or with `measure` the same of another measure (上年)."""
        if isinstance(figure, Sum):
            return sum((sign * self.amount(part, measure) for sign, part in figure.parts), ZERO)
        dataset = figure.dataset or "支出"
        measure = measure or figure.measure or next(iter(self.pack.schema.measures(dataset)))
        return sum((r.amounts[measure] for r in self.records(dataset, figure.conditions) if measure in r.amounts), ZERO)


class _Proof:
    """The names of one document, each held against the master."""

    def __init__(self, context: Mapping[str, object], pack: Pack, exact: _Plain, rounded: _Plain | None, tables: Sequence[Table]) -> None:
        self.context, self.pack, self.exact, self.tables = context, pack, exact, tables
        self.said = rounded or exact
        self.years = {"年度": str(exact.master.year), "上年度": str(exact.master.year - 1)}
        self.amounts: dict[tuple[str, bool], tuple[Decimal, Decimal]] = {}
        self.listed: dict[str, str] = {}
        self.patterns: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
        self.texts = {t.name for t in pack.file.texts}
        self.unit_fields = {c.name for c in pack.schema.sheet("单位信息").columns}
        self.lines = Record(exact.master.lines, {}, Place(exact.master.file))

    def wrong(self, name: str) -> str:
        """What is wrong with a name; empty when nothing is."""
        value = self.context[name]
        master = self.exact.master
        if name in self.pack.listings:
            return self._listing(name)
        if name.removesuffix("_列举") in self.pack.listings:
            items = self.context[name.removesuffix("_列举")]
            return self._listing(name.removesuffix("_列举")) or _same(value, "、".join(f"{i.名称}{i.万元}万元" for i in items))  # type: ignore[attr-defined]
        if fact := self._fact(name):
            return self._claim(fact, name[len(fact) + 1 :], value)
        if name in self.texts:
            return _same(value, master.text(name))
        if name.removesuffix("_句") in self.texts:
            return self._written(name.removesuffix("_句"), str(value))
        if name.removesuffix("_段") in self.texts:
            return _same(value, [line.strip() for line in master.text(name.removesuffix("_段")).splitlines() if line.strip()])
        if name in self.plain:
            return _same(value, self.plain[name])
        empty = [t for t in self.tables if t.empty]
        if name == "空表":
            return _same([i.表号 for i in value], [t.number for t in empty])  # type: ignore[attr-defined]
        if name == "套表":
            return _same([i.表号 for i in value], [t.number for t in self.tables])  # type: ignore[attr-defined]
        if name == "空表事项_列举":
            topics = [s.empty_topic for s, t in zip(self.pack.tables, self.tables, strict=True) if t.empty and s.empty_topic]
            return _same(sorted(str(value).split("、")), sorted("、".join(set(topics)).split("、")))
        if name == "名词解释":
            left = iter(self.pack.glossary)  # in the glossary's order, each once
            return "" if all(any((t.name, t.text) == (i.名称, i.文字) for t in left) for i in value) else "和名词解释表不一致"  # type: ignore[attr-defined]
        if name in master.lines:
            return _same(value, self.lines.text(name))
        if name in self.unit_fields:
            return _same(value, master.main.text(name))
        return "没有办法核对"

    @cached_property
    def plain(self) -> dict[str, object]:
        """Names that say one thing of the whole set."""
        master = self.exact.master
        return {
            **self.years,
            "单位数": str(len(master.records("单位"))),
            "空表_列举": "、".join(t.number for t in self.tables if t.empty),
            "有机关运行经费": any(self._is_office(u) for u in master.records("单位")),
        }

    def _is_office(self, unit: Record) -> bool:
        kinds = {word for c in self.pack.choices("单位性质") if c.kind == "行政参公" for word in (c.value, *c.aliases)}
        return unit.text("单位性质") in kinds

    # --- facts -------------------------------------------------------------------------------------------------------

    def _fact(self, name: str) -> str:
        """The fact a name belongs to: the longest that begins it."""
        while name and name not in self.pack.facts:
            name = name.rpartition("_")[0]
        return name

    def _amounts(self, fact: str, in_yuan: bool) -> tuple[Decimal, Decimal]:
        """This year and last year. in_yuan: exact, even where the sentences speak of rounded amounts."""
        key = (fact, in_yuan)
        if key not in self.amounts:
            plain = self.exact if in_yuan else self.said
            figure = self.pack.facts[fact]
            first = figure.parts[0][1] if isinstance(figure, Sum) else figure
            compared = first.measure in ("", "本年") and "上年" in self.pack.schema.measures(first.dataset or "支出")
            self.amounts[key] = (plain.amount(figure), plain.amount(figure, "上年") if compared else ZERO)
        return self.amounts[key]

    def _claim(self, fact: str, form: str, value: object) -> str:
        """What is wrong with one form of a fact."""
        spec = self.pack.file.facts[fact]
        unit = spec.unit if spec.unit in YUAN else ""
        now, before = self._amounts(fact, form == "元" or (spec.unit == "元" and form not in ("万元", "上年_万元")))
        if not unit:
            return _same(value, bool(now) if form == "有" else f"{now:f}")
        if form in MONEY_FORMS:
            wanted = before if form == "上年_万元" else now
            if form != "增减_万元":
                return _printed(value, wanted, form.rpartition("_")[2])
            return "" if _number(value) == abs(_rounded(now, "万元") - _rounded(before, "万元")) else f"应为 {abs(_rounded(now, '万元') - _rounded(before, '万元'))}"
        a, b = _rounded(now, unit), _rounded(before, unit)
        match form:
            case "方向":
                return _same(value, "增加" if a > b else "减少" if a < b else "持平")
            case "幅度":
                return _percent(value, a, b) if value or (b > 0 and a != b) else ""
            case "有":
                return _same(value, bool(now))
            case "有变化":
                return _same(value, a != b)
            case "占比":
                whole = _rounded(self._amounts(spec.of, False)[0], unit)
                return "" if (not value and whole <= 0) or _near(value, a, whole) else f"{a} 占 {whole} 不是这么多"
            case "变化":
                return self._change(str(value), now, before, unit, spec.stock)
            case "原因":
                return self._reason(spec.reason, str(value))
            case "变化说明":
                clause, _, reason = str(value).partition("，主要原因是")
                return self._change(clause, now, before, unit, spec.stock) or ("" if a != b or not reason else "没有增减，不该有原因") or self._reason(spec.reason, reason, a != b)
        return "没有办法核对"

    def _reason(self, name: str, value: str, expected: bool = True) -> str:
        """A reason must be what the clerk wrote, but for the full stop."""
        if name and expected:
            return self._written(name, value)
        return _same(value, "")

    def _written(self, name: str, value: str) -> str:
        """A text within a sentence: what the clerk wrote without line breaks, the last stop and the words a sentence begins with anyway."""
        wrote = self.exact.master.text(name)
        bare, said = (re.sub(r"[\s。；;.，,：:]", "", text) for text in (wrote, value))
        lead = bare[: len(bare) - len(said)]
        fine = bare.endswith(said) and bool(said or not bare) and re.fullmatch("(主要)?(原因)?(是|为|在于|系)?(因为|由于)?|(主要)?用于", lead)
        return "" if fine and not value.endswith(("。", "；")) else f"“文字说明”里写的是“{wrote}”"

    def _change(self, clause: str, now_yuan: Decimal, before_yuan: Decimal, unit: str, stock: bool = False) -> str:
        """Whether a sentence about a change is true of two amounts as printed. The pack's sentence forms are read backwards."""
        now, before = _rounded(now_yuan, unit), _rounded(before_yuan, unit)
        for form, pattern in self._forms(unit):
            if form == "减少" and now == 0 and (now_yuan or stock):  # a little is left that prints as nothing
                form = "取消"
            elif (form in ("均无", "取消") and (now_yuan or stock)) or (form in ("均无", "新增") and (before_yuan or stock)):  # a little is not 未安排
                continue
            if (found := pattern.fullmatch(clause)) and self._true(form, found.groupdict(), now, before):
                return ""
        return f"本年 {now}，上年 {before}（{unit}）"

    def _forms(self, unit: str) -> list[tuple[str, re.Pattern[str]]]:
        """The pack's sentence forms as patterns; a figure that a form names twice is read where it stands first."""
        if unit not in self.patterns:
            blanks = {"增减": r"(?P<gap>\d+\.\d\d)", "幅度": r"(?P<percent>\d+\.\d\d)", "方向": "(?P<way>增加|减少)", **{n: re.escape(y) for n, y in self.years.items()}}
            self.patterns[unit] = []
            for form, words in self.pack.file.sentences.items():
                pattern = re.escape(words.replace("万元", unit))
                for name, group in blanks.items():
                    blank = re.escape("{" + name + "}")
                    pattern = pattern.replace(blank, group, 1).replace(blank, re.sub(r"\?P<\w+>", "?:", group))
                self.patterns[unit].append((form, re.compile(pattern)))
        return self.patterns[unit]

    @staticmethod
    def _true(form: str, said: Mapping[str, str | None], now: Decimal, before: Decimal) -> bool:
        """Whether a form fits two amounts and the figures in it are theirs."""
        gap, percent, way = said.get("gap"), said.get("percent"), said.get("way")
        fits = {
            "增加": now > before > 0,
            "减少": 0 < now < before,
            "持平": now == before,
            "均无": now == before == 0,
            "新增": before == 0 and now > 0,
            "取消": now == 0 and before > 0,
            "基本持平": now != before and before > 0 and abs(now - before) * 100 < HALF * before,
            "负基数": now != before and (now < 0 or before <= 0),
        }
        if not fits.get(form, False) or (gap is not None and Decimal(gap) != abs(now - before)):
            return False
        if percent is not None and not _near(percent, abs(now - before), before):
            return False
        return way is None or (way == "增加") is (now > before)

    # --- listings ----------------------------------------------------------------------------------------------------

    def _listing(self, name: str) -> str:
        """What is wrong with a listing, worked out once for it and its 列举."""
        if name not in self.listed:
            items = self.context[name]
            assert isinstance(items, list)
            self.listed[name] = self._list(name, items)
        return self.listed[name]

    def _list(self, name: str, items: Sequence[Item]) -> str:
        """Every group of money once, with its own amount, and together the whole."""
        figure, by = self.pack.listings[name], self.pack.file.listings[name].by
        dataset = figure.dataset or "支出"
        measure = figure.measure or next(iter(self.pack.schema.measures(dataset)))
        code, digits = _coded(by)
        groups: dict[str, _Group] = {}
        for plain in dict.fromkeys((self.said, self.exact)):
            for record in plain.records(dataset, figure.conditions):
                key = record.text(code)[:digits] if digits else record.text({"来源": "资金来源", "项目": "项目名称"}.get(by, by))
                groups.setdefault(key, _Group()).add(record.amounts.get(measure, ZERO), record.amounts.get("上年", ZERO), plain is self.said, plain is self.exact)
        listed: dict[str, list[Item]] = {}
        for item in items:
            listed.setdefault(item.编码 if digits else item.名称, []).append(item)
            written = next((f"用途：{key}" for key in (item.编码, item.名称) if self.exact.master.text(f"用途：{key}")), "")
            if wrong := self._written(written, item.用途):
                return f"“{item.名称}”的用途：{wrong}"
        for key in groups.keys() | listed.keys():
            if wrong := self._group(groups.get(key, _Group()), listed.get(key, []), bool(digits)):
                return f"“{key}”{wrong}"
        return ""

    def _group(self, group: _Group, items: Sequence[Item], coded: bool) -> str:
        """What is wrong with the items of one group: one, none when it has no money, more only for the same name in several units."""
        if coded and len(items) > 1:
            return f"列了 {len(items)} 次"
        slack = HALF * max(len(items), 1)
        for said, amount, unit in ((sum(_number(i.万元) for i in items), group.now, "万元"), (sum(_number(i.元) for i in items), group.exact, "元")):
            if not abs(said - amount / YUAN[unit]) <= slack:
                return f"应为 {amount / YUAN[unit]} {unit}，列的是 {said} {unit}"
        if len(items) == 1:
            return _printed(items[0].上年_万元, group.before, "万元") or self._change(items[0].变化, group.now, group.before, "万元")
        return ""


@dataclass(slots=True)
class _Group:
    """The money of one line of a listing. now, before: as the sentences speak of it; exact: this year, not rounded."""

    now: Decimal = ZERO
    before: Decimal = ZERO
    exact: Decimal = ZERO

    def add(self, now: Decimal, before: Decimal, said: bool, exact: bool) -> None:
        self.now += now * said
        self.before += before * said
        self.exact += now * exact


def _coded(by: str) -> tuple[str, int]:
    """The code field and its digits of a listing's dimension; 0 digits when it is not a code."""
    for name, field in (("功能", "功能科目编码"), ("部门经济", "部门经济编码"), ("政府经济", "政府经济编码")):
        if by.startswith(name) and (digits := {"类": 3, "款": 5, "项": 7}.get(by.removeprefix(name), 0)):
            return field, digits
    return "", 0


def _same(value: object, wanted: object) -> str:
    return "" if value == wanted else f"应为“{_shown(wanted)}”"


def _shown(value: object) -> str:
    text = "、".join(getattr(i, "名称", None) or getattr(i, "表号", None) or str(i) for i in value) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else text[:60] + "…"


def _number(value: object) -> Decimal:
    """A printed number; not a number when it is none, which equals nothing."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return Decimal("NaN")


def _rounded(yuan: Decimal, unit: str) -> Decimal:
    """An amount in `unit` to two places, by whole numbers of the last digit: half away from zero."""
    digits, rest = divmod(abs(yuan), YUAN[unit] / 100)
    whole = int(digits) + (2 * rest >= YUAN[unit] / 100)
    return Decimal(whole if yuan >= 0 else -whole) / 100


def _printed(value: object, yuan: Decimal, unit: str) -> str:
    """Whether an amount is printed in `unit` with two places, rounded once."""
    wanted = f"{_rounded(yuan, unit):.2f}"
    return "" if str(value) == wanted else f"应为 {wanted}"


def _near(value: object, part: Decimal, whole: Decimal) -> bool:
    """Whether a printed per cent is part of whole, to half of its last digit."""
    said = _number(value)
    return whole > 0 and said == said and abs(said * whole - part * 100) <= HALF * whole and bool(re.fullmatch(r"-?\d+\.\d\d", str(value)))


def _percent(value: object, now: Decimal, before: Decimal) -> str:
    return "" if _near(value, abs(now - before), before) else f"{abs(now - before)} 比 {before} 不是这么多"
