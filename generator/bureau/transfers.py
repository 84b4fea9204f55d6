"""Internal transfers: money that one unit spends and another receives, counted once in the whole.

For each transfer of x, in 元, this year's and last year's alike:

1. the payer's expenditure loses x, at the lines the table names, first come first taken;
2. the receiver's income from that source loses x;
3. what the receiver spends out of that source, x of it, is shown under the source the payer used;
4. x of the payer's income of that source is shown with the receiver, who spends it.

So income and expenditure of the whole each lose x, and every unit and source stays in balance: the result can be checked and
built like any other. Each step is listed with the cell it changed; nothing is taken that was not there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path

from generator.bind.bind import bound_rows
from generator.model.amount import show
from generator.model.master import Record
from generator.model.problem import DataError, Place, Problems
from generator.pack.library import Library, templates_folder
from generator.pack.pack import Pack
from generator.pack.schema import Schema, folded, load_schema
from generator.read import RawWorkbook, read_workbook

ZERO = Decimal(0)
SHEET = "内部往来"
TAKEN_SHEET = "抵销清单"
TAKEN_HEADING = ("序号", "往来表", "单位编码", "做法", "科目、项目、来源", "年度", "增减（元）", "原来的格")
MEASURES = {"本年": "本年预算数", "上年": "上年预算数"}
WHICH = ("支出类型", "功能科目编码", "部门经济编码", "项目名称", "资金来源")  # how the table says which spending of the payer is meant


@dataclass(frozen=True, slots=True)
class Taken:
    """One change. number: of the transfer; change: in 元, below zero for what was taken away; place: the cell it was in."""

    number: int
    transfer: Place
    unit: str
    what: str
    about: str
    dataset: str
    measure: str
    change: Decimal
    place: Place

    def row(self) -> tuple[object, ...]:
        return (self.number, str(self.transfer), self.unit, self.what, self.about, MEASURES[self.measure], self.change, str(self.place))


@cache
def _schema() -> Schema:
    return load_schema(Library(templates_folder()).shared("transfers.yaml"))


@cache
def _names() -> frozenset[str]:
    """What a sheet of transfers may be called."""
    return frozenset(folded(n) for n in (SHEET, *_schema().sheet(SHEET).aliases))


def of_transfers(raw: RawWorkbook) -> RawWorkbook:
    """A workbook's sheets of transfers, without the rest of it."""
    return RawWorkbook(raw.file, [s for s in raw.sheets if folded(s.name) in _names()], raw.properties)


def transfers_in(raws: Sequence[RawWorkbook], table: Path | None, pack: Pack, units: Mapping[str, str]) -> list[Record]:
    """The lines of the sheets 内部往来 in the masters themselves, and of a table of its own. units: name or code → code. DataError when they cannot be read."""
    schema, names = _schema(), _names()
    problems = Problems()
    reading = replace(pack, schema=schema)
    found: list[Record] = []
    if table is not None:
        raw = read_workbook(table)
        if not any(folded(s.name) in names for s in raw.sheets) and raw.sheets:
            raw = RawWorkbook(raw.file, [replace(raw.sheets[0], name=SHEET)], {})  # one sheet, whatever it is called
        rows = bound_rows(raw, reading, SHEET, units, problems)
        if not rows and not problems.errors:
            heads = "、".join(c.name for c in schema.sheet(SHEET).columns if c.required)
            problems.error(Place(raw.file), f"没有读到内部往来；表头至少要有：{heads}", "见 docs/全年流程.md 的样子", "内部往来")
        found += rows
    for raw in raws:
        if any(folded(s.name) in names for s in raw.sheets):
            found += bound_rows(raw, reading, SHEET, units, problems)
    if problems.errors:
        raise DataError(*problems.sorted())
    return found


def eliminated(typed: dict[str, list[Record]], transfers: Sequence[Record]) -> list[Taken]:
    """Takes the transfers out of `typed` (sheet → records as typed), in place, and lists what was done. DataError when one does not fit."""
    work = _Elimination(typed)
    for number, transfer in enumerate(transfers, 1):
        work.one(number, transfer)
    if work.problems.errors:
        raise DataError(*work.problems.found)
    for sheet in (*work.spending, "收入"):
        typed[sheet] = [r for r in typed[sheet] if r.amounts]  # taken away whole
    return work.taken


