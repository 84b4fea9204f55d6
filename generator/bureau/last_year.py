"""Last year's masters: which of them is which unit now, and what of them goes into this year's blank.

Figures of last year become the comparison columns. What may go on (projects, indicators, staff, texts) is brought over on a
colour of its own, for the clerk to look at. Reasons for changes are last year's own and are only quoted beside the cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from generator.bind.bind import bind
from generator.bind.sheets import bind_one, words
from generator.bureau.collect import Aside, Seen, collect
from generator.bureau.identity import Identity, identity, master_schema
from generator.bureau.roster import ABOLISHED, Roster, RosterUnit
from generator.bureau.storage import Folder
from generator.model.master import Master, Record
from generator.model.problem import DataError, PackError, Problems
from generator.pack.pack import Pack
from generator.pack.schema import folded
from generator.read import read_workbook
from generator.render.blank import Carried, Row
from generator.run import get_pack

LONGEST_QUOTE = 400
Cells = dict[str | tuple[str, str], object]  # a line of a sheet while it is put together


@dataclass(frozen=True, slots=True)
class Before:
    """A unit as it was: a master of last year and the unit's code in it."""

    master: Master
    code: str

    @property
    def name(self) -> str:
        return self.master.units[self.code].text("单位名称")

    def records(self, dataset: str) -> list[Record]:
        return [r for r in self.master.records(dataset) if r.text("单位编码") == self.code]


@dataclass(frozen=True, slots=True)
class LastYear:
    """units: this year's code → what it was, several when merged. gone: units of last year that are none of this year's, told by the bureau or not."""

    units: Mapping[str, Sequence[Before]] = field(default_factory=dict)
    gone: Sequence[Before] = ()
    aside: Sequence[Aside] = ()


def read_last_year(folder: Path, roster: Roster, year: int) -> LastYear:
    """Every master below the folder, the newest of each unit, found again in this year's roster by the table 对照, by code, by name.

    What is not last year's or cannot be read is in `aside`; nothing is guessed.
    """
    place = Folder(str(folder))
    seen: list[Seen] = []
    raws = {}
    for entry in place.workbooks():
        try:
            raw = read_workbook(folder / entry.name)
            who = identity(raw)
            raws[entry.name] = raw
        except DataError as e:
            who = Identity(refusal=e.problems[0].message)
        if not who.refusal and who.year and int(who.year) != year - 1:
            who = Identity(refusal=f"年度是 {who.year}，要的是 {year - 1} 年的")
        seen.append(Seen(entry.name, entry.name, entry.time, who))
    found = collect(seen, None)
    aside = list(found.aside)
    units: dict[str, list[Before]] = defaultdict(list)
    gone: list[Before] = []
    for job in found.jobs:
        if job.refusal:
            aside.append(Aside(job.file.name, "分不清", job.refusal))
            continue
        try:
            master = bind(raws[job.file.name], get_pack(job.pack, (folder / job.file.name).resolve().parent), Problems())
        except (DataError, PackError) as e:
            aside.append(Aside(job.file.name, "读不出来", str(e).partition("\n")[0]))
            continue
        for code in master.units:
            now = _now(roster, code, master.units[code].text("单位名称"))
            if now:
                units[now].append(Before(master, code))
            else:
                gone.append(Before(master, code))
    return LastYear(units, gone, aside)


def roster_units(folder: Path, pack: Pack) -> list[RosterUnit]:
    """The units of the masters below a folder, by code, as a roster wants them; of several workbooks the newest."""
    seen: list[Seen] = []
    raws = {}
    for entry in Folder(str(folder)).workbooks():
        try:
            raws[entry.name] = read_workbook(folder / entry.name)
            seen.append(Seen(entry.name, entry.name, entry.time, identity(raws[entry.name])))
        except DataError:
            continue
    units: dict[str, RosterUnit] = {}
    for job in collect(seen, None).jobs:
        bound = bind_one(raws[job.file.name], master_schema().sheet("单位信息"))
        assert bound is not None  # it has an identity
        for row in range(bound.heading + 1, len(bound.raw.rows) + 1):
            values = {name: words(bound.raw.cell(row, n)) for name, n in bound.columns.items()}
            code = values.get("单位编码", "")
            if code and values.get("单位名称") and (code not in units or code == job.code):
                units[code] = RosterUnit(
                    code, values["单位名称"], values, "" if code == job.code else job.code, job.pack if job.pack != pack.id and job.year == pack.file.year else ""
                )  # last year's set is not this year's
    return sorted(units.values(), key=lambda u: u.code)


