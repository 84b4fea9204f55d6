"""Whatever a valid master holds, its tables agree with each other: exactly, in 元."""

from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.build.table import build
from generator.model.table import LineKind, Table
from generator.rules.engine import Status, run_rules
from tests.support import bound_sheets, minimal

SOURCES = ("经费拨款", "纳入一般公共预算管理的非税收入拨款", "政府性基金拨款", "纳入专户管理的非税收入拨款", "一般公共预算补助", "政府性基金补助", "事业单位经营服务收入", "其他收入", "上年结转（一般公共预算拨款）")
FUNCTIONS = ("2010301", "2010302", "2010350", "2080505", "2101101", "2210201")
WAGES = ("30101", "30102", "30103", "30107", "30108", "30110", "30113", "30199")
GOODS = ("30201", "30205", "30211", "30213", "30215", "30216", "30217", "30231", "30299")
HOMES = ("30302", "30304", "30305", "30399")
PROJECT_ITEMS = ("30201", "30213", "30299", "30305", "31002", "31003", "302")
cents = st.integers(1, 10**9).map(lambda n: Decimal(n) / 100)


def wide(items):
    return st.lists(st.tuples(st.sampled_from(("124001", "124002")), st.sampled_from(FUNCTIONS), st.sampled_from(SOURCES), st.dictionaries(st.sampled_from(items), cents, min_size=1)), max_size=4)


projects = st.lists(st.tuples(st.sampled_from(("124001", "124002")), st.integers(1, 5), st.sampled_from(FUNCTIONS), st.sampled_from(PROJECT_ITEMS), st.sampled_from(SOURCES), cents), max_size=8)


@st.composite
def masters(draw):
    """The sheets of a sound workbook of two units: an administrative and a public one."""
    kinds = draw(st.sampled_from((("行政", "事业"), ("参公", "行政"), ("事业", "事业"))))
    income: dict[tuple[str, str], Decimal] = {}
    blocks = {}
    for name, items in (("基本支出—工资福利", WAGES), ("基本支出—商品和服务", GOODS), ("基本支出—对个人和家庭", HOMES)):
        rows = [["金额单位", "元"], ["单位编码", "功能科目编码", "资金来源", *items]]
        for unit, function, source, amounts in draw(wide(items)):
            rows.append([unit, function, source, *(amounts.get(i) for i in items)])
            income[unit, source] = income.get((unit, source), Decimal(0)) + sum(amounts.values())
        blocks[name] = rows
    rows = [["金额单位", "元"], ["单位编码", "项目名称", "功能科目编码", "部门经济编码", "资金来源", "本年预算数"]]
    names = set()
    for unit, n, function, item, source, amount in draw(projects):
        rows.append([unit, f"{unit}项目{n}", function, item, source, amount])
        names.add((unit, f"{unit}项目{n}"))
        income[unit, source] = income.get((unit, source), Decimal(0)) + amount
    blocks["项目支出"] = rows
    blocks["项目库"] = [["单位编码", "项目名称", "编制绩效目标"], *([u, n, "否"] for u, n in sorted(names))]
    blocks["收入"] = [["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], *([u, s, a] for (u, s), a in income.items())]
    units = [[f"12400{i + 1}", f"{'甲乙'[i]}局", "124", "甲部门", kind] for i, kind in enumerate(kinds)]
    return minimal(**blocks, 单位信息=[*minimal()["单位信息"][:4], *units])


def total(table: Table, heading: str = "") -> Decimal:
    """The first figure of the first body line: what the table adds up to; 0 when it is empty."""
    for _, line in table.of_kind(LineKind.BODY):
        for column, cell in zip(table.columns, line.cells, strict=True):
            if cell.amount is not None and column.path[-1].startswith(heading):
                return cell.amount
    return Decimal(0)


def statement(table: Table, label: str, nth: int = 0) -> Decimal:
    """The figure right of the nth cell that says `label`."""
    hits = [line.cells[c + 1].amount for line in table.lines for c, cell in enumerate(line.cells) if cell.text == label]
    return hits[nth]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sheets=masters())
def test_tables_agree(sheets):
    selector, problems = bound_sheets(sheets)
    assert not problems.errors, list(map(str, problems.errors))
    assert all(o.status is not Status.FAILED or o.rule.level != "错误" for o in run_rules(selector) if o.rule.id == "收支平衡")
    built = {spec.number: build(selector, spec) for spec in selector.pack.tables}
    tables = {number: b.table for number, b in built.items()}
    whole = sum((r.amounts.get("本年", Decimal(0)) for r in selector.master.records("支出")), Decimal(0))

    first = tables["预算01表"]
    assert statement(first, "收入总计") == whole
    assert [statement(first, "支出总计", n) for n in range(3)] == [whole] * 3
    assert total(tables["预算02表"]) == total(tables["预算04表"]) == total(tables["预算06表"]) == total(tables["预算31表"]) == whole
    by_source = [total(tables[f"预算{n}表"]) for n in (16, 18, 20, 22, 24, 26, 28)]
    others = sum(r.amounts["本年"] for r in selector.master.records("支出") if r.text("资金来源") in ("事业单位经营服务收入", "其他收入"))
    assert sum(by_source) + others == whole
    assert [total(tables[f"预算{n}表"]) for n in (17, 19, 21, 23, 25, 27, 29)] == by_source
    assert total(tables["预算05表"]) == by_source[0] + by_source[1]
    for department, government in (("08", "09"), ("10", "11"), ("12", "13"), ("15", "15")):
        pair = ("预算15表A", "预算15表A1") if department == "15" else (f"预算{department}表", f"预算{government}表")
        assert total(tables[pair[0]]) == total(tables[pair[1]])
    assert statement(first, "一、基本支出") == sum(total(tables[f"预算{n}表"]) for n in ("08", "10", "12"))
    assert statement(first, "二、项目支出") == total(tables["预算14表"]) == sum(total(tables[f"预算15表{x}"]) for x in "ABC")
    for table in tables.values():
        parts_make_the_whole(table)
    assert not [p for b in built.values() for p in b.problems]


def parts_make_the_whole(table: Table) -> None:
    """In every figure column each line is the sum of the lines one level further in."""
    lines = [line for _, line in table.of_kind(LineKind.BODY) if line.key]
    for i, line in enumerate(lines):
        inside = []
        for later in lines[i + 1 :]:
            if later.level <= line.level:
                break
            if later.level == line.level + 1:
                inside.append(later)
        if inside:
            for c, column in enumerate(table.columns):
                if column.figure:
                    assert line.cells[c].amount == sum(part.cells[c].amount for part in inside), (table.number, line.key, column.path)
