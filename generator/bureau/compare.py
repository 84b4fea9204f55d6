"""Two versions or two years of one set: what changed, matched by what things are and never by where they stand.

Records match by their codes, choices and names; what is left on both sides and differs in one of these only is the same thing
under another name or code (改名、改码). Table lines match by their keys, else by their labels. Nothing is left out: what has no
partner is added or removed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from generator.build.facts import facts
from generator.build.select import Selector
from generator.bureau.compare_tables import table_differences
from generator.bureau.difference import ALIKE, ZERO, Difference, Key, Kind, Renames
from generator.bureau.views import TableView
from generator.model.master import Master, Record
from generator.model.problem import Place
from generator.pack.pack import Pack
from generator.pack.schema import Column, folded


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. master and selector: None when only finished documents are there."""

    name: str
    year: int
    tables: tuple[TableView, ...]
    selector: Selector | None = None

    @property
    def master(self) -> Master | None:
        return self.selector.master if self.selector else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """figures: the pack's named figures, changed or not, (name, unit, before, after); the others only what differs."""

    before: Side
    after: Side
    figures: tuple[tuple[str, str, Decimal | None, Decimal | None], ...] = ()
    records: tuple[Difference, ...] = ()
    restated: tuple[Difference, ...] = ()
    texts: tuple[Difference, ...] = ()
    tables: tuple[Difference, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[tuple[str, tuple[Difference, ...]], ...]:
        return (("明细", self.records), ("上年数重述", self.restated), ("文字", self.texts), ("表", self.tables))

    @property
    def empty(self) -> bool:
        return not any(found for _, found in self.parts) and all(before == after for _, _, before, after in self.figures)


def compare(before: Side, after: Side, renames: Renames | None = None) -> Comparison:
    """All that differs. renames: codes and names that are known to have changed."""
    renames, notes = _with_units(before, after, renames or {})
    body_only = before.year != after.year or before.master is None or after.master is None
    tables = tuple(table_differences(before.tables, after.tables, body_only, renames))
    if before.selector is None or after.selector is None:
        return Comparison(before, after, tables=tables, notes=tuple(notes))
    if before.selector.pack.id != after.selector.pack.id:
        notes.append(f"两边的套表不同：{before.selector.pack.id}，{after.selector.pack.id}；表按表号、再按表名对应")
    records = [*_lines(before.selector.master, after.selector.master), *_records(before.selector, after.selector, renames)]
    restated = tuple(_restated(before.selector, after.selector, renames)) if after.year == before.year + 1 else ()
    return Comparison(before, after, tuple(_figures(before.selector, after.selector)), tuple(records), restated, tuple(_texts(before.selector, after.selector, renames)), tables, tuple(notes))


def _with_units(before: Side, after: Side, renames: Renames) -> tuple[Renames, list[str]]:
    """Units that have another code now: of the same name, or the only one on either side."""
    if before.master is None or after.master is None:
        return renames, []
    known = dict(renames.get("单位编码", {}))
    old = {c: u.text("单位名称") for c, u in before.master.units.items() if c not in known and c not in after.master.units}
    new = {c: u.text("单位名称") for c, u in after.master.units.items() if c not in known.values() and c not in before.master.units}
    by_name = {folded(name): code for code, name in new.items()}
    found = {code: by_name[folded(name)] for code, name in old.items() if folded(name) in by_name}
    if not found and len(before.master.units) == len(after.master.units) == len(old) == len(new) == 1:
        found = {next(iter(old)): next(iter(new))}
    notes = [f"{a} {old[a]} 现在是 {b} {new[b]}，当作同一个单位" for a, b in found.items()]
    return {**renames, "单位编码": {**known, **found}}, notes


def _figures(a: Selector, b: Selector) -> Iterator[tuple[str, str, Decimal | None, Decimal | None]]:
    old, new = facts(a), facts(b)
    for name in {**new, **old}:
        now, was = new.get(name), old.get(name)
        unit = (now or was).unit  # type: ignore[union-attr]  # one of them is there
        values = (was.now if was else None, now.now if now else None)
        if any(values):
            yield (name, unit, *values)


# --- records ------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Entry:
    """All records of one key on one side."""

    key: Key
    records: list[Record] = field(default_factory=list)

    def amount(self, measure: str) -> Decimal | None:
        found = [r.amounts[measure] for r in self.records if measure in r.amounts]
        return sum(found, ZERO) if found else None

    def text(self, name: str) -> str:
        return "；".join(sorted({r.text(name) for r in self.records} - {""}))

    def place(self, name: str) -> str:
        record = next((r for r in self.records if name in r.amounts or r.values.get(name) is not None), self.records[0])
        return str(record.at(name))


def _lines(a: Master, b: Master) -> Iterator[Difference]:
    """年度, dates and what else stands above the units."""
    for name in dict.fromkeys([*a.lines, *b.lines]):
        old, new = (Record(m.lines, {}, Place(m.file)).text(name) or None for m in (a, b))
        if old != new:
            yield Difference("单位信息", Kind.CHANGED, name, "", old, new, "", (str(a.line_places.get(name, "")), str(b.line_places.get(name, ""))))


def _records(a: Selector, b: Selector, renames: Renames) -> Iterator[Difference]:
    schema = b.pack.schema
    several = max(len(a.master.units), len(b.master.units)) > 1
    for dataset in schema.datasets:
        if dataset == "文字":
            continue
        sheets = [s for s in schema.sheets if s.dataset == dataset]
        columns = {c.name: c for s in sheets for c in s.columns if not c.measure and not c.ignore and not c.names}
        keys = _key_columns(dataset, columns, bool(schema.measures(dataset)), next((s.spread.into for s in sheets if s.spread), ""))
        old, new = (_entries(s.master, [x.name for x in sheets], keys, r) for s, r in ((a, renames), (b, {})))
        pairs = [_apart(old[k], new[k], list(columns)) for k in old if k in new]
        left, right = [old[k] for k in old if k not in new], [new[k] for k in new if k not in old]
        renamed, left, right = _renamed(left, right, keys, a, b)
        said = _Words(keys, several, a.pack, b.pack)
        others = [c for c in columns.values() if c.name not in keys]
        for was, now in pairs:
            yield from _changed(dataset, said(now.key), was, now, others, b, Kind.CHANGED)
        for was, now in renamed:
            n = next(i for i, (x, y) in enumerate(zip(was.key, now.key, strict=True)) if x != y)
            yield Difference(dataset, Kind.RENAMED, said(now.key), keys[n], said.one(n, was.key[n], a.pack), said.one(n, now.key[n], b.pack), "", (was.place(keys[n]), now.place(keys[n])))
            yield from _changed(dataset, said(now.key), was, now, others, b, Kind.CHANGED)
        for entry in left:
            yield from _alone(dataset, said(entry.key, old=True), entry, a, Kind.REMOVED)
        for entry in right:
            yield from _alone(dataset, said(entry.key), entry, b, Kind.ADDED)


def _key_columns(dataset: str, columns: Mapping[str, Column], measured: bool, spread: str) -> list[str]:
    """What makes a record this one and no other: its own key, else its codes, choices and the names it must have."""
    if any(c.key for c in columns.values()):
        return [n for n, c in columns.items() if c.key or c.type == "单位"]
    coded = ("单位", "功能科目", "部门经济", "政府经济", "来源", "项目")
    keys = [n for n, c in columns.items() if c.type in coded or n == "子项" or (c.required and not c.numeric) or (c.type == "选项" and measured)]
    return [*keys, spread] if spread and spread not in keys else keys


def _entries(master: Master, sheets: Iterable[str], keys: Sequence[str], renames: Renames) -> dict[Key, _Entry]:
    found: dict[Key, _Entry] = {}
    own = master.main.text("单位编码")
    for sheet in sheets:
        for record in master.typed.get(sheet, ()):
            values = [record.text(k) or (own if k == "单位编码" and len(master.units) == 1 else "") for k in keys]
            key = tuple(renames.get(k, {}).get(v, v) for k, v in zip(keys, values, strict=True))
            found.setdefault(key, _Entry(key)).records.append(record)
    return found


def _apart(was: _Entry, now: _Entry, columns: Sequence[str]) -> tuple[_Entry, _Entry]:
    """Several records of one key: those that are the same on both sides are set aside, and what is left is compared."""
    if len(was.records) == len(now.records) == 1:
        return was, now
    left, right = list(was.records), []
    words = [(tuple(r.text(c) for c in columns), r.amounts) for r in left]
    for record in now.records:
        own = (tuple(record.text(c) for c in columns), record.amounts)
        if own in words:
            del left[words.index(own)]
            words.remove(own)
        else:
            right.append(record)
    if not left or not right:  # only more or fewer of the same: the sums tell it
        return was, now
    return _Entry(was.key, left), _Entry(now.key, right)


@dataclass(frozen=True, slots=True)
class _Words:
    """A key in words: 2010301 行政运行，30101 基本工资. several: there is more than one unit to tell apart."""

    keys: Sequence[str]
    several: bool
    old: Pack
    new: Pack

    def __call__(self, key: Key, old: bool = False) -> str:
        pack = self.old if old else self.new
        return "，".join(dict.fromkeys(filter(None, (self.one(n, v, pack) for n, v in enumerate(key) if self.several or self.keys[n] != "单位编码" or len(key) == 1))))

    def one(self, n: int, value: str, pack: Pack) -> str:
        return f"{value} {name}" if (name := _name_of(self.keys[n], value, pack)) else value


def _name_of(field_: str, value: str, pack: Pack) -> str:
    codes = {"功能科目编码": pack.functional, "部门经济编码": pack.department, "政府经济编码": pack.government}.get(field_)
    return codes.name(value) if codes and value else ""


def _renamed(left: list[_Entry], right: list[_Entry], keys: Sequence[str], a: Selector, b: Selector) -> tuple[list[tuple[_Entry, _Entry]], list[_Entry], list[_Entry]]:
    """Pairs that differ in one part of the key only, and in that part look like the same thing renamed."""
    candidates: list[tuple[float, int, int, int]] = []
    by_rest: dict[tuple[int, Key], list[int]] = {}
    for j, entry in enumerate(right):
        for n in range(len(keys)):
            by_rest.setdefault((n, (*entry.key[:n], *entry.key[n + 1 :])), []).append(j)
    for i, entry in enumerate(left):
        for n in range(len(keys)):
            for j in by_rest.get((n, (*entry.key[:n], *entry.key[n + 1 :])), ()):
                likeness = _likeness(keys[n], entry, right[j], n, a, b)
                if likeness:
                    candidates.append((-likeness, i, j, n))
    pairs: dict[int, int] = {}
    for _, i, j, _ in sorted(candidates):
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    taken = set(pairs.values())
    return [(left[i], right[j]) for i, j in sorted(pairs.items())], [e for i, e in enumerate(left) if i not in pairs], [e for j, e in enumerate(right) if j not in taken]


def _likeness(field_: str, was: _Entry, now: _Entry, n: int, a: Selector, b: Selector) -> float:
    """0 when one is not the other renamed: codes of one name, names much alike, or the very same amounts."""
    old, new = was.key[n], now.key[n]
    same = [m for r in was.records for m, v in r.amounts.items() if v and was.amount(m) == now.amount(m)]
    score = 2.0 if same else 0.0
    names = _name_of(field_, old, a.pack), _name_of(field_, new, b.pack)
    if names[0] and folded(names[0]) == folded(names[1]):
        return score + 3
    if field_.endswith("编码"):
        return score
    alike = difflib.SequenceMatcher(None, old, new).ratio() if old and new else 0.0
    return score + alike if alike >= ALIKE or same else 0.0


def _changed(dataset: str, what: str, was: _Entry, now: _Entry, others: Iterable[Column], selector: Selector, kind: Kind) -> Iterator[Difference]:
    for measure, column in selector.pack.schema.measures(dataset).items():
        old, new = was.amount(measure), now.amount(measure)
        if old != new:
            yield Difference(dataset, kind, what, _measure_name(measure, column), old, new, "元" if selector.is_money(dataset, measure) else "", (was.place(measure), now.place(measure)))
    for column in others:
        old_text, new_text = was.text(column.name), now.text(column.name)
        if old_text != new_text:
            yield Difference(dataset, kind, what, column.name, old_text or None, new_text or None, "", (was.place(column.name), now.place(column.name)))
    if len(was.records) != len(now.records) and all(was.amount(m) == now.amount(m) for m in selector.pack.schema.measures(dataset)):
        yield Difference(dataset, kind, what, "行数", Decimal(len(was.records)), Decimal(len(now.records)), "行", (was.place(""), now.place("")))


def _measure_name(measure: str, column: Column | None) -> str:
    return column.name if column is not None else f"{measure}预算数"


def _alone(dataset: str, what: str, entry: _Entry, selector: Selector, kind: Kind) -> Iterator[Difference]:
    """A record without a partner: its amounts, or just that it is there."""
    measures = [(m, c) for m, c in selector.pack.schema.measures(dataset).items() if entry.amount(m) is not None]
    gone = kind is Kind.REMOVED
    for measure, column in measures:
        amount, place = entry.amount(measure), entry.place(measure)
        unit = "元" if selector.is_money(dataset, measure) else ""
        yield Difference(dataset, kind, what, _measure_name(measure, column), amount if gone else None, None if gone else amount, unit, (place, "") if gone else ("", place))
    if not measures:
        words, place = "有", entry.place("")
        yield Difference(dataset, kind, what, "", words if gone else None, None if gone else words, "", (place, "") if gone else ("", place))


# --- last year's figures, told again --------------------------------------------------------------------------------------


def _restated(a: Selector, b: Selector, renames: Renames) -> Iterator[Difference]:
    """Where the later workbook's 上年数 are not what the earlier one had as this year's, as finely as both say."""
    for dataset, fields in (("收入", ("单位编码", "收入来源")), ("支出", ("单位编码", "支出类型", "项目名称")), ("支出", ("单位编码", "支出类型", "部门经济编码"))):
        if not b.given(dataset, "上年"):
            continue
        old, new = _sums(a.master, dataset, "本年", fields, renames), _sums(b.master, dataset, "上年", fields, {})
        if fields[-1] == "项目名称":
            old, new = ({k: v for k, v in sums.items() if k[-1]} for sums in (old, new))
        elif dataset == "支出":
            old, new = ({k: v for k, v in sums.items() if "项目" not in k[1]} for sums in (old, new))
        for key in dict.fromkeys([*old, *new]):
            if old.get(key, ZERO) != new.get(key, ZERO):
                what = "，".join(filter(None, (f"{k} {b.pack.department.name(k)}" if f == "部门经济编码" else k for f, k in zip(fields, key, strict=True))))
                yield Difference(f"{dataset}·上年数", Kind.CHANGED, what, f"{a.master.year} 年", old.get(key), new.get(key), "元")


def _sums(master: Master, dataset: str, measure: str, fields: Sequence[str], renames: Renames) -> dict[Key, Decimal]:
    """By these fields; economic items by class, because last year's are often known no finer."""
    found: dict[Key, Decimal] = {}
    for record in master.records(dataset):
        amount = record.amounts.get(measure)
        if amount:
            values = (record.text(f)[:3] if f == "部门经济编码" else record.text(f) for f in fields)
            key = tuple(renames.get(f, {}).get(v, v) for f, v in zip(fields, values, strict=True))
            found[key] = found.get(key, ZERO) + amount
    return found


# --- texts --------------------------------------------------------------------------------------------------------------


def _texts(a: Selector, b: Selector, renames: Renames) -> Iterator[Difference]:
    old, new = _texts_of(a.master, renames), _texts_of(b.master, {})
    several = max(len(a.master.units), len(b.master.units)) > 1
    for key in dict.fromkeys([*old, *new]):
        was, now = old.get(key), new.get(key)
        words = (was[0] if was else "", now[0] if now else "")
        if words[0] != words[1]:
            kind = Kind.ADDED if not words[0] else Kind.REMOVED if not words[1] else Kind.CHANGED
            yield Difference("文字", kind, key[1], key[0] if several else "", words[0] or None, words[1] or None, "", (str(was[1]) if was else "", str(now[1]) if now else ""))


def _texts_of(master: Master, renames: Renames) -> dict[tuple[str, str], tuple[str, Place]]:
    codes = renames.get("单位编码", {})
    return {(codes.get(unit or master.main.text("单位编码"), unit or master.main.text("单位编码")), name): value for (unit, name), value in master.texts.items()}
