"""A workbook as read, with its pack → the Master. All that is wrong is told in one run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from generator.bind.cells import UNLISTED, CellReader
from generator.bind.sheets import TOTAL_WORDS, BoundSheet, bind_sheets, find_line, is_blank, sheet_named, words
from generator.model.amount import YUAN_PER_UNIT, half_up, show
from generator.model.master import Master, Record, Value
from generator.model.problem import DataError, Level, Place, Problem, Problems
from generator.pack.pack import Pack
from generator.pack.schema import Column, folded, one_slip
from generator.pack.strict_yaml import suggestion
from generator.read import RawCell, RawSheet, RawWorkbook, to_amount
from generator.read.cells import as_cell

ZERO = Decimal(0)
MASTER_SHEET = "单位信息"
PACK_LINE = ("套表", "套表编号")
NEEDED = (MASTER_SHEET, "收入")  # without these there is nothing to disclose


def pack_id_of(raw: RawWorkbook) -> str:
    """The pack a workbook was made for, from its line 套表; empty when it says nothing."""
    found = find_line(raw.sheets, PACK_LINE)
    return words(found[0].cell(found[1], found[2])) if found else ""


def bind(raw: RawWorkbook, pack: Pack, problems: Problems) -> Master:
    """The facts of the workbook. Raises DataError when it is not a master workbook at all; all else goes to `problems`."""
    problems.sheet_order = {s.name: i for i, s in enumerate(raw.sheets)}
    if sheet_named(raw, pack.schema, MASTER_SHEET) is None and not pack_id_of(raw):
        message = f"不是主工作簿：没有工作表“{MASTER_SHEET}”"
        raise DataError(Problem(Level.ERROR, Place(raw.file), message, "请用财政局发的空白主工作簿（yusuan new 生成）填写"))
    sheets = bind_sheets(raw, pack, problems)
    _missing(raw, pack, sheets, problems)
    return _Binder(raw, pack, problems, sheets).bind()


def bound_rows(raw: RawWorkbook, pack: Pack, sheet: str, units: Mapping[str, str], problems: Problems) -> list[Record]:
    """The lines of one sheet of `pack.schema` in a workbook that is no master. units: every name of a unit → its code. Empty when the sheet is not there."""
    bound = bind_sheets(RawWorkbook(raw.file, [s for s in raw.sheets if folded(s.name) in {folded(n) for n in (sheet, *pack.schema.sheet(sheet).aliases)}], {}), pack, problems).get(sheet)
    if bound is None or not bound.heading:
        return []
    binder = _Binder(raw, pack, problems, {sheet: bound})
    for name, code in units.items():
        binder.reader.units.setdefault(name, code)
        binder.reader.units.setdefault(folded(name), code)
    return list(binder._records(bound))


def _missing(raw: RawWorkbook, pack: Pack, sheets: Mapping[str, BoundSheet], problems: Problems) -> None:
    for wanted in pack.schema.sheets:
        bound = sheets.get(wanted.name)
        if bound is None:
            if wanted.name in NEEDED:
                problems.error(Place(raw.file), f"缺工作表“{wanted.name}”", "从空白主工作簿里复制这张表过来", "表样")
            continue
        lost = [c.name for c in wanted.columns if c.required and c.name not in bound.columns]
        if wanted.spread and not bound.spread:
            lost.append("经济科目各列")
        if not bound.heading:
            if _holds_something(bound.raw):
                problems.error(bound.raw.place(0, 0), "找不到表头行", f"表头至少要有：{'、'.join(c.name for c in wanted.columns if c.required)}", "表样")
        elif lost:
            problems.error(bound.raw.place(bound.heading, 0), f"表头缺列：{'、'.join(lost)}", "按空白主工作簿补上列名；列的先后次序不限", "表样")


def _holds_something(sheet: RawSheet) -> bool:
    return any(sheet.cell(r, c).value is not None for r in range(1, min(len(sheet.rows), 60) + 1) for c in range(1, 12))


class _Binder:
    def __init__(self, raw: RawWorkbook, pack: Pack, problems: Problems, sheets: dict[str, BoundSheet]) -> None:
        self.raw, self.pack, self.problems, self.sheets = raw, pack, problems, sheets
        self.reader = CellReader(pack, problems, {})
        self.data: dict[str, list[Record]] = {d: [] for d in pack.schema.datasets}

    def bind(self) -> Master:
        lines = self._lines()
        spans: dict[str, tuple[str, int, int]] = {}
        for bound in self.sheets.values():  # schema order: 单位信息 first, the others refer to it
            if bound.schema.dataset and bound.heading:
                records = self.data[bound.schema.dataset]
                start = len(records)
                records += self._records(bound)
                spans[bound.schema.name] = (bound.schema.dataset, start, len(records))
                if bound.schema.dataset == "单位":
                    self._learn_units(bound)
        if not self.data["单位"] and MASTER_SHEET in self.sheets:
            self.problems.error(self.sheets[MASTER_SHEET].raw.place(0, 0), "没有填任何单位", "至少填一行：单位编码、单位名称、单位性质", "单位")
        self._check_projects()
        self._tell_coarse()
        year = lines.get("年度")
        master = Master(
            self.raw.file,
            self.pack.id,
            int(str(year)) if year else 0,
            lines,
            {},
            self._texts(),
        )
        typed = {sheet: tuple(self.data[dataset][start:end]) for sheet, (dataset, start, end) in spans.items()}
        data = {k: tuple(v) for k, v in self._joined().items()}
        places = {name: bound.raw.place(*at) for bound in self.sheets.values() for name, at in bound.lines.items()}
        return replace(master, data=data, unread=self._unread(), line_places=places, typed=typed)

    def _unread(self) -> dict[str, Place]:
        """The datasets with errors; a sheet that is missing but needed counts too."""
        datasets = {b.raw.name: b.schema.dataset for b in self.sheets.values()}
        unread: dict[str, Place] = {}
        for problem in self.problems.errors:
            if problem.rule != UNLISTED and (dataset := datasets.get(problem.place.sheet)):
                unread.setdefault(dataset, problem.place)
        for name in NEEDED:
            if name not in self.sheets:
                unread.setdefault(self.pack.schema.sheet(name).dataset, Place(self.raw.file, name))
        return unread

    # --- lines above the heading ------------------------------------------------------------------------------------

    def _lines(self) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for bound in self.sheets.values():
            for column in bound.schema.lines:
                at = bound.lines.get(column.name)
                value = None
                if at:
                    cell = bound.raw.cell(*at)
                    text = words(cell)
                    if "：" in text and folded(text.partition("：")[0]) in {folded(n) for n in (column.name, *column.aliases)}:
                        cell = RawCell(text.partition("：")[2], cell.kind, cell.formula)
                    value = self.reader.read(column, cell, bound.raw.place(*at))
                if column.required and value is None:
                    place = bound.raw.place(*at) if at else bound.raw.place(0, 0)
                    if not any(p.place == place for p in self.problems.errors):
                        self.problems.error(place, f"没有填“{column.name}”", column.note, "必填")
                values[column.name] = value
        year = values.get("年度")
        if year and self.pack.file.year and str(year) != self.pack.file.year and MASTER_SHEET in self.sheets:
            at = self.sheets[MASTER_SHEET].lines.get("年度", (0, 0))
            self.problems.warn(
                self.sheets[MASTER_SHEET].raw.place(*at), f"年度是 {year}，套表“{self.pack.file.name or self.pack.id}”是 {self.pack.file.year} 年的", "核对年度，或向财政局要当年的套表", "年度"
            )
        return values

    def _unit_of(self, bound: BoundSheet) -> str:
        """The sheet's amount unit as typed; the schema's own when nothing is typed."""
        at = bound.lines.get("金额单位")
        text = words(bound.raw.cell(*at)) if at else ""
        text = text.partition("：")[2].strip() or text if "：" in text else text
        if not text:
            if bound.schema.amount_unit and at:
                self.problems.error(bound.raw.place(*at), "没有填金额单位", "填“元”或“万元”", "金额单位")
            return bound.schema.amount_unit or "元"
        if text not in YUAN_PER_UNIT:
            self.problems.error(bound.raw.place(*at) if at else bound.raw.place(0, 0), f"不认识金额单位“{text}”", f"只能填：{'、'.join(YUAN_PER_UNIT)}", "金额单位")
            return "元"
        return text

    # --- rows -------------------------------------------------------------------------------------------------------

    def _records(self, bound: BoundSheet) -> Iterator[Record]:
        sheet, schema = bound.raw, bound.schema
        unit = self._unit_of(bound) if schema.amount_unit else "元"
        labels = [(c, bound.columns[c.name]) for c in schema.columns if c.name in bound.columns and not c.measure and not c.ignore]
        measures = [(c, bound.columns[c.name]) for c in schema.columns if c.name in bound.columns and c.measure]
        merged = self._merged(bound)
        self._unknown_columns(bound)
        self._merged_amounts(bound, [n for _, n in measures] + list(bound.spread))
        required = [c for c in schema.columns if c.required and c.name in bound.columns]
        named = [c for c in schema.columns if c.names]
        chosen = {c.name: self.reader.default(c) for c in schema.columns if c.type == "选项" and c.name not in bound.columns}
        columns = {**bound.columns, **{c.measure: n for c, n in measures}}
        running: dict[int, Decimal] = {}
        told: dict[int, Decimal] = {}  # what stood in `running` at the last 小计
        known: dict[tuple[str, str], Value] = {}
        seen_rows = 0
        for row, line in enumerate(sheet.rows[bound.heading :], bound.heading + 1):
            filled = {n for n, cell in enumerate(line, 1) if cell != "" and not is_blank(cell)}
            cells = [(c, n) for c, n in measures if n in filled]
            wide = [n for n in bound.spread if n in filled]
            if not cells and not wide and not any(n in filled for _, n in labels):
                continue
            typed = [(column, merged.get((row, n), (row, n))) for column, n in labels] if merged else [(column, (row, n)) for column, n in labels]
            texts = [words(cell) for _, (r, n) in typed if (cell := sheet.rows[r - 1][n - 1]) != ""]
            if any(t.startswith("**") for t in texts):
                continue  # a line of column numbers pasted with the heading
            if any(folded(t) in TOTAL_WORDS for t in texts):
                self._compare_total(bound, row, running, told, unit)
                told = dict(running)
                continue
            values: dict[str, Value] = dict(schema.set)
            for column, at in typed:
                values[column.name] = self._read(known, column, sheet, at)
            values |= chosen
            self._required(bound, row, values, required, filled)
            self._names(bound, row, values, named)
            seen_rows += 1
            place = sheet.place(row, 0)
            if schema.spread is None:
                amounts = self._amounts(bound, row, cells, running, unit)
                if measures and not amounts and not any(c.required or c.open for c, _ in measures):
                    if not cells:
                        self.problems.hint(place, "这一行没有填数，没有读", "不要的行可以整行清空；确实是 0 就填 0", "空行")
                    continue
                yield Record(values, amounts, place, columns)
            else:
                for n in wide:
                    amount = self.reader.amount(None, sheet.value(row, n), sheet.place(row, n), unit)
                    if amount is None:
                        continue
                    running[n] = running.get(n, ZERO) + amount
                    code, item = bound.spread[n]
                    yield Record({**values, schema.spread.into: code, "子项": item or None}, {schema.spread.measure: amount}, place, {**bound.columns, schema.spread.measure: n, schema.spread.into: n})
                self._compare_row_total(bound, row, wide, unit)
            if row in sheet.hidden_rows:
                self.problems.hint(place, "这一行是隐藏行，里面的数已经读入", "不要的数请删除，不要隐藏", "隐藏")
        self._hidden_columns(bound, seen_rows)

    def _read(self, known: dict[tuple[str, str], Value], column: Column, sheet: RawSheet, at: tuple[int, int]) -> Value:
        """What a cell says. known: the texts of this sheet that nothing was to be said about; the same codes and names stand in line after line."""
        cell = sheet.rows[at[0] - 1][at[1] - 1]
        if type(cell) is not str:
            return self.reader.read(column, as_cell(cell), sheet.place(*at))
        key = (column.name, cell)
        if key not in known:
            told = len(self.problems.found)
            value = self.reader.read(column, as_cell(cell), sheet.place(*at))
            if len(self.problems.found) > told:
                return value
            known[key] = value
        return known[key]

    def _amounts(self, bound: BoundSheet, row: int, cells: list[tuple[Column, int]], running: dict[int, Decimal], unit: str) -> dict[str, Decimal]:
        amounts: dict[str, Decimal] = {}
        for column, n in cells:
            amount = self.reader.amount(column, bound.raw.value(row, n), bound.raw.place(row, n), unit)
            if amount is not None:
                amounts[column.measure] = amount
                running[n] = running.get(n, ZERO) + amount
        return amounts

    def _merged(self, bound: BoundSheet) -> dict[tuple[int, int], tuple[int, int]]:
        """Cells covered by a merge below the heading → its first cell."""
        covered = {}
        for top, left, bottom, right in bound.raw.merges:
            if top + 1 > bound.heading and (bottom - top + 1) * (right - left + 1) <= 100_000:
                for r in range(top + 1, min(bottom + 1, len(bound.raw.rows)) + 1):
                    for c in range(left + 1, right + 2):
                        covered[r, c] = (top + 1, left + 1)
        return covered

    def _merged_amounts(self, bound: BoundSheet, columns: list[int]) -> None:
        """An amount merged over several lines belongs to none of them for certain."""
        for top, left, bottom, right in bound.raw.merges:
            if bottom > top >= bound.heading and any(left < n <= right + 1 for n in columns) and not is_blank(bound.raw.cell(top + 1, left + 1)):
                self.problems.error(bound.raw.place(top + 1, left + 1), f"金额单元格跨第 {top + 1} 至 {bottom + 1} 行合并，分不清是哪一行的数", "取消合并，每行各填各的数", "合并单元格")

    def _required(self, bound: BoundSheet, row: int, values: dict[str, Value], columns: list[Column], filled: Collection[int]) -> None:
        for column in columns:
            if not column.measure and values.get(column.name) is None:
                place = bound.place(row, column.name)
                if not any(p.place == place for p in self.problems.errors):
                    self.problems.error(place, f"没有填“{column.name}”", column.note or "这一行填了别的内容，这一格也要填；不要的行请整行清空", "必填")
            elif column.measure and bound.columns[column.name] not in filled:
                self.problems.error(bound.place(row, column.name), f"没有填“{column.name}”", "没有金额的行请整行清空", "必填")

    def _names(self, bound: BoundSheet, row: int, values: dict[str, Value], columns: list[Column]) -> None:
        """A typed name beside a code is held against the code list."""
        for column in columns:
            code, name = values.get(column.names), values.get(column.name)
            if code and name:
                listed = self.pack.functional.get(str(code))
                if listed and folded(name) not in {folded(n) for n in (listed.name, *listed.aliases)}:
                    self.problems.warn(bound.place(row, column.name), f"功能科目{code}的名称应为“{listed.name}”，现为“{name}”", "核对是编码错了还是名称错了；公开表一律印标准名称", "科目")

    def _unknown_columns(self, bound: BoundSheet) -> None:
        """A column that nobody knows and that holds figures must not vanish."""
        known = {*bound.columns.values(), *bound.spread, *bound.totals}
        sheet = bound.raw
        for n in range(1, len(sheet.rows[bound.heading - 1]) + 1):
            head = words(sheet.cell(bound.heading, n))
            if n in known:
                continue
            numbers = [r for r in range(bound.heading + 1, len(sheet.rows) + 1) if not is_blank(sheet.cell(r, n)) and to_amount(sheet.cell(r, n)).value is not None]
            if not numbers:
                continue
            twice = next((c.name for c in bound.schema.columns if c.name in bound.columns and folded(head) in {folded(n) for n in (c.name, *c.aliases)}), "")
            if twice:  # which of the two is meant nobody can know
                first = bound.place(bound.heading, twice).cell
                self.problems.error(sheet.place(bound.heading, n), f"列“{head}”有两个，{first} 也是，这一列下面的 {len(numbers)} 个数没有读", "按空白主工作簿核对列名，写错的改正，多余的一列删除", "表样")
                continue
            near = suggestion(head, [c.name for c in bound.schema.columns]) if head else ""
            what = f"不认识列“{head}”" if head else "这一列没有列名"
            report = self.problems.error if bound.schema.spread else self.problems.warn
            report(sheet.place(bound.heading, n), f"{what}，下面有 {len(numbers)} 个数没有读", f"按空白主工作簿的列名改{near}；多余的列请删除", "表样")

    def _hidden_columns(self, bound: BoundSheet, rows: int) -> None:
        for name, n in bound.columns.items():
            if n in bound.raw.hidden_columns and rows:
                self.problems.hint(bound.raw.place(0, n), f"“{name}”是隐藏列，里面的内容已经读入", rule="隐藏")
        for n in bound.spread:
            if n in bound.raw.hidden_columns and any(not is_blank(bound.raw.cell(r, n)) for r in range(bound.heading + 1, len(bound.raw.rows) + 1)):
                self.problems.hint(bound.raw.place(0, n), "这一列是隐藏列，里面的数已经读入", rule="隐藏")

    # --- totals a clerk typed ---------------------------------------------------------------------------------------

    def _compare_total(self, bound: BoundSheet, row: int, running: dict[int, Decimal], told: dict[int, Decimal], unit: str) -> None:
        """A typed 合计 or 小计 is the sum of all lines above it, or of those since the last one."""
        for n, added in running.items():
            since = added - told.get(n, ZERO)
            cell = bound.raw.cell(row, n)
            typed = to_amount(cell)
            if typed.error and not is_blank(cell):
                self.problems.warn(bound.raw.place(row, n), f"合计行：{typed.error}", "合计行可以删掉，程序自己合计", "合计行")
            elif typed.value is not None:
                column = next((c for c in bound.schema.columns if c.measure and bound.columns.get(c.name) == n), None)
                if column is not None and column.type in ("整数", "数量"):
                    same, shown = typed.value in (added, since), f"{typed.value}，各行相加是 {added}"
                else:
                    unit_here = (column.unit if column else "") or unit
                    yuan = half_up(typed.value * YUAN_PER_UNIT[unit_here])
                    same, shown = yuan in (added, since), f"{show(yuan, unit_here)}，各行相加是 {show(added, unit_here)}"
                if not same:
                    self.problems.warn(bound.raw.place(row, n), f"合计行写的是 {shown}", "程序按各行相加；核对是哪一行错了", "合计行")

    def _compare_row_total(self, bound: BoundSheet, row: int, wide: list[int], unit: str) -> None:
        for n in bound.totals:
            typed = to_amount(bound.raw.cell(row, n))
            if typed.value is None:
                continue
            added = sum((to_amount(bound.raw.cell(row, k)).value or ZERO for k in wide), ZERO)
            if half_up(typed.value, 6) != half_up(added, 6):
                self.problems.warn(bound.raw.place(row, n), f"合计列写的是 {typed.value}，各列相加是 {added}", "程序按各列相加；核对是哪一格错了", "合计行")

    # --- what refers to what ----------------------------------------------------------------------------------------

    def _learn_units(self, bound: BoundSheet) -> None:
        seen: dict[str, int] = {}
        for record in self.data["单位"]:
            code = record.text("单位编码")
            if code in seen:
                self.problems.error(record.at("单位编码"), f"单位编码“{code}”重复，第{seen[code]}行已有", "一个单位一行", "单位")
                continue
            seen[code] = record.place.row
            for name in (code, record.text("单位名称"), record.text("单位简称")):
                if name:
                    self.reader.units.setdefault(name, code)
                    self.reader.units.setdefault(folded(name), code)

    def _check_projects(self) -> None:
        """Project names are one word everywhere: 项目库 has them, the other sheets refer to them."""
        known = {folded(r.text("项目名称")): r for r in self.data["项目"]}
        own = {(r.text("单位编码"), folded(r.text("项目名称"))): r for r in self.data["项目"]}  # units may spell one name in two ways
        names = [r.text("项目名称") for r in self.data["项目"]]
        told: set[str] = set()
        if any(b.schema.dataset == "项目" and b.heading and "项目名称" not in b.columns for b in self.sheets.values()):
            told = {r.text("项目名称") for records in self.data.values() for r in records}  # the lost column is the one thing to say
        for dataset in ("支出", "测算", "进度", "指标", "采购", "购买服务"):
            for i, record in enumerate(self.data[dataset]):
                name = record.text("项目名称")
                if dataset == "支出" and record.values.get("支出类型") == "项目支出" and not name:
                    self.problems.error(record.at("项目名称"), "项目支出没有填项目名称", "填项目名称；不是项目支出的，改“支出类型”", "项目")
                if not name:
                    continue
                entry = own.get((record.text("单位编码"), folded(name))) or known.get(folded(name))
                if entry is not None and entry.text("项目名称") != name:
                    self.data[dataset][i] = record.with_(values={**record.values, "项目名称": entry.text("项目名称")})
                elif entry is None and name not in told:
                    told.add(name)
                    if dataset == "支出" and any(one_slip(name, n) for n in names):
                        continue  # rule P10 says which name is meant
                    ended = dataset == "支出" and not any(r.amounts.get("本年") for r in self.data["支出"] if r.text("项目名称") == name)
                    report = self.problems.hint if ended else self.problems.warn if dataset == "支出" else self.problems.error
                    report(record.at("项目名称"), f"“项目库”里没有项目“{name}”", f"核对名称，或在“项目库”里加一行{suggestion(name, names)}" if not ended else "本年没有安排的项目可以不管", "项目")

    def _tell_coarse(self) -> None:
        """Money known only by its class is allowed and said, once a sheet."""
        coarse: dict[str, list[Record]] = {}
        for record in self.data["支出"]:
            if len(record.text("部门经济编码")) == 3 and record.amounts.get("本年"):
                coarse.setdefault(record.place.sheet, []).append(record)
        for records in coarse.values():
            first = records[0].at("部门经济编码")
            cells = "、".join(dict.fromkeys(r.at("部门经济编码").cell for r in records))
            codes = "、".join(f"{c} {self.pack.department.name(c)}" for c in dict.fromkeys(r.text("部门经济编码") for r in records))
            self.problems.hint(first, f"{cells} 的经济科目只到类（{codes}），按款列示的表只能印到类的合计", "知道款级的请填 5 位编码；不知道可以不改", "科目")

    def _texts(self) -> dict[tuple[str, str], tuple[str, Place]]:
        texts: dict[tuple[str, str], tuple[str, Place]] = {}
        for record in self.data["文字"]:
            name = record.text("事项")
            key = (record.text("单位编码") if len(set(self.reader.units.values())) > 1 else "", name)
            if key in texts and record.text("内容"):
                self.problems.error(record.at("事项"), f"事项“{name}”写了两次", "合成一行", "文字")
            texts[key] = (record.text("内容"), record.at("内容"))
        known = {t.name for t in self.pack.file.texts}
        for (_, name), (text, place) in texts.items():
            if known and text and name not in known and not re.match(r"(原因|用途)：", name):
                self.problems.hint(place, f"事项“{name}”说明书里用不到", f"核对事项名称{suggestion(name, list(known))}", "文字")
        return texts

    def _joined(self) -> dict[str, list[Record]]:
        """Every record with what other sheets and lists know of it: unit kind, budget, governmental class, project category."""
        units = {r.text("单位编码"): r for r in self.data["单位"]}
        projects = {(r.text("单位编码"), r.text("项目名称")): r for r in self.data["项目"]}
        joined = {}
        for dataset, records in self.data.items():
            if dataset in ("单位", "文字"):
                joined[dataset] = records
                continue
            out = []
            for record in records:
                extra: dict[str, Value] = {}
                if source := record.text("资金来源") or record.text("收入来源"):
                    extra |= {"资金来源": source, "资金性质": self.pack.nature(source)}
                if unit := units.get(record.text("单位编码")):
                    extra |= {k: unit.values.get(k) for k in ("单位性质", "主管部门编码", "归口")}
                if dataset != "项目" and (project := projects.get((record.text("单位编码"), record.text("项目名称")))):
                    extra |= {k: project.values.get(k) for k in ("项目类别", "项目属性")}
                if dataset == "支出":
                    extra["政府经济编码"] = self._government(record, units)
                out.append(record.with_(values={**record.values, **extra}))
            joined[dataset] = out
        joined["支出"] = self._adjusted(joined["支出"], joined["经济调整"])
        return joined

    def _government(self, record: Record, units: Mapping[str, Record]) -> str | None:
        """The governmental item of a departmental one, by the kind of unit (official mapping)."""
        unit = units.get(record.text("单位编码"))
        choice = self.pack.choice("单位性质", unit.text("单位性质")) if unit else None
        dept = record.text("部门经济编码")
        if not choice or not dept:
            return None
        gov = next((g for code in (dept, dept[:5], dept[:3]) if (g := self.pack.mapping.get((code, choice.kind)))), None)
        if gov is None:
            self.problems.error(record.at("部门经济编码"), f"部门经济科目 {dept} 没有对应的政府经济分类", "核对编码，或在“政府经济分类调整”里写明对应哪一个", "政府经济分类")
        return gov

    def _adjusted(self, records: list[Record], adjustments: list[Record]) -> list[Record]:
        """Exceptions to the mapping laid over it, whole or for a part of the money."""
        for adjustment in adjustments:
            gov, dept = adjustment.text("政府经济编码"), adjustment.text("部门经济编码")
            if not gov or not dept:
                continue
            wanted = {k: adjustment.text(k) for k in ("单位编码", "功能科目编码", "项目名称") if adjustment.text(k)}
            left = adjustment.amounts.get("本年")
            hit = False
            out: list[Record] = []
            for record in records:
                fits = record.text("部门经济编码").startswith(dept) and all(record.text(k).startswith(v) if k == "功能科目编码" else record.text(k) == v for k, v in wanted.items())
                has = record.amounts.get("本年", ZERO)
                if not fits or left == 0:
                    out.append(record)
                    continue
                hit = hit or left is None or has > 0
                if left is None or has <= left:
                    out.append(record.with_(values={**record.values, "政府经济编码": gov}))
                    left = None if left is None else left - has
                else:
                    out.append(record.with_(amounts={**record.amounts, "本年": has - left}))
                    out.append(record.with_(values={**record.values, "政府经济编码": gov}, amounts={"本年": left}))
                    left = ZERO
            records = out
            if not hit:
                self.problems.error(adjustment.place, f"没有可以调整的支出：部门经济 {dept}{''.join(f'、{v}' for v in wanted.values())}", "核对编码和条件，不再需要的调整请清空", "政府经济分类")
            elif left:
                self.problems.error(adjustment.at("本年"), f"调整金额比对应的支出多 {show(left)}", "核对调整金额", "政府经济分类")
        return records