class _Elimination:
    def __init__(self, typed: dict[str, list[Record]]) -> None:
        self.typed, self.problems = typed, Problems()
        self.taken: list[Taken] = []
        self.spending = [s for s, records in typed.items() if s != "收入" and any("部门经济编码" in r.values and r.amounts for r in records) and _is_spending(s, records)]

    def one(self, number: int, transfer: Record) -> None:
        payer, receiver = transfer.text("付款单位编码"), transfer.text("收款单位编码")
        which = {k: transfer.text(k) for k in WHICH if transfer.text(k)}
        if payer == receiver:
            return self.problems.error(transfer.at("收款单位编码"), f"付款单位和收款单位都是 {payer}", "内部往来是两个单位之间的", "内部往来")
        if not set(which) - {"资金来源"}:
            return self.problems.error(transfer.at("支出类型"), "没有说明是付款单位的哪一笔支出", "支出类型、功能科目、部门经济、项目至少写一项", "内部往来")
        if not any(transfer.amounts.values()):
            return self.problems.error(transfer.at("本年"), "没有填金额", "填本年预算数或上年预算数", "内部往来")
        source = transfer.text("收入来源")
        for measure, amount in transfer.amounts.items():
            sides = (
                (f"付款单位 {payer} 符合这一行的支出", self._spending(payer, which, measure)),
                (f"收款单位 {receiver} 的“{source}”收入", self._income(receiver, source, measure)),
                (f"收款单位 {receiver} 用“{source}”安排的支出", self._spending(receiver, {"资金来源": source}, measure)),
            )
            for what, at in sides:
                has = sum((self.typed[s][i].amounts[measure] for s, i in at), ZERO)
                if has < amount:
                    self.problems.error(transfer.at(measure), f"{what}只有 {show(has)}，不够抵销 {show(amount)}", "核对金额、单位和科目；两边要对得上", "内部往来")
            if self.problems.errors:
                continue
            self._eliminate(number, transfer, payer, receiver, which, source, measure, amount)
        return None

    def _eliminate(self, number: int, transfer: Record, payer: str, receiver: str, which: Mapping[str, str], source: str, measure: str, amount: Decimal) -> None:
        log = (number, transfer.place, measure)
        used: dict[str, Decimal] = {}
        for record, part in self._take(self._spending(payer, which, measure), measure, amount):
            used[record.text("资金来源")] = used.get(record.text("资金来源"), ZERO) + part
            self._tell(log, payer, "付款单位减支出", record, "支出", -part)
        for record, part in self._take(self._income(receiver, source, measure), measure, amount):
            self._tell(log, receiver, "收款单位减收入", record, "收入", -part)
        for own, part in used.items():
            income = self._income(payer, own, measure)
            if sum((self.typed[s][i].amounts[measure] for s, i in income), ZERO) < part:
                self.problems.error(transfer.at(measure), f"付款单位 {payer} 的“{own}”收入不到 {show(part)}，抵销不了", "核对付款单位的收入", "内部往来")
                continue
            for record, moved in self._take(income, measure, part):
                self._tell(log, payer, "这项收入转列收款单位", record, "收入", -moved)
                made = self._add("收入", record.with_(values={**record.values, "单位编码": receiver}), "收入来源", measure, moved)
                self._tell(log, receiver, "从付款单位转列的收入", made, "收入", moved, record.place)
            for sheet, record, moved in list(self._take_by_sheet(self._spending(receiver, {"资金来源": source}, measure), measure, part)):
                self._tell(log, receiver, "改列资金来源：减", record, "支出", -moved)
                made = self._add(sheet, record.with_(values={**record.values, "资金来源": own}), "资金来源", measure, moved)
                self._tell(log, receiver, "改列资金来源：增", made, "支出", moved, record.place)

    # --- finding and changing records -------------------------------------------------------------------------------

    def _spending(self, unit: str, which: Mapping[str, str], measure: str) -> list[tuple[str, int]]:
        def fits(record: Record) -> bool:
            return all(record.text(k).startswith(v) if k.endswith("编码") else record.text(k) == v for k, v in which.items())

        return [(s, i) for s in self.spending for i, r in enumerate(self.typed[s]) if r.text("单位编码") == unit and r.amounts.get(measure) and fits(r)]

    def _income(self, unit: str, source: str, measure: str) -> list[tuple[str, int]]:
        return [("收入", i) for i, r in enumerate(self.typed["收入"]) if r.text("单位编码") == unit and r.text("收入来源") == source and r.amounts.get(measure)]

    def _take(self, at: Sequence[tuple[str, int]], measure: str, amount: Decimal) -> Iterator[tuple[Record, Decimal]]:
        return ((record, part) for _, record, part in list(self._take_by_sheet(at, measure, amount)))

    def _take_by_sheet(self, at: Sequence[tuple[str, int]], measure: str, amount: Decimal) -> Iterator[tuple[str, Record, Decimal]]:
        """Takes `amount` from the records, in order; gives each as it was with what was taken."""
        for sheet, i in at:
            if not amount:
                return
            record = self.typed[sheet][i]
            part = min(record.amounts[measure], amount)
            amount -= part
            left = {k: v for k, v in record.amounts.items() if k != measure}
            if part < record.amounts[measure]:
                left[measure] = record.amounts[measure] - part
            self.typed[sheet][i] = record.with_(amounts=left)
            yield sheet, record, part

    def _add(self, sheet: str, like: Record, field: str, measure: str, amount: Decimal) -> Record:
        """Adds to the record that says the same, else a new one after `like`'s sheet's last."""
        key = {k: v for k, v in like.values.items() if k != "备注"}
        records = self.typed[sheet]
        for i, record in enumerate(records):
            if {k: v for k, v in record.values.items() if k != "备注"} == key:
                records[i] = record.with_(amounts={**record.amounts, measure: record.amounts.get(measure, ZERO) + amount})
                return record
        made = like.with_(values={**key, "备注": None}, amounts={measure: amount})
        records.append(made)
        return made

    def _tell(self, log: tuple[int, Place, str], unit: str, what: str, record: Record, dataset: str, change: Decimal, place: Place | None = None) -> None:
        number, transfer, measure = log
        words = (record.text("项目名称") or record.text("支出类型"), record.text("功能科目编码"), record.text("部门经济编码"), record.text("资金来源") or record.text("收入来源"))
        self.taken.append(Taken(number, transfer, unit, what, " ".join(filter(None, words)), dataset, measure, change, place or record.at(measure)))


def _is_spending(sheet: str, records: Sequence[Record]) -> bool:
    """The sheets of expenditure are those whose lines have a kind of expenditure."""
    return any("支出类型" in r.values for r in records)
