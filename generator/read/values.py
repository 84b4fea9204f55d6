"""Cells → amounts, texts, codes, dates. What is certain is repaired and noted; the rest is an error, never a silent 0.

Every function gives the value and what to tell the clerk, without the place, which the caller knows:

- `value` None (for a text "") with no `error`: the cell is blank, or says so (`—`, `无`). Blank is not zero.
- `note`: repaired with certainty: 文本“１，２３４.５０ ”读作 1234.50.
- `error`: cannot be read, and what to do. `value` is None (a text: "") then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Generic, TypeVar

import msgspec

from generator.read.cells import CellKind, RawCell, Value, as_cell
from generator.read.serial import from_serial

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """A value read from a cell, with a note or an error."""

    value: T | None
    note: str = ""
    error: str = ""


class Amount(msgspec.Struct, frozen=True):
    """An amount, exact, in the unit of its column. unit: the unit typed behind the number (元, 万元 …), which the caller
    must hold against the column's; "" when none is."""

    value: Decimal | None
    note: str = ""
    error: str = ""
    unit: str = ""


_NO_AMOUNT = Amount(None)


class Text(msgspec.Struct, frozen=True):
    """A text; "" when blank."""

    value: str
    note: str = ""
    error: str = ""


class Code(msgspec.Struct, frozen=True):
    """A code, always text, and the name that stood with it in the cell ("" when none)."""

    value: str | None
    name: str = ""
    note: str = ""
    error: str = ""


LONGEST_TEXT = 32_767
"""Characters that a cell of Excel holds."""
LONGEST_ENTRY = 200
"""Characters of a number, code or date that are looked at; the searches below would take long over a whole essay."""
LARGEST = Decimal(10) ** 15
"""Excel keeps 15 digits, so a number from here on is no longer the one that was typed."""
_NOISE = Decimal("1E-9")  # 5.7E-14 left over by a formula where people mean 0; a hundredth of a 分 in 万元 is 1E-8

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: ord("¥"), 0xFFE0: ord("¢")}
_BLANK = re.compile("[\t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# Zero-width, direction marks, soft hyphen, byte order mark; then what XML 1.0 (2.2) forbids in a document.
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_ILLEGAL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_BREAKS = dict.fromkeys(map(ord, "\r\x0b\x0c\x85\u2028\u2029"), "\n")
_SAYS_BLANK = re.compile(r"[-‐‑‒–—―−─━_]+|/|无|\.{3,}|…+")

_NUMBER = re.compile(r"\d+(?:,\d+)*(?:\.\d*)?|\.\d+")
_TO_ADD = re.compile(r"\d[\d,.]*(?:\s*[+*×]\s*\d[\d,.]*)+")  # 12-34 and 12/34 may be anything
_PLAIN = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d*)?|\.\d+")
_SCIENTIFIC = re.compile(r"\d+(?:\.\d*)?[eE][-+]?\d{1,2}")
_SIGNED = re.compile(r"(?P<sign>[-+−–]?) ?(?P<currency>(?:¥|RMB|CNY|人民币)?) ?(?P<inner>[-+−–]?)(?P<digits>[\d.,eE+-]*\d[\d.,]*?)(?P<trailing> ?[-−–]?)")
_UNIT = re.compile(r"(?P<number>.*?)\s*(?P<unit>亿元|千元|万元|元|万|亿)", re.DOTALL)
_COUNTER = re.compile(r"(?P<number>.*\d)\s*(?:人|名|个|辆|台|套|件|项|户|次|批|平方米)", re.DOTALL)

_CODE_FIRST = re.compile(r"[\[(【〔]?\s*(?P<code>\d[0-9A-Za-z]*)(?P<zeros>\.0+)?\s*[\])】〕]?(?P<rest>.*)", re.DOTALL)
_CODE_LAST = re.compile(r"(?P<rest>\D.*?)\s*[\[(【〔]\s*(?P<code>\d+)\s*[\])】〕]", re.DOTALL)
_CODE_IN_LEVELS = re.compile(r"\d{3}([-. ])\d{2}(?:\1\d{2})?")
_NAME_SEPARATOR = "-－—–_:：、.．/／\\| \u3000\u00a0\t\n"
_HAS_LETTER = re.compile(r"[^\W\d_]")

