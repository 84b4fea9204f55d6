"""One cell as its column wants it: an amount in 元, a code, a choice, a date. What cannot be read is told with its cell."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from generator.bind.sheets import words
from generator.model.amount import CENT, YUAN_PER_UNIT, half_up, to_yuan
from generator.model.master import Value
from generator.model.problem import Place, Problems
from generator.pack.codes import CodeList
from generator.pack.pack import Pack
from generator.pack.schema import Column, folded
from generator.pack.strict_yaml import suggestion
from generator.read import CellKind, RawCell, to_amount, to_code, to_date, to_integer, to_year
from generator.read import Value as Typed
from generator.read.cells import as_cell

UNLISTED = "科目表"  # rule of a code that is in no list: it was read all the same, and what rests on it can be checked
MOST_LISTED = 8  # choices in a message; the drop-down has them all
LONGEST_TEXT = 20000  # a cell of Excel holds 32,767 characters; a paragraph of an explanation never comes near


@dataclass(slots=True)
class CellReader:
    """Reads the cells of one workbook; `units` are its units, by code and by every name they go by."""

    pack: Pack
    problems: Problems
    units: dict[str, str]

    def read(self, column: Column, cell: RawCell, place: Place) -> Value:
        """The value of a non-measure column; None for blank or unreadable (then a problem was told)."""
        if cell.kind in (CellKind.ERROR, CellKind.UNCALCULATED):
            self.problems.error(place, broken(cell), "改成正确的内容后保存", "单元格")
            return None
        match column.type:
            case "单位":
                return self._unit(cell, place)
            case "功能科目":
                return self._code(cell, place, self.pack.functional, "功能科目", (3, 5, 7))
            case "部门经济":
                return self._code(cell, place, self.pack.department, "部门经济科目", (3, 5, 7))
            case "政府经济":
                return self._code(cell, place, self.pack.government, "政府经济科目", (3, 5))
            case "来源":
                return self._source(cell, place)
            case "选项":
                return self._choice(column, cell, place)
            case "日期":
                return self._read_with(to_date(cell), place)
            case "年度":
                return self._read_with(to_year(cell), place)
        text = words(cell, lines=column.type == "长文")
        if len(text) > LONGEST_TEXT:
            self.problems.error(place, f"文字太长（{len(text)} 个字）", f"删到 {LONGEST_TEXT} 字以内", "单元格")
            return None
        return text or None

    def _read_with(self, read, place: Place) -> Value:
        if read.error:
            self.problems.error(place, *_said(read.error, "按 2022-01-05 的样子填写"), "单元格")
        elif read.note:
            self.problems.hint(place, read.note, rule="单元格")
        return read.value

    def amount(self, column: Column | None, cell: RawCell | Typed, place: Place, unit: str) -> Decimal | None:
        """A money cell in 元, or a count; None for blank or unreadable."""
        if column is not None and column.type in ("整数", "数量"):
            return self._count(column, cell, place)
        unit = (column.unit if column is not None else "") or unit
        read = to_amount(cell)
        if read.error:
            self.problems.error(place, *_said(read.error, "金额只填数字，例如 12966.90；单位写在“金额单位”里"), "金额")
            return None
        if read.value is None:
            return None
        if read.note and not (read.unit and read.unit != unit):
            self.problems.hint(place, read.note, rule="金额")
        if read.unit and read.unit != unit:
            self.problems.warn(place, f"单元格里写了“{read.unit}”，本表是“{unit}”，按“{read.unit}”读", "金额只填数字，单位以表头为准", "金额")
        yuan = to_yuan(read.value, read.unit if read.unit in YUAN_PER_UNIT else unit)
        if yuan < 0 and not (column is not None and column.signed):
            self.problems.error(place, f"金额是负数：{read.value}", "预算数不能小于 0；调减请直接填调整后的数", "金额")
            return None
        if yuan % CENT:
            if not as_cell(cell).formula:
                self.problems.error(place, f"金额 {read.value} {unit}精确到了分以下", "最多填到分（元后两位小数，万元后六位小数）", "金额")
                return None
            rounded = half_up(yuan)
            self.problems.warn(place, f"公式算出的金额有分以下的零头，按 {rounded} 元读", "公式外面加 ROUND(…,2)", "金额")
            yuan = rounded
        if yuan >= Decimal(10) ** 13:
            self.problems.error(place, f"金额 {read.value} {unit}大得不合理", f"本表单位是“{unit}”，核对有没有多填", "金额")
            return None
        return yuan

    def _count(self, column: Column, cell: RawCell | Typed, place: Place) -> Decimal | None:
        read = to_integer(cell) if column.type == "整数" else to_amount(cell)
        if read.error:
            self.problems.error(place, *_said(read.error, "只填数字；单位另有一列"), "数量")
            return None
        if read.value is None:
            return None
        if read.value < 0:
            self.problems.error(place, f"{column.name}是负数：{read.value}", "填 0 或正数", "数量")
            return None
        return Decimal(read.value)

    def _unit(self, cell: RawCell, place: Place) -> str | None:
        text = words(cell)
        if not text:
            return next(iter(dict.fromkeys(self.units.values()))) if len(set(self.units.values())) == 1 else None
        code = to_code(cell)
        for key in (text, code.value or "", folded(text)):
            if key in self.units:
                return self.units[key]
        stripped = (code.value or "").lstrip("0")
        close = {c for k, c in self.units.items() if stripped and k.isdigit() and k.lstrip("0") == stripped}
        if len(close) == 1:
            found = close.pop()
            self.problems.hint(place, f"单位编码“{text}”少了前面的 0，读作 {found}", rule="单位")
            return found
        if not any(self.units.values()):
            return code.value or text  # 单位信息 names no unit at all and says so; every line of the workbook would say it again
        known = "、".join(dict.fromkeys(self.units.values()))
        self.problems.error(place, f"“单位信息”里没有单位“{text}”", f"改成“单位信息”里有的单位编码：{known}", "单位")
        return None

    def _code(self, cell: RawCell, place: Place, codes: CodeList, what: str, lengths: tuple[int, ...]) -> str | None:
        read = to_code(cell)
        text = words(cell)
        if not text:
            return None
        code, name = read.value or "", read.name
        if not code:
            finest = max(len(c) for c in codes)
            named = [c.code for c in codes.values() if folded(text) in {folded(n) for n in (c.name, *c.aliases)} and len(c.code) == finest]
            if len(named) == 1:
                self.problems.hint(place, f"{what}写的是名称“{text}”，读作 {named[0]}", "最好填编码", "科目")
                return named[0]
            self.problems.error(place, f"“{text}”不是{what}编码", f"填 {' 或 '.join(map(str, lengths))} 位编码" + (f"，例如 {named[0]}" if named else ""), "科目")
            return None
        if len(code) not in lengths:
            self.problems.error(place, f"{what}编码“{code}”是 {len(code)} 位", f"应为 {'、'.join(map(str, lengths))} 位（类、款、项）", "科目")
            return None
        if code not in codes and not (len(code) == 7 and code[:5] in codes and what != "功能科目"):
            tell = self.problems.error if what.removesuffix("科目") in self.pack.file.complete_codes or what in self.pack.file.complete_codes else self.problems.warn
            near = [c for c in codes if len(c) == len(code) and sum(a != b for a, b in zip(c, code, strict=True)) == 1][:4]
            like = f"；只差一位的有：{'、'.join(f'{c} {codes[c].name}' for c in near)}" if near else ""
            tell(place, f"科目表里没有{what}“{code}”{f' {name}' if name else ''}", f"核对编码；确实是新科目，请财政局补进科目表{like}", UNLISTED)
        elif name and folded(name) not in {folded(n) for n in (codes[code].name, *codes[code].aliases)}:
            self.problems.warn(place, f"{what}{code}的名称应为“{codes[code].name}”，现为“{name}”", "核对是编码错了还是名称错了", "科目")
        return code

    def _source(self, cell: RawCell, place: Place) -> str | None:
        text = words(cell)
        if not text:
            return None
        sources = self.pack.sources
        wanted = folded(text)
        match = next((s for s in sources.values() if wanted in {folded(n) for n in (s.name, *s.aliases)}), None)
        if match is None:
            typed = [s.name for s in sources.values() if not s.group]
            near = suggestion(text, typed).lstrip("；")
            others = f"{'、'.join(typed[:MOST_LISTED])} 等 {len(typed)} 种" if len(typed) > MOST_LISTED else "、".join(typed)
            self.problems.error(place, f"没有资金来源“{text}”", f"{near}从下拉列表里选：{others}", "资金来源")
            return None
        if match.group:
            inside = [s.name for s in sources.values() if s.under == match.name]
            self.problems.error(place, f"“{match.name}”是汇总项，不能直接填", f"填它下面的一项：{'、'.join(inside)}", "资金来源")
            return None
        return match.name

    def default(self, column: Column) -> str | None:
        """What an empty choice means: the schema's word, else the pack's."""
        return column.blank or self.pack.file.defaults.get(column.choice_list or column.name) or None

    def _choice(self, column: Column, cell: RawCell, place: Place) -> str | None:
        text = words(cell)
        name = column.choice_list or column.name
        if not text:
            return self.default(column)
        if column.choices:
            match = next((c for c in column.choices if folded(c) == folded(text)), None)
            allowed = list(column.choices)
        else:
            allowed = [c.value for c in self.pack.choices(name)]
            wanted = folded(text)
            match = next((c.value for c in self.pack.choices(name) if text in (c.value, c.code, *c.aliases) or wanted in {folded(v) for v in (c.value, *c.aliases)} - {""}), None)
        if match is None:
            self.problems.error(place, f"{column.name}不能是“{text}”", f"只能填：{'、'.join(allowed)}{suggestion(text, allowed)}", "选项")
        return match


def _said(error: str, otherwise: str) -> tuple[str, str]:
    """What is wrong and how to mend it: the reader's own advice when it gives one."""
    message, _, advice = error.partition("，请")
    return message, advice or otherwise


def broken(cell: RawCell) -> str:
    """What is wrong with an error cell or a formula that was never calculated."""
    if cell.kind is CellKind.ERROR:
        return f"单元格是错误值 {cell.value}"
    return "公式没有算出结果，请用 WPS 或 Excel 打开后保存一次"
