"""Where figures come from: whatever `explain` lists adds up to what is printed, for every figure of every sample."""

import re
from decimal import Decimal
from functools import cache
from io import BytesIO
from itertools import islice

import openpyxl
import pytest

from generator.build.table import build
from generator.build.trace import Tracer, as_number, typed_in
from generator.cli import main
from generator.model.amount import YUAN_PER_UNIT, half_up, printed
from generator.model.figures import decimals
from generator.model.problem import UsageError
from generator.read import read_workbook
from generator.render.trace import as_text, trace_workbook
from generator.run import run_date
from tests.support import SAMPLES, bound_sheets, dump, minimal, sample, selector_of


@cache
def tracer(name: str) -> Tracer:
    return Tracer(selector_of(sample(name), name), typed_in(read_workbook(sample(name))))


@cache
def typed_amounts(name: str) -> dict:
    """The sample's cells as another program reads them: (sheet, row, column) → 元 by the sheet's own unit, or the count."""
    found = {}
    for sheet in openpyxl.load_workbook(sample(name), data_only=True):
        unit = Decimal(1)
        for row in sheet.iter_rows():
            for cell in row:
                if str(cell.value or "").startswith("金额单位"):
                    unit = YUAN_PER_UNIT.get(str(sheet.cell(cell.row, cell.column + 1).value or "").strip() or str(cell.value).partition("：")[2].strip(), unit)
                elif isinstance(cell.value, (int, float)):
                    found[sheet.title, cell.row, cell.column] = (Decimal(repr(cell.value)), unit)
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_the_listed_cells_add_up_to_every_figure(name):
    asked = tracer(name)
    typed = typed_amounts(name)
    seen = 0
    for spec in asked.pack.tables:
        built = asked.cells.built(spec)
        for spot in asked.cells.figure_spots(spec):
            cell = built.table.cell(spot.row, spot.column)
            traced = asked.cells.at(spot)
            where = f"{traced.title} {traced.text}"
            (added,) = traced.sums
            assert added.amount == cell.amount == sum(a.sign * a.amount for a in added.addends), where
            places = decimals(built.table.styles[cell.style].number_format)
            assert cell.shown == (printed(added.amount, spec.unit, places) if added.money else half_up(added.amount, places)), where
            for addend in added.addends:
                value, unit = typed[addend.place.sheet, addend.place.row, addend.place.column]
                assert half_up(value * unit if added.money else value, 6) == addend.whole, f"{where}: {addend.place}"
                assert addend.amount == addend.whole or asked.master.records("经济调整"), f"{where}: {addend.place}"
                assert addend.typed, f"{where}: {addend.place}"
            seen += 1
        figures = sum(c.amount is not None for r, line in enumerate(built.table.lines) for k, c in enumerate(line.cells) if (r, k) not in built.table.covered)
        assert figures == len(list(asked.cells.figure_spots(spec))), f"{spec.number}: a figure without a source"
    assert seen > 100


@pytest.mark.parametrize("name", SAMPLES)
def test_a_trace_changes_no_table(name):
    asked = tracer(name)
    for spec in asked.pack.tables:
        assert dump(asked.cells.built(spec).table) == dump(build(asked.selector, spec).table)