_DATE = re.compile(r"(\d{4})\s*(?:年|[-./])\s*(\d{1,2})\s*(?:月|[-./])\s*(\d{1,2})\s*日?(?:[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_DATE_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
_YEAR = re.compile(r"(\d{4})\s*(?:年度?)?")
_YEARS = range(1949, 2101)
_SERIAL_DAYS = range(32_874, 73_051)  # 1990-01-01 to 2100-01-01 as Excel counts days

_CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def to_amount(cell: RawCell | Value) -> Amount:
    """The number in an amount cell, exact through Excel's 15 digits, so 0.1+0.2 is 0.3.

    Repaired with a note: numbers kept as text, full-width characters, 1,234.50, ¥, (123.45) and 123.45- for negative ones.
    Refused: percentages, dates, TRUE, errors, uncalculated formulas, 1,29, two numbers in one cell, anything else.

    >>> to_amount(0.1 + 0.2).value, to_amount("１，２３４.５０ ").note, to_amount("12万元").unit, to_amount("—").value
    (Decimal('0.3'), '文本“１，２３４.５０ ”读作 1234.50', '万元', None)
    """
    # Nearly all cells are plain numbers or blank; a master has 100 000 of them.
    if type(cell) is float:
        if 1e-8 < abs(cell) < 1e14:  # well inside _NOISE and LARGEST
            return Amount(Decimal(f"{cell:.15g}"))
    elif cell == "" or cell is None:
        return _NO_AMOUNT
    return _number(as_cell(cell), "金额")


def to_integer(cell: RawCell | Value) -> Reading[int]:
    """A count: a whole number, read like an amount; `12人` gives 12 with a note.

    >>> to_integer(3.0).value, to_integer("3.5").error
    (3, '不是整数：“3.5”')
    """
    cell = as_cell(cell)
    typed = _entry(cell.value) if cell.kind is CellKind.TEXT and isinstance(cell.value, str) else ""
    counted = _COUNTER.fullmatch(typed) if len(typed) <= LONGEST_ENTRY else None
    found = _number(as_cell(counted["number"]) if counted else cell, "数目")
    if found.error or found.unit:
        return Reading(None, error=found.error if not counted and found.error else f"不是数目：{_quoted(cell.value)}")
    if found.value is None:
        return Reading(None)
    if found.value != found.value.to_integral_value():
        return Reading(None, error=f"不是整数：{_quoted(cell.value)}")
    value = int(found.value)
    return Reading(value, f"文本{_quoted(cell.value)}读作 {value}" if counted else found.note)


def to_text(cell: RawCell | Value, lines: bool = False) -> Text:
    """What a cell says: numbers without `.0`, dates as 2022-01-01, stripped, without characters that nobody sees or XML forbids.

    lines: keep line breaks (a long text); else they go: between Chinese characters without trace, else for a blank.

    >>> to_text(2010301.0).value, to_text("因公出国\\n（境）费").value, to_text(date(2022, 1, 1)).value
    ('2010301', '因公出国（境）费', '2022-01-01')
    """
    cell = as_cell(cell)
    problem = _unusable(cell)
    if problem:
        return Text("", error=problem)
    value = cell.value
    if value is None:
        return Text("")
    if not isinstance(value, str):
        return _shown(value)
    text = _clean(value)
    if len(text) > LONGEST_TEXT:
        return Text("", error=f"文字有 {len(text)} 个字，超过一个单元格能放的 {LONGEST_TEXT} 个，请分开填")
    if lines:
        return Text("\n".join(line.strip() for line in text.split("\n")))
    return Text(_one_line(text))


def to_code(cell: RawCell | Value) -> Code:
    """A 科目 or 单位 code with the name beside it, if any. A text keeps its leading zeros; a number has lost them already.

    >>> to_code(2010301.0).value, to_code("[2010301]行政运行").name, to_code("001").value
    ('2010301', '行政运行', '001')
    """
    cell = as_cell(cell)
    problem = _unusable(cell) or _other_kind(cell, "编码", "请把单元格格式改为文本后重填")
    if problem:
        return Code(None, error=problem)
    if cell.value is None:
        return Code(None)
    if not isinstance(cell.value, str):
        return _code_number(cell.value)
    wide = _clean(cell.value).removeprefix("'").strip()
    text = _narrow(wide)
    if not text or _SAYS_BLANK.fullmatch(text):
        return Code(None)
    if _SCIENTIFIC.fullmatch(text):
        return Code(None, error=f"编码变成了科学计数：{_quoted(cell.value)}，请把单元格格式改为文本后重填")
    if _CODE_IN_LEVELS.fullmatch(text):
        code = re.sub("[-. ]", "", text)
        return Code(code, note=f"{_quoted(cell.value)}读作编码 {code}")
    if len(text) > LONGEST_ENTRY:
        return Code(None, error=f"不是编码：{_quoted(cell.value)}")
    found = _CODE_LAST.fullmatch(text) or _CODE_FIRST.fullmatch(text)
    if not found:
        return Code(None, _one_line(wide), error=f"没有编码，只有名称：{_quoted(cell.value)}")
    code, name = found["code"], _one_line(wide[found.start("rest") : found.end("rest")].strip(_NAME_SEPARATOR))
    if name and not _HAS_LETTER.search(name):
        return Code(None, error=f"不是编码：{_quoted(cell.value)}")
    return Code(code, name, "" if name or code == cell.value.strip() else f"{_quoted(cell.value)}读作编码 {code}")


def to_date(cell: RawCell | Value) -> Reading[date]:
    """A day: a real date; 2022-1-5, 2022.01.05, 2022/1/5, 2022年1月5日, 20220105; Excel's number of a day, with a note.

    >>> to_date("2022年1月5日").value, to_date(44562.0).note, to_date("2022-2-30").error
    (datetime.date(2022, 1, 5), '数字 44562 读作日期 2022-01-01', '没有这一天：“2022-2-30”')
    """
    cell = as_cell(cell)
    problem = _unusable(cell)
    if problem:
        return Reading(None, error=problem)
    value = cell.value
    if value is None:
        return Reading(None)
    if isinstance(value, datetime):
        return Reading(value.date())
    if isinstance(value, date):
        return Reading(value)
    if isinstance(value, bool | time | timedelta):
        return Reading(None, error=f"不是日期：{_quoted(value)}，请写成 2022-01-05 这样")
    text = _exact(value) if isinstance(value, int | float) else _entry(value)
    if not text or _SAYS_BLANK.fullmatch(text):
        return Reading(None)
    serial = from_serial(int(text)) if not isinstance(value, str) and text.isdigit() and int(text) in _SERIAL_DAYS else None
    if isinstance(serial, date):
        return Reading(serial, f"数字 {text} 读作日期 {serial}")
    parts = (_DATE.fullmatch(text) or _DATE_DIGITS.fullmatch(text)) if len(text) <= LONGEST_ENTRY else None
    if not parts:
        return Reading(None, error=f"不是日期：{_quoted(value)}，请写成 2022-01-05 这样")
    try:
        day = date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        return Reading(None, error=f"没有这一天：{_quoted(value)}")
    return Reading(day, "" if parts.re is _DATE else f"{_quoted(value)}读作日期 {day}")


def to_year(cell: RawCell | Value) -> Reading[int]:
    """A year: 2022, 2022年, 2022年度; of a date its year, with a note.

    >>> to_year("２０２２年").value, to_year(date(2022, 3, 1)), to_year("22").error
    (2022, Reading(value=2022, note='日期 2022-03-01 读作年度 2022', error=''), '不是年度：“22”，请写成 2022 这样')
    """
    cell = as_cell(cell)
    problem = _unusable(cell)
    if problem:
        return Reading(None, error=problem)
    value = cell.value
    if isinstance(value, date) and value.year in _YEARS:
        return Reading(value.year, f"日期 {value:%Y-%m-%d} 读作年度 {value.year}")
    text = _entry(value) if isinstance(value, str) else _exact(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
    if value is None or (isinstance(value, str) and (not text or _SAYS_BLANK.fullmatch(text))):
        return Reading(None)
    found = _YEAR.fullmatch(text.removesuffix(".0"))
    if not found or int(found[1]) not in _YEARS:
        return Reading(None, error=f"不是年度：{_quoted(value)}，请写成 2022 这样")
    return Reading(int(found[1]))


def _number(cell: RawCell, what: str) -> Amount:
    problem = _unusable(cell) or _other_kind(cell, what, "请把单元格格式改为数值后重填")
    if problem:
        return Amount(None, error=problem)
    value = cell.value
    if value is None:
        return Amount(None)
    if isinstance(value, str):
        return _number_in_text(value, what)
    number = Decimal(_exact(value)) if isinstance(value, int | float) else Decimal("NaN")
    if number.is_nan():
        return Amount(None, error=f"不是数字：{_quoted(value)}")
    if abs(number) >= LARGEST:
        return Amount(None, error=f"数字太大：{value}，Excel 只能精确到 15 位，请核对")
    if number and abs(number) < _NOISE:
        return Amount(Decimal(0), note=f"极小的尾差 {value:.1E} 读作 0")
    return Amount(number)


def _number_in_text(original: str, what: str) -> Amount:
    text = _entry(original)
    if not text or _SAYS_BLANK.fullmatch(text):
        return Amount(None)
    if text.startswith("="):
        return Amount(None, error=f"公式被存成了文本：{_quoted(original)}，请把单元格格式改为常规后重填")
    if text.endswith(("%", "‰")):
        return Amount(None, error=f"是百分数，不是{what}：{_quoted(original)}")
    if len(text) > LONGEST_ENTRY:
        return Amount(None, error=f"不是数字：{_quoted(original)}")
    with_unit = _UNIT.fullmatch(text)
    number, unit = (with_unit["number"], with_unit["unit"]) if with_unit else (text, "")
    unit = {"万": "万元", "亿": "亿元"}.get(unit, unit)
    value = _signed(number)
    if value is None:
        return Amount(None, error=_why_not(number, original))
    if abs(value) >= LARGEST:
        return Amount(None, error=f"数字太大：{_quoted(original)}，请核对")
    return Amount(value, f"文本{_quoted(original)}读作 {value:f}{f' {unit}' if unit else ''}", unit=unit)


def _signed(text: str) -> Decimal | None:
    """The number, if the text is one and leaves no doubt."""
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1].strip()
    # A currency sign may stand before the brackets as well: ¥(1,234.50)
    outside = re.fullmatch(r"(?:¥|RMB|CNY|人民币) ?\((.*)\)", text)
    if outside:
        if negative:
            return None
        negative, text = True, outside[1].strip()
    found = _SIGNED.fullmatch(text)
    if not found:
        return None
    signs = [sign for sign in (found["sign"], found["inner"], found["trailing"].strip()) if sign]
    digits = found["digits"]
    if len(signs) + negative > 1 or not (_PLAIN.fullmatch(digits) or _SCIENTIFIC.fullmatch(digits)):
        return None
    value = Decimal(f"{Decimal(digits.replace(',', '')):f}")  # 1E+3 as 1000
    return -value if value and (negative or (signs and signs[0] != "+")) else value


def _why_not(text: str, original: str) -> str:
    numbers = _NUMBER.findall(text)
    rest = _NUMBER.sub("", text).strip("+-−–¥() ")
    if len(numbers) == 1 and "," in text and not rest:
        return f"千分位的逗号位置不对：{_quoted(original)}，请核对后重填"
    if _TO_ADD.fullmatch(text):
        return f"是没有算出来的算式：{_quoted(original)}，请填算好的数，或在最前面加“=”让表格去算"
    if len(numbers) > 1:
        return f"一格里不止一个数：{_quoted(original)}，请只留一个"
    return f"不是数字：{_quoted(original)}"


def _code_number(value: Value) -> Code:
    if isinstance(value, int | float):
        number = Decimal(_exact(value))
        if number.is_finite() and abs(number) >= LARGEST:
            return Code(None, error=f"编码超过 15 位，被当作数字存，末尾几位已经丢失：{value}，请把单元格格式改为文本后重填")
        if number.is_finite() and number >= 0 and number == number.to_integral_value():
            return Code(str(int(number)))
    return Code(None, error=f"不是编码：{_quoted(value)}")


def _shown(value: Value) -> Text:
    if isinstance(value, bool):
        return Text(str(value).upper())
    if isinstance(value, int | float):
        number = Decimal(_exact(value))
        if not number.is_finite():
            return Text("", error=f"数字太大：{value}")
        lost = abs(number) >= LARGEST
        return Text(f"{number:f}", f"数字超过 15 位，末尾几位已经不准：{number:f}，应存成文本" if lost else "")
    return Text(_day(value))


def _day(value: Value) -> str:
    """A date or time as people write it."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}" if not value.second else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, time):
        return f"{value:%H:%M}" if not value.second else f"{value:%H:%M:%S}"
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)


def _unusable(cell: RawCell) -> str:
    """What to say when the file holds no value for the cell; else ""."""
    if cell.kind is CellKind.ERROR:
        return f"单元格是错误值 {cell.value}，请改正公式或填上应有的内容"
    if cell.kind is CellKind.UNCALCULATED:
        return "公式没有算出结果，请用 WPS 或 Excel 打开保存一次"
    return ""


def _other_kind(cell: RawCell, what: str, cure: str) -> str:
    """What to say when Excel holds the cell for a truth value or a date; else ""."""
    if cell.kind is CellKind.BOOL:
        return f"{str(cell.value).upper()} 不是{what}"
    if cell.kind is CellKind.DATE:
        return f"是日期或时间（{_day(cell.value)}），不是{what}，{cure}"
    return ""


def _exact(value: float) -> str:
    """A number of Excel in plain digits, to the 15 that Excel keeps.

    >>> _exact(0.1 + 0.2), _exact(2010301.0), _exact(1e16), _exact(-0.0)
    ('0.3', '2010301', '10000000000000000', '0')
    """
    number = Decimal(str(value)) if isinstance(value, int) else Decimal(f"{value:.15g}")
    if not number.is_finite():
        return str(number)
    return f"{number:f}" if number else "0"


def _clean(value: str) -> str:
    """Without what cannot be seen and blanks at the ends; all line breaks as `\\n`."""
    return _ILLEGAL.sub("", _INVISIBLE.sub("", value.replace("\r\n", "\n").translate(_LINE_BREAKS))).strip()


def _narrow(clean: str) -> str:
    """Full-width characters and all kinds of blanks made narrow, one for one, so that positions stay."""
    return _BLANK.sub(" ", clean).translate(_HALF_WIDTH)


def _entry(value: str) -> str:
    """What was typed into a cell for a number, code or date; without the apostrophe that makes a text of it."""
    return _narrow(_clean(value)).removeprefix("'").strip()


def _one_line(clean: str) -> str:
    """Lines joined: without trace where a Chinese character stands on either side, else with a blank."""
    joined = ""
    for line in filter(None, (_BLANK.sub(" ", line).strip() for line in clean.split("\n"))):
        joined += line if not joined or _CJK.match(joined[-1]) or _CJK.match(line) else f" {line}"
    return joined


def _quoted(value: Value) -> str:
    """The cell's content for a message: in quotes, on one line, not too long."""
    shown = value if isinstance(value, str) else str(value).upper() if isinstance(value, bool) else _shown(value).value or str(value)
    shown = re.sub("[\r\n]+", "⏎", _ILLEGAL.sub("", _INVISIBLE.sub("", shown)))
    return f"“{shown if len(shown) <= 40 else shown[:39] + '…'}”"
