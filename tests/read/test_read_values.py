"""Cells → typed values: what is repaired and noted, what is refused, what is left alone. Never a silent zero."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generator.read import Amount, CellKind, Code, RawCell, Reading, Text, to_amount, to_code, to_date, to_integer, to_text, to_year
from generator.read.cells import as_cell

UNCALCULATED = RawCell("=SUM(A1:A3)", CellKind.UNCALCULATED, True)
DIV0 = RawCell("#DIV/0!", CellKind.ERROR, True)
READERS = (to_amount, to_text, to_code, to_date, to_year, to_integer)

# Amounts ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [None, "", " ", "\u3000", "\xa0", "\n", "\u200b", "-", "－", "—", "——", "–", "―", "/", "／", "无", " 无 ", "…", "'"])
def test_blank_is_not_zero(value: str | None) -> None:
    assert to_amount(value) == Amount(None)
    assert to_integer(value) == Reading(None)
    assert to_date(value) == Reading(None)
    assert to_year(value) == Reading(None)
    assert to_code(value) == Code(None)


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (0.1 + 0.2, "0.3"),
        (72606.25999999999, "72606.26"),
        (79229.60000000001, "79229.6"),
        (1296.69, "1296.69"),
        (-0.0, "0"),
        (0.0, "0"),
        (1e-7, "1E-7"),
        (123456789012.345, "123456789012.345"),
        (2, "2"),
        (RawCell(12.5, CellKind.NUMBER, True), "12.5"),
    ],
)
def test_numbers_are_exact_and_need_no_note(value: float, amount: str) -> None:
    assert to_amount(value) == Amount(Decimal(amount))


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("1234.50", "1234.50"),
        ("0", "0"),
        ("-0", "0"),
        ("1,296.69", "1296.69"),
        ("１，２９６．６９", "1296.69"),
        ("1，234，567", "1234567"),
        (" 5 ", "5"),
        ("\xa05\u3000", "5"),
        ("\u200b5\ufeff", "5"),
        ("\t5\r\n", "5"),
        ("'5", "5"),
        ("¥1,234.50", "1234.50"),
        ("￥ 1,234.50", "1234.50"),
        ("RMB 5", "5"),
        ("-5", "-5"),
        ("－5", "-5"),
        ("−5", "-5"),
        ("- 5", "-5"),
        ("+5", "5"),
        ("-¥5", "-5"),
        ("¥-5", "-5"),
        ("5-", "-5"),
        ("123.45 -", "-123.45"),
        ("(123.45)", "-123.45"),
        ("（１２３.45）", "-123.45"),
        ("¥(5)", "-5"),
        ("(¥5)", "-5"),
        ("(0)", "0"),
        ("1E+3", "1000"),
        ("1.5e3", "1500"),
        ("1.2E-2", "0.012"),
        (".5", "0.5"),
        ("5.", "5"),
    ],
)
def test_what_is_certain_is_repaired_and_said(value: str, amount: str) -> None:
    found = to_amount(value)
    assert found.value == Decimal(amount)
    assert found.note.endswith(f"读作 {found.value}")
    assert (found.error, found.unit) == ("", "")


def test_the_note_shows_what_was_typed() -> None:
    assert to_amount("１，２３４.５０ ").note == "文本“１，２３４.５０ ”读作 1234.50"


@pytest.mark.parametrize(
    ("value", "amount", "unit"),
    [
        ("12万元", "12", "万元"),
        ("12.5 万元", "12.5", "万元"),
        ("１２元", "12", "元"),
        ("3千元", "3", "千元"),
        ("1.2亿", "1.2", "亿元"),
        ("5万", "5", "万元"),
        ("¥5元", "5", "元"),
        ("(5)万元", "-5", "万元"),
    ],
)
def test_a_unit_is_given_to_the_caller_to_decide(value: str, amount: str, unit: str) -> None:
    found = to_amount(value)
    assert (found.value, found.unit, found.error) == (Decimal(amount), unit, "")
    assert found.note == f"文本“{value}”读作 {amount} {unit}"


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("abc", "不是数字：“abc”"),
        ("约5", "不是数字：“约5”"),
        ("五万", "不是数字：“五万”"),
        ("$5", "不是数字：“$5”"),
        ("万元", "不是数字：“万元”"),
        ("--5", "不是数字：“--5”"),
        ("(-5)", "不是数字：“(-5)”"),
        ("1,29", "千分位的逗号位置不对：“1,29”，请核对后重填"),
        ("1234,567", "千分位的逗号位置不对：“1234,567”，请核对后重填"),
        ("12,34,567", "千分位的逗号位置不对：“12,34,567”，请核对后重填"),
        ("1,29万元", "千分位的逗号位置不对：“1,29万元”，请核对后重填"),
        ("164.64+10", "是没有算出来的算式：“164.64+10”，请填算好的数，或在最前面加“=”让表格去算"),
        ("3 × 1,200", "是没有算出来的算式：“3 × 1,200”，请填算好的数，或在最前面加“=”让表格去算"),
        ("12 34", "一格里不止一个数：“12 34”，请只留一个"),
        ("12\n34", "一格里不止一个数：“12⏎34”，请只留一个"),
        ("1 296.69", "一格里不止一个数：“1 296.69”，请只留一个"),
        ("12/34", "一格里不止一个数：“12/34”，请只留一个"),
        ("1.2.3", "一格里不止一个数：“1.2.3”，请只留一个"),
        ("5%", "是百分数，不是金额：“5%”"),
        ("５％", "是百分数，不是金额：“５％”"),
        ("5‰", "是百分数，不是金额：“5‰”"),
        ("=A1+B1", "公式被存成了文本：“=A1+B1”，请把单元格格式改为常规后重填"),
        (True, "TRUE 不是金额"),
        (False, "FALSE 不是金额"),
        (date(2022, 1, 5), "是日期或时间（2022-01-05），不是金额，请把单元格格式改为数值后重填"),
        (datetime(2022, 1, 5, 6), "是日期或时间（2022-01-05 06:00），不是金额，请把单元格格式改为数值后重填"),
        (time(0), "是日期或时间（00:00），不是金额，请把单元格格式改为数值后重填"),
        (timedelta(hours=30), "是日期或时间（30:00:00），不是金额，请把单元格格式改为数值后重填"),
        (DIV0, "单元格是错误值 #DIV/0!，请改正公式或填上应有的内容"),
        (UNCALCULATED, "公式没有算出结果，请用 WPS 或 Excel 打开保存一次"),
        (1e15, "数字太大：1000000000000000.0，Excel 只能精确到 15 位，请核对"),
        (float("inf"), "数字太大：inf，Excel 只能精确到 15 位，请核对"),
        (float("nan"), "不是数字：“nan”"),
        ("9" * 16, f"数字太大：“{'9' * 16}”，请核对"),
    ],
)
def test_what_cannot_be_an_amount_is_an_error(value: object, error: str) -> None:
    assert to_amount(value) == Amount(None, error=error)  # type: ignore[arg-type]


def test_the_residue_of_a_formula_is_zero_and_said() -> None:
    assert to_amount(5.684341886080802e-14) == Amount(Decimal(0), "极小的尾差 5.7E-14 读作 0")
    assert to_amount(1e-8) == Amount(Decimal("1E-8")), "a hundredth of a 分 in 万元 is a value"


def test_a_long_text_in_an_amount_is_quoted_short() -> None:
    error = to_amount("这笔钱要看情况" * 1000).error
    assert error.startswith("不是数字：“这笔钱")
    assert len(error) < 60


money = st.decimals(min_value=-(10**12), max_value=10**12, places=2)


@given(money)
def test_an_amount_reads_the_same_however_it_is_written(amount: Decimal) -> None:
    plain = f"{amount:f}"
    grouped = f"{amount:,f}"
    wide = grouped.translate({ord(narrow): ord(narrow) + 0xFEE0 for narrow in "0123456789.,-"})
    ways = [plain, grouped, wide, f" {grouped}\u3000", f"{grouped} 万元", f"'{plain}"]
    ways += [f"({abs(amount):,f})", f"{abs(amount)}-"] if amount < 0 else [f"¥{grouped}", f"+{plain}"]
    for way in ways:
        assert to_amount(way).value == amount, way
    assert to_amount(float(amount)).value == amount


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_keeps_its_fifteen_digits_or_is_refused(number: float) -> None:
    found = to_amount(number)
    if abs(Decimal(f"{number:.15g}")) >= 10**15:
        assert found.value is None
        assert found.error
    elif 0 < abs(number) < 1e-9:
        assert (found.value, bool(found.note)) == (0, True)
    else:
        assert found == Amount(Decimal(f"{number:.15g}"))


anything = st.one_of(
    st.text(max_size=30),
    st.text("0123456789.,-+()（）¥￥元万亿%eE ０１９．，－/年月日[]\n\u200b", max_size=14),
    st.floats(),
    st.integers(-(10**18), 10**18),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.none(),
    st.sampled_from([DIV0, UNCALCULATED]),
)


@given(anything)
@example("1" * 40_000)
@example(" " * 40_000 + "x")
@example("1," * 20_000)
@example("(" * 40_000)
@example("1 " * 20_000 + "万")
@example("x\n" * 20_000)
def test_every_cell_reads_as_a_value_a_blank_or_an_error(value: object) -> None:
    for reader in READERS:
        found = reader(value)  # type: ignore[operator]
        assert reader(as_cell(value)) == found  # type: ignore[operator, arg-type]
        assert not (found.error and found.value), "an error comes without a value"
        assert not (found.error and found.note)
        assert "\n" not in found.error + found.note
    if value in (DIV0, UNCALCULATED):
        assert all(reader(value).error for reader in READERS)  # type: ignore[operator]


@given(st.text("0123456789.,-+()¥元万 ０１９．，－/无", max_size=10))
def test_an_amount_never_comes_from_nothing(text: str) -> None:
    found = to_amount(text)
    if found.value is not None:
        assert re.search(r"\d", text), "no digits, no amount"
        assert found.note, "a text read as a number is always said"
    elif not found.error:
        assert not re.search(r"\d", text), "digits that give no amount give an error"


# Counts -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (3.0, Reading(3)),
        (3, Reading(3)),
        (-2.0, Reading(-2)),
        ("1,200", Reading(1200, "文本“1,200”读作 1200")),
        ("１２", Reading(12, "文本“１２”读作 12")),
        ("12人", Reading(12, "文本“12人”读作 12")),
        ("3 辆", Reading(3, "文本“3 辆”读作 3")),
        ("3.5", Reading(None, error="不是整数：“3.5”")),
        (3.5, Reading(None, error="不是整数：“3.5”")),
        ("3万", Reading(None, error="不是数目：“3万”")),
        ("十人", Reading(None, error="不是数字：“十人”")),
        ("1 2人", Reading(None, error="不是数目：“1 2人”")),
        (True, Reading(None, error="TRUE 不是数目")),
        (UNCALCULATED, Reading(None, error="公式没有算出结果，请用 WPS 或 Excel 打开保存一次")),
    ],
)
def test_counts(value: object, expected: Reading[int]) -> None:
    assert to_integer(value) == expected  # type: ignore[arg-type]


# Texts ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("单位", "单位"),
        ("  单位\u3000\xa0", "单位"),
        (2010301.0, "2010301"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (-0.0, "0"),
        (True, "TRUE"),
        (None, ""),
        ("—", "—"),
        ("无", "无"),
        (date(2022, 1, 1), "2022-01-01"),
        (datetime(2022, 1, 1, 8, 30), "2022-01-01 08:30"),
        (time(8, 30), "08:30"),
        (timedelta(hours=30, minutes=5), "30:05:00"),
        ("因公出国\n（境）费", "因公出国（境）费"),
        ("合计\r\n（元）", "合计（元）"),
        ("合计_\n2022", "合计_ 2022"),
        ("Budget\n2022", "Budget 2022"),
        ("a \n\n b", "a b"),
        ("甲\t乙", "甲 乙"),
        ("教育\u200b局\ufeff", "教育局"),
        ("甲\x00\x1f乙", "甲乙"),
        ("甲\ud800乙", "甲乙"),
        ("其他（一般）支出", "其他（一般）支出"),
        ("１２３", "１２３"),
        ("'单位", "'单位"),
        (RawCell("x", CellKind.TEXT, True), "x"),
    ],
)
def test_texts(value: object, text: str) -> None:
    assert to_text(value) == Text(text)  # type: ignore[arg-type]


def test_a_long_text_keeps_its_lines() -> None:
    assert to_text("\n\u3000\u3000第一段 \r\n\r\n\u3000第二段\v第三段\r", lines=True).value == "第一段\n\n第二段\n第三段"


def test_more_text_than_a_cell_holds() -> None:
    assert to_text("长" * 32_767).error == ""
    assert to_text("长" * 32_768) == Text("", error="文字有 32768 个字，超过一个单元格能放的 32767 个，请分开填")


def test_digits_that_excel_has_lost_are_told() -> None:
    assert to_text(4.30626198001011e17) == Text("430626198001011000", "数字超过 15 位，末尾几位已经不准：430626198001011000，应存成文本")


@pytest.mark.parametrize("cell", [DIV0, UNCALCULATED])
def test_an_error_is_no_text(cell: RawCell) -> None:
    assert to_text(cell).value == ""
    assert to_text(cell).error


@given(st.text(max_size=200), st.booleans())
def test_a_text_can_always_stand_in_xml(text: str, lines: bool) -> None:
    found = to_text(text, lines=lines).value
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff\u200b-\u200d\ufeff]", found)
    assert lines or "\n" not in found
    assert found == found.strip()
    assert to_text(found, lines=lines).value == found, "reading what was read changes nothing"


# Codes ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "code", "name"),
    [
        (2010301.0, "2010301", ""),
        (2010301, "2010301", ""),
        (0.0, "0", ""),
        ("2010301", "2010301", ""),
        ("0201", "0201", ""),
        ("001001", "001001", ""),
        ("2010301 行政运行", "2010301", "行政运行"),
        ("2010301行政运行", "2010301", "行政运行"),
        ("2010301-行政运行", "2010301", "行政运行"),
        ("2010301—行政运行", "2010301", "行政运行"),
        ("2010301_行政运行", "2010301", "行政运行"),
        ("2010301\u3000行政运行", "2010301", "行政运行"),
        ("2010301\n行政运行", "2010301", "行政运行"),
        ("2010301.0 行政运行", "2010301", "行政运行"),
        ("[2010301]行政运行", "2010301", "行政运行"),
        ("【2010301】行政运行", "2010301", "行政运行"),
        ("（2010301）行政运行", "2010301", "行政运行"),
        ("行政运行[2010301]", "2010301", "行政运行"),
        ("行政运行（2010301）", "2010301", "行政运行"),
        ("2010399 其他（一般）支出", "2010399", "其他（一般）支出"),
        ("30101基本\n工资", "30101", "基本工资"),
        ("430626210000000012345 某项目", "430626210000000012345", "某项目"),
    ],
)
def test_codes_with_and_without_names(value: object, code: str, name: str) -> None:
    assert to_code(value) == Code(code, name)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("２０１０３０１", "2010301"),
        ("2010301.0", "2010301"),
        ("2010301.00", "2010301"),
        ("'0201", "0201"),
        ("[2010301]", "2010301"),
        ("201-03-01", "2010301"),
        ("201.03", "20103"),
        ("201 03 01", "2010301"),
    ],
)
def test_repaired_codes_are_said(value: str, code: str) -> None:
    assert to_code(value) == Code(code, note=f"“{value}”读作编码 {code}")


@pytest.mark.parametrize(
    ("value", "name", "error"),
    [
        ("行政运行", "行政运行", "没有编码，只有名称：“行政运行”"),
        ("一般公共\n服务支出", "一般公共服务支出", "没有编码，只有名称：“一般公共⏎服务支出”"),
        (2010301.5, "", "不是编码：“2010301.5”"),
        (-201.0, "", "不是编码：“-201”"),
        ("201-1", "", "不是编码：“201-1”"),
        ("2010301 2010302", "", "不是编码：“2010301 2010302”"),
        ("2.01E+06", "", "编码变成了科学计数：“2.01E+06”，请把单元格格式改为文本后重填"),
        (4.3e20, "", "编码超过 15 位，被当作数字存，末尾几位已经丢失：4.3e+20，请把单元格格式改为文本后重填"),
        (date(2022, 1, 1), "", "是日期或时间（2022-01-01），不是编码，请把单元格格式改为文本后重填"),
        (True, "", "TRUE 不是编码"),
    ],
)
def test_what_is_no_code(value: object, name: str, error: str) -> None:
    found = to_code(value)  # type: ignore[arg-type]
    assert (found.value, found.name) == (None, name)
    assert found.error == error


@given(st.text("0123456789", min_size=1, max_size=12), st.sampled_from(["", " ", "-", "—", "　", "\n", "："]), st.text("一般公共服务支出（）", min_size=1, max_size=8))
def test_a_code_in_text_keeps_every_digit(code: str, separator: str, name: str) -> None:
    assert to_code(code).value == code
    if name.strip("（）"):
        found = to_code(f"{code}{separator}{name}")
        assert found.value == code or (found.value is None and found.error)


# Dates and years ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2022, 1, 5), Reading(date(2022, 1, 5))),
        (datetime(2022, 1, 5, 8), Reading(date(2022, 1, 5))),
        ("2022-1-5", Reading(date(2022, 1, 5))),
        ("2022.01.05", Reading(date(2022, 1, 5))),
        ("2022/1/05", Reading(date(2022, 1, 5))),
        ("2022年1月5日", Reading(date(2022, 1, 5))),
        ("2022 年 1 月 5 日", Reading(date(2022, 1, 5))),
        ("２０２２年１月５日", Reading(date(2022, 1, 5))),
        ("2022-01-05 08:30:00", Reading(date(2022, 1, 5))),
        ("2022-01-05T08:30", Reading(date(2022, 1, 5))),
        ("20220105", Reading(date(2022, 1, 5), "“20220105”读作日期 2022-01-05")),
        (20220105.0, Reading(date(2022, 1, 5), "“20220105”读作日期 2022-01-05")),
        (44562.0, Reading(date(2022, 1, 1), "数字 44562 读作日期 2022-01-01")),
        ("2022-2-30", Reading(None, error="没有这一天：“2022-2-30”")),
        ("20221301", Reading(None, error="没有这一天：“20221301”")),
        ("2023年2月29日", Reading(None, error="没有这一天：“2023年2月29日”")),
        ("22-1-5", Reading(None, error="不是日期：“22-1-5”，请写成 2022-01-05 这样")),
        ("1/5/2022", Reading(None, error="不是日期：“1/5/2022”，请写成 2022-01-05 这样")),
        ("2022年1月", Reading(None, error="不是日期：“2022年1月”，请写成 2022-01-05 这样")),
        ("年底", Reading(None, error="不是日期：“年底”，请写成 2022-01-05 这样")),
        (2022.0, Reading(None, error="不是日期：“2022”，请写成 2022-01-05 这样")),
        (5.0, Reading(None, error="不是日期：“5”，请写成 2022-01-05 这样")),
        (44562.5, Reading(None, error="不是日期：“44562.5”，请写成 2022-01-05 这样")),
        (True, Reading(None, error="不是日期：“TRUE”，请写成 2022-01-05 这样")),
        (time(8), Reading(None, error="不是日期：“08:00”，请写成 2022-01-05 这样")),
        (UNCALCULATED, Reading(None, error="公式没有算出结果，请用 WPS 或 Excel 打开保存一次")),
    ],
)
def test_dates(value: object, expected: Reading[date]) -> None:
    assert to_date(value) == expected  # type: ignore[arg-type]


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_a_date_reads_the_same_however_it_is_written(day: date) -> None:
    ways: list[object] = [day, f"{day:%Y-%m-%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}", f"{day:%Y.%m.%d} 00:00:00"]
    ways.append(float((day - date(1899, 12, 30)).days))
    assert [to_date(way).value for way in ways] == [day] * len(ways)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2022.0, Reading(2022)),
        ("2022", Reading(2022)),
        ("2022年", Reading(2022)),
        ("2022 年度", Reading(2022)),
        ("２０２２", Reading(2022)),
        ("2022.0", Reading(2022)),
        (date(2022, 3, 1), Reading(2022, "日期 2022-03-01 读作年度 2022")),
        ("22", Reading(None, error="不是年度：“22”，请写成 2022 这样")),
        ("2022-2023", Reading(None, error="不是年度：“2022-2023”，请写成 2022 这样")),
        (20220101.0, Reading(None, error="不是年度：“20220101”，请写成 2022 这样")),
        (44562.0, Reading(None, error="不是年度：“44562”，请写成 2022 这样")),
        ("1022", Reading(None, error="不是年度：“1022”，请写成 2022 这样")),
        (date(1905, 7, 14), Reading(None, error="不是年度：“1905-07-14”，请写成 2022 这样")),
        (True, Reading(None, error="不是年度：“TRUE”，请写成 2022 这样")),
        (DIV0, Reading(None, error="单元格是错误值 #DIV/0!，请改正公式或填上应有的内容")),
    ],
)
def test_years(value: object, expected: Reading[int]) -> None:
    assert to_year(value) == expected  # type: ignore[arg-type]