def _now(roster: Roster, code: str, name: str) -> str:
    """This year's code of a unit of last year; empty when there is none."""
    if code in roster.moved:
        return "" if roster.moved[code] == ABOLISHED else roster.moved[code]
    unit = roster.find(code, name)
    return unit.code if unit is not None else ""


def carried_rows(pack: Pack, unit: RosterUnit, before: Sequence[Before], sources: Mapping[str, str]) -> dict[str, list[Row]]:
    """Sheet → lines of this year's blank for a unit, amounts in 元. sources: last year's name of a source → this year's."""
    rows = _Carrying(pack, unit, before, sources).rows()
    return {sheet: lines for sheet, lines in rows.items() if lines}


@dataclass(slots=True)
class _Carrying:
    pack: Pack
    unit: RosterUnit
    before: Sequence[Before]
    sources: Mapping[str, str]

    def rows(self) -> dict[str, list[Row]]:
        return {
            "收入": self._income(),
            "上年数": self._basic(),
            "项目支出": self._projects(),
            "项目库": self._library(),
            "项目测算明细": self._costs(),
            "项目进度": [self._line(r, "项目名称", "实施内容") for r in self._of("进度") if self._goes_on(r)],
            "绩效目标": [
                self._line(r, "项目名称", "一级指标", "二级指标", "三级指标", "计算符号", "指标值", "计量单位", "备注", "指标值说明")
                for r in self._of("指标")
                if not r.text("项目名称") or self._goes_on(r)
            ],
            "人员情况": [self._line(r, "人员类别", "职级", 编制数=r.amounts.get("编制数"), 实有数=r.amounts.get("实有数")) for r in self._of("人员")],
            "政府采购": self._summed("采购", ("采购类型", "资金来源"), lambda key: {"采购项目名称": f"上年采购合计（{key[0]}）", "采购类型": key[0]}),
            "政府购买服务": self._summed("购买服务", ("购买服务项目", "资金来源"), lambda key: {"购买服务项目": key[0]}),
            "非税收入计划": [self._line(r, "收入项目", "非税类别") for r in self._of("非税")],
            "国有资产": [self._line(r, "资产类别", 现有数量=_sum(r.amounts.get("现有数量"), r.amounts.get("拟新增数量")), 上年年初金额=r.amounts.get("本年")) for r in self._of("资产")],
        }

    def _of(self, dataset: str) -> list[Record]:
        return [r for b in self.before for r in b.records(dataset)]

    def _goes_on(self, record: Record) -> bool:
        return folded(record.text("项目名称")) in self._going()

    def _going(self) -> dict[str, Record]:
        """Projects that had money last year and have not ended before its last day."""
        paid = {folded(r.text("项目名称")) for r in self._of("支出") if r.amounts.get("本年")}
        found: dict[str, Record] = {}
        for b in self.before:
            for r in b.records("项目"):
                end = r.values.get("结束日期")
                over = isinstance(end, date) and end < date(b.master.year, 12, 31)
                if folded(r.text("项目名称")) in paid and not over:
                    found.setdefault(folded(r.text("项目名称")), r)
        return found

    def _line(self, record: Record, *names: str, **numbers: Decimal | None) -> Row:
        row: Cells = {"单位编码": self.unit.code}
        row |= {name: Carried(value) for name in names if (value := record.values.get(name)) not in (None, "")}
        row |= {name: Carried(number) for name, number in numbers.items() if number is not None}
        return row

    def _source(self, name: str) -> str:
        """This year's name of a source; empty when this year's set has none like it."""
        wanted = folded(self.sources.get(name, name))
        return next((s.name for s in self.pack.sources.values() if not s.group and wanted in {folded(n) for n in (s.name, *s.aliases)}), "")

    def _with_source(self, source: str) -> Cells:
        now = self._source(source)
        return {"收入来源": Carried(now)} if now else {"备注": Carried(f"上年的来源是“{source}”，请从下拉里选今年的")}

    def _income(self) -> list[Row]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for r in self._of("收入"):
            sums[r.text("收入来源")] += r.amounts.get("本年", Decimal(0))
        return [{"单位编码": self.unit.code, **self._with_source(source), "上年预算数": Carried(amount)} for source, amount in sums.items() if amount]

    def _spent(self, source: str) -> Cells:
        return {("资金来源" if k == "收入来源" else k): v for k, v in self._with_source(source).items()}

    def _item(self, code: str, item: str) -> Cells:
        return {"子项": Carried(item)} if item and item in self.pack.file.sub_items.get(code, []) else {}

    def _basic(self) -> list[Row]:
        sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        for r in self._of("支出"):
            if r.text("支出类型") == "基本支出" and r.amounts.get("本年"):
                sums[tuple(r.text(n) for n in ("功能科目编码", "部门经济编码", "子项", "资金来源"))] += r.amounts["本年"]
        return [
            {"单位编码": self.unit.code, "功能科目编码": Carried(function), "部门经济编码": Carried(code), **self._item(code, item), **self._spent(source), "上年预算数": Carried(amount)}
            for (function, code, item, source), amount in sums.items()
        ]

    def _projects(self) -> list[Row]:
        names = ("项目名称", "支出类型", "功能科目编码", "部门经济编码", "子项", "资金来源", "拨款方式", "资金级次")
        sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
        for r in self._of("支出"):
            if r.text("支出类型") != "基本支出" and r.amounts.get("本年"):
                sums[tuple(r.text(n) for n in names)] += r.amounts["本年"]
        rows: list[Row] = []
        for key, amount in sums.items():
            values = dict(zip(names, key, strict=True))
            own: Cells = {n: Carried(values[n]) for n in ("项目名称", "支出类型", "功能科目编码", "部门经济编码") if values[n]}
            own |= {n: Carried(values[n]) for n in ("拨款方式", "资金级次") if self.pack.choice(n, values[n])}
            rows.append({"单位编码": self.unit.code, **own, **self._item(values["部门经济编码"], values["子项"]), **self._spent(values["资金来源"]), "上年预算数": Carried(amount)})
        return rows

    def _library(self) -> list[Row]:
        sheet = self.pack.schema.sheet("项目库")
        going_on = next((c.value for c in self.pack.choices("项目属性") if "新增" not in c.value), None)
        rows: list[Row] = []
        for r in self._going().values():
            row = dict(self._line(r, *(c.name for c in sheet.columns if c.name not in ("单位编码", "项目属性", "开始日期", "结束日期"))))
            row |= {n: Carried(v.value) for n in ("项目类别",) if isinstance(v := row.pop(n, None), Carried) and self.pack.choice(n, str(v.value))}
            if going_on:
                row["项目属性"] = Carried(going_on)
            end = r.values.get("结束日期")
            if isinstance(end, date) and end.year > self.before[0].master.year:
                row |= {n: Carried(r.values[n]) for n in ("开始日期", "结束日期") if r.values.get(n)}
            rows.append(row)
        return rows

    def _costs(self) -> list[Row]:
        return [self._line(r, "项目名称", "支出内容", "测算说明", 上年预算数=r.amounts.get("本年")) for r in self._of("测算") if self._goes_on(r)]

    def _summed(self, dataset: str, by: tuple[str, str], named: Callable[[tuple[str, str]], dict[str, str]]) -> list[Row]:
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for r in self._of(dataset):
            sums[r.text(by[0]), r.text(by[1])] += r.amounts.get("本年", Decimal(0))
        rows: list[Row] = []
        for key, amount in sums.items():
            if amount:
                row: Cells = {"单位编码": self.unit.code}
                row |= {k: Carried(v) for k, v in named(key).items()}
                rows.append(row | self._spent(key[1]) | {"上年预算数": Carried(amount)})
        return rows


def carried_texts(pack: Pack, before: Sequence[Before], several: str = "") -> list[Row]:
    """The lines of 文字说明: what may be said again in the cell, reasons for last year's changes only quoted in the hint. several: the unit's code when the workbook has more than one."""
    rows: list[Row] = []
    for text in pack.file.texts:
        said = [(b.name, b.master.text(text.name, b.code)) for b in before]
        said = [(name, words) for name, words in said if words]
        row: Cells = {"单位编码": several, "事项": text.name, "填写提示": text.hint}
        if said and not text.name.startswith("原因："):
            row["内容"] = Carried(said[0][1])
        quoted = said if text.name.startswith("原因：") else said[1:]
        if quoted:
            row["填写提示"] = "；".join([text.hint, *(f"上年{name if len(before) > 1 else ''}写的是：{words[:LONGEST_QUOTE]}" for name, words in quoted)]).lstrip("；")
        rows.append(row)
    return rows


def _sum(*amounts: Decimal | None) -> Decimal | None:
    known = [a for a in amounts if a is not None]
    return sum(known, Decimal(0)) if known else None