@pytest.mark.parametrize("name", SAMPLES)
def test_ten_figures_explained_in_words(name, capsys):
    """As a clerk reads it: the amounts on the lines with cells add up to the sum, and the sum rounds to what is printed."""
    asked = tracer(name)
    spots = [s for spec in asked.pack.tables for s in asked.cells.figure_spots(spec) if s.table.cell(s.row, s.column).amount]
    for spot in spots[:: max(1, len(spots) // 10)][:10]:
        traced = asked.cells.at(spot)
        assert main(["explain", str(sample(name)), traced.title, "--all"]) == 0
        said = capsys.readouterr().out
        lines = said.splitlines()
        assert lines[0] == f"{traced.title}  {traced.text}"
        assert "表样" in said
        cells = [(line, re.search(r"(\S+)!\w+  (-?[\d,.]+)", line)) for line in lines if line.startswith("      　　")]
        total = sum((Decimal(m[2].replace(",", "")) * (-1 if "减 " in line else 1) for line, m in cells if m), Decimal(0))
        assert total == traced.sums[0].amount, said
        assert len(cells) == len(traced.sums[0].addends)
        if traced.sums[0].money:
            assert as_number(traced.text) == as_number(re.search(r"→ (\S+)", lines[-1] if "→" in lines[-1] else lines[-2])[1]), said


@pytest.mark.parametrize("name", SAMPLES)
def test_every_figure_of_the_explanation(name):
    asked = tracer(name)
    for fact in asked.figures.facts.values():
        traced = asked.figures.fact(fact.name)
        assert sum(a.sign * a.amount for a in traced.sums[0].addends) == fact.now
        if len(traced.sums) > 1 and traced.sums[1].name == "上年":
            assert sum(a.sign * a.amount for a in traced.sums[1].addends) == fact.before
            assert f"= {fact.change().difference:.2f}" in dict(traced.after)["比上年"]
        assert list(as_text(traced))


def test_ways_to_ask():
    asked = tracer("pingjiang-2022")
    by_address = asked.ask(["预算08表!F11"])
    assert by_address.text == "170.63 万元"
    for words in (
        ["预算08表", "行政运行", "基本工资"],
        ["预算08表", "F11"],
        ["预算8表！f11"],
        ["预算公开表.xlsx!预算08表!$F$11"],
        ["基本支出预算明细表—工资福利支出", "2010301", "工资性支出 基本工资"],
    ):
        assert asked.ask(words) == by_address, words
    assert asked.ask(["预算01表", "基 本 支 出"]).text == "555.30 万元"
    assert asked.ask(["工资福利支出_变化"]).text == "比2021年增加26.17万元，增长6.00%"
    assert asked.ask(["工资福利分项", "基本工资"]).sums[0].shown == Decimal("170.63")
    hits = asked.ask(["462.25万元"])
    assert {"预算01表!H6", "预算08表!D8", "工资福利支出_万元"} <= {h.ask for h in hits}
    assert any(h.ask.startswith("pingjiang-2022.xlsx!基本支出—工资福利") and h.text == "170.63 万元" for h in asked.ask(["170.63"]))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["预算08表!ZZ9"], "这张表从 A1 到 V13，最近的一格是 V9"),
        (["预算08裱!F7"], "没有表“预算08裱”；是不是“预算08表”？"),
        (["预算08表!第三格"], "不是单元格地址"),
        (["预算08表", "行政运转", "基本工资"], "没有行“行政运转”；是不是“行政运行”？"),
        (["预算08表", "行政运行", "工龄工资"], "没有栏“工龄工资”"),
        (["预算08表", "行政运行", "合计"], "预算08表!J11"),
        (["收入总计额"], "是不是“收入总计”？"),
        (["987654.32"], "都没有 987654.32"),
        (["预算08表"], "请写哪一格"),
        (["工资福利分项", "加班费"], "没有“加班费”"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(words, said, capsys):
    with pytest.raises(UsageError, match=re.escape(said)):
        tracer("pingjiang-2022").ask(words)
    assert main(["explain", str(sample()), *words]) == 2
    assert said in capsys.readouterr().err


def test_cells_that_are_no_figures():
    asked = tracer("pingjiang-2022")
    assert "没有任何记录符合这个口径，所以是 0（套表规定 0 印成空白）" in "\n".join(as_text(asked.ask(["预算08表!L11"])))
    assert "不是数" in "\n".join(as_text(asked.ask(["预算08表!C11"])))
    assert "表样里写好的文字" in "\n".join(as_text(asked.ask(["预算08表!F5"])))
    merged = "\n".join(as_text(asked.ask(["预算08表!F4"])))
    assert "F4 与 E4 合并，是同一格" in merged


def test_governmental_items_say_how_they_were_chosen():
    auto = "\n".join(as_text(tracer("pingjiang-2022").ask(["预算09表!F10"])))
    assert "30101 基本工资、30102 津贴补贴、30103 奖金、30107 绩效工资 → 50101 工资奖金津补贴：单位性质“行政”，按两套分类对照表（economic_mapping.csv）自动对应" in auto
    sheets = minimal(政府经济分类调整=[["金额单位", "元"], ["部门经济编码", "政府经济编码", "调整金额", "理由"], ["30101", "50199", 15000, "批复如此"]])
    selector, problems = bound_sheets(sheets)
    assert not problems.errors
    asked = Tracer(selector)
    said = "\n".join(as_text(asked.cells.named("预算09表", "行政运行", "其他工资福利支出")))
    assert "15,000.00 元（这一格 60,000.00 元 的一部分，其余按政府经济分类调整）" in said
    assert "30101 基本工资 → 50199 其他工资福利支出：按 甲局.xlsx!政府经济分类调整!B3 调整，理由：批复如此" in said


def test_differences_say_what_is_taken_away():
    """加 and 减: every part is listed with its sign."""
    found = (
        (name, spot)
        for name in SAMPLES
        for spec in tracer(name).pack.tables
        for spot in tracer(name).cells.figure_spots(spec)
        if any(a.sign < 0 and a.amount for s in tracer(name).cells.at(spot).sums for a in s.addends)
    )
    for name, spot in islice(found, 2):
        assert "减 " in "\n".join(as_text(tracer(name).cells.at(spot)))


def test_the_trace_workbook_is_one_click_away(tmp_path):
    asked = tracer("hetang-2022")
    when = run_date(asked.master)
    data = trace_workbook(asked, "某局2022年", when)
    assert data == trace_workbook(asked, "某局2022年", when), "same input, same bytes"
    book = openpyxl.load_workbook(BytesIO(data))
    lines = book["溯源"]
    seen = 0
    for spec in asked.pack.tables:
        for spot in asked.cells.figure_spots(spec):
            traced = asked.cells.at(spot)
            cell = book[traced.sheet][traced.cell]
            assert cell.hyperlink, traced.title
            start = int(cell.hyperlink.location.rpartition("!A")[2])
            assert lines.cell(start, 1).value == traced.title
            assert lines.cell(start, 1).hyperlink.location.replace("'", "") == traced.title
            total, row = Decimal(0), start + 1
            while row <= lines.max_row and not lines.cell(row, 1).value:
                total += Decimal(repr(lines.cell(row, 8).value))
                row += 1
            assert total == traced.sums[0].amount, traced.title
            shown = spot.table.cell(spot.row, spot.column).shown
            blank = str(cell.value).startswith("'溯源'")  # openpyxl's own word for a blank cell with a link
            assert blank if traced.text == "空白" else cell.value == float(shown), traced.title
            seen += 1
    assert seen > 500


def test_build_with_trace_keeps_it_apart(tmp_path, capsys):
    assert main(["build", str(sample()), "-o", str(tmp_path), "--fast", "--trace"]) == 0
    folder = next(tmp_path.iterdir())
    assert (folder / "内部" / "溯源.xlsx").exists()
    assert "内部/溯源.xlsx" in capsys.readouterr().out
    published = openpyxl.load_workbook(folder / "预算公开表.xlsx")
    assert all(not c.hyperlink for sheet in published.worksheets if sheet.title not in ("目录", "图") for row in sheet.iter_rows() for c in row)


def test_what_is_counted_has_no_yuan_and_a_reason_nobody_asks_for_is_not_missed():
    counted = "\n".join(as_text(tracer("pingjiang-2022").ask(["通用设备"])))
    assert "填的是 1 " in counted
    assert "1 元" not in counted
    assert "没有写" not in "\n".join(as_text(tracer("pingjiang-2022").ask(["人员经费_变化"])))
    assert "原因" in "\n".join(as_text(tracer("pingjiang-2022").ask(["工资福利支出_变化"])))


def test_the_file_is_named_once():
    said = list(as_text(tracer("pingjiang-2022").ask(["预算08表!F11"])))
    assert sum("pingjiang-2022.xlsx!基本支出" in line for line in said) == 0
    assert any("取自" in line and "pingjiang-2022.xlsx" in line for line in said)
    assert any("基本支出—工资福利!" in line for line in said)
