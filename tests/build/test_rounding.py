"""Rounding as a policy of the pack: what holds for any sound master, under either policy."""

import json
import os
import random
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import msgspec
import openpyxl
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import structs

from generator import run
from generator.build.controlled import Choice
from generator.build.footing import Footing, footings
from generator.build.notes import SAYS_SO
from generator.build.rounded import NoWay, Rounded
from generator.build.rounding import PrintedSet, printed_names, printed_set
from generator.build.select import Selector
from generator.build.table import build
from generator.build.trace.tracer import Tracer
from generator.cli import main
from generator.model.amount import CENT, half_up, to_unit, to_yuan
from generator.model.problem import Level, UsageError
from generator.model.table import Cell, Line, LineKind, Table
from generator.pack.library import templates_folder
from generator.pack.pack import FactSpec
from generator.pack.rounding import EACH, NOTE, WHOLE
from generator.render.trace import rounding
from generator.rules import same_figure_everywhere, statement_balances, table_adds_up
from tests.masters import masters, odd_sample, with_policy
from tests.support import ROOT, SAMPLES, UNIT_SHEET, Sheets, bound_sheets, minimal, sample, selector_of

PACKS = ("pingjiang-2022", "zengdu-2023", "hetang-2022", "hetang-2019", "performance-2021")
PROPERTY = settings(max_examples=10, phases=[Phase.generate, Phase.shrink], deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


def selector_for(sheets: Sheets, pack_id: str, policy: str, **more: object) -> Selector:
    selector, _ = bound_sheets(sheets, pack_id)
    return Selector(selector.master, with_policy(selector.pack, policy=policy, **more))


def as_read(table: Table) -> Table:
    """The table as somebody reads it who has only the printed figures: their amounts are what is printed."""

    def cell(c: Cell) -> Cell:
        counted = table.unit == "人" or c.amount == c.shown  # 数量 in a table in 万元
        return c if c.amount is None or c.shown is None or counted else structs.replace(c, amount=to_yuan(c.shown, table.unit))

    return replace(table, lines=tuple(replace(line, cells=tuple(map(cell, line.cells))) for line in table.lines))


def adds_up(selector: Selector, tables: Sequence[Table]) -> set[str]:
    """The tables in which the rules find printed figures that do not add up, to the last digit."""
    found = [*table_adds_up.check_tables(table_adds_up.Params(), selector, tables), *statement_balances.check_tables(statement_balances.Params(), selector, tables)]
    return {finding.place.sheet for finding in found}


def noted(line: Line) -> bool:
    return any(NOTE in (cell.text or "") for cell in line.cells)


def says_so(table: Table) -> bool:
    return any(SAYS_SO in (cell.text or "") for _, line in table.of_kind(LineKind.FOOT) for cell in line.cells)


@pytest.mark.parametrize("pack_id", PACKS)
@PROPERTY
@given(data=st.data())
def test_each_cell_on_its_own_and_a_note_exactly_where_parts_do_not_add(pack_id, data):
    selector = selector_for(data.draw(masters(pack_id)), pack_id, EACH)
    made = printed_set(selector)
    plain = [build(selector, spec) for spec in selector.pack.tables]
    for spec, built, own in zip(selector.pack.tables, made.built, plain, strict=True):
        assert [line for line in built.table.lines if not noted(line)] == list(own.table.lines), "nothing moves"
        wrong = [f for f in footings(selector, spec, own) if total(own.table, f, "amount") == parts(own.table, f, "amount") and total(own.table, f, "shown") != parts(own.table, f, "shown")]
        assert bool(wrong) == (spec.number in made.unfooted)
        forms = [rows for rows in own.table.instances if any(f.total[0] in rows for f in wrong)]
        assert sum(map(noted, built.table.lines)) == (0 if says_so(own.table) else len(forms))
    assert adds_up(selector, [as_read(own.table) for own in plain]) <= {spec.name for spec in selector.pack.tables if spec.number in made.unfooted}
    assert not made.problems


def total(table: Table, footing: Footing, what: str) -> Decimal:
    return getattr(table.cell(*footing.total), what)


def parts(table: Table, footing: Footing, what: str) -> Decimal:
    return sum((getattr(table.cell(*at), what) for at in footing.parts), Decimal(0))


@pytest.mark.parametrize("pack_id", PACKS)
@PROPERTY
@given(data=st.data())
def test_rounded_once_every_table_adds_up_and_all_agree(pack_id, data):
    selector = selector_for(data.draw(masters(pack_id)), pack_id, WHOLE)
    made = printed_set(selector)
    assert isinstance(made.rounded, Rounded), "a real pack has a way"
    tables = [built.table for built in made.built]
    plain = [build(selector, spec).table for spec in selector.pack.tables]
    moved = {(c.table, c.cell) for c in made.cells}
    for spec, table, own in zip(selector.pack.tables, tables, plain, strict=True):
        assert spec.number not in made.unfooted
        assert not any(map(noted, table.lines))
        if spec.unit in ("元", "人"):
            assert table == own
            continue
        for r, (line, was) in enumerate(zip(table.lines, own.lines, strict=True)):
            for c, (cell, exact) in enumerate(zip(line.cells, was.cells, strict=True)):
                if cell.shown is not None:
                    last = Decimal(1).scaleb(int(cell.shown.as_tuple().exponent))
                    assert abs(cell.shown - to_unit(exact.amount, spec.unit)) <= last, "further than one last digit from its exact value"
                    assert ((table.name, table.address(r, c)) in moved) == (cell.shown != exact.shown), "what was moved is said"
    in_wan = {spec.name for spec in selector.pack.tables if spec.unit not in ("元", "人")}
    read = [as_read(table) for table in tables]
    assert not adds_up(made.rounded.selector, read)
    assert not [f for f in same_figure_everywhere.check_tables(same_figure_everywhere.Params(), made.rounded.selector, read) if f.place.sheet in in_wan]
    if made.rounded.digit == to_yuan(CENT, "万元"):
        said_agrees_with_itself(selector, made)
    kept_or_told(selector, made, made.rounded)


def said_agrees_with_itself(selector: Selector, made: PrintedSet) -> None:
    """The lists of the explanation add up to its totals."""
    names = printed_names(selector, made, [b.table for b in made.built], selector.pack.tables)
    for listing, fact in (("功能科目清单", "支出总计"), ("收入清单", "收入总计"), ("项目清单", "项目支出"), ("工资福利分项", "工资福利支出")):
        assert sum((Decimal(item.万元) for item in names[listing]), Decimal(0)) == Decimal(names[f"{fact}_万元"])


def kept_or_told(selector: Selector, made: PrintedSet, rounded: Rounded) -> None:
    """Grand totals and 三公经费 are their plain rounding; so is every project, but where the program says that it is not."""
    told = {given.name for given in rounded.given_up}
    places = -int(to_unit(rounded.digit, "万元").normalize().as_tuple().exponent)
    for name in ("收入总计", "支出总计", "三公经费"):
        figure = selector.pack.facts[name]
        assert name not in told
        assert to_unit(rounded.selector.figure(figure), "万元") == half_up(to_unit(selector.figure(figure), "万元"), places)
    for name in {r.text("项目名称") for r in selector.master.records("支出") if r.text("支出类型") == "项目支出"}:
        exact, chosen = (sum(r.amounts.get("本年", 0) for r in s.master.records("支出") if r.text("项目名称") == name) for s in (selector, rounded.selector))
        assert name in told or to_unit(chosen, "万元") == half_up(to_unit(exact, "万元"), places)
    warned = [p for p in made.problems if p.level is Level.WARNING]
    assert len(warned) == min(len(rounded.given_up), 5)
    assert bool(rounded.moved) == any(f"{len(rounded.moved)} 个数没有取四舍五入" in p.message for p in made.problems)


CASES = yaml.safe_load((ROOT / "tests" / "cases" / "rounding.yaml").read_text(encoding="utf-8"))
CASE_PACK, CASE_TABLE, CASE_SOURCE = "hetang-2022", "附件3-3", "财政预算全额拨款"
CASE_FUNCTIONS = ("2010301", "2010302", "2010303", "2010304", "2010305", "2010306", "2010307", "2010308", "2010350", "2010399")


@pytest.mark.parametrize("case", CASES, ids=[c["name"] for c in CASES])
def test_cases(case):
    amounts = [Decimal(str(part)) for part in case["parts"]]
    sheets = minimal(
        单位信息=[["年度", "2022"], ["套表", CASE_PACK], [], *UNIT_SHEET[3:]],
        收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", CASE_SOURCE, sum(amounts)]],
        项目支出=[],
        项目库=[],
        **{"基本支出—工资福利": [["金额单位", "元"], ["单位编码", "功能科目编码", "资金来源", "30101"], *(["124001", f, CASE_SOURCE, a] for f, a in zip(CASE_FUNCTIONS, amounts, strict=False))]},
    )
    selector = selector_for(sheets, CASE_PACK, case["policy"], note=case.get("note_text", NOTE))
    made = printed_set(selector)
    table = next(built.table for spec, built in zip(selector.pack.tables, made.built, strict=True) if spec.number == CASE_TABLE)
    column = next(c for c, column in enumerate(table.columns) if column.figure)
    whole, *lines = [str(line.cells[column].shown) for line in table.lines if line.key]
    expected = case["printed"]
    assert whole == expected["total"]
    assert lines == expected["parts"] if "parts" in expected else sum(map(Decimal, lines)) == Decimal(expected["sum_of_parts"])
    assert any(map(noted, table.lines)) == case["note"]
    if case["policy"] == WHOLE:
        assert isinstance(made.rounded, Rounded)
        assert len(made.rounded.moved) == case["moved"]


def test_a_form_has_its_own_note():
    """Of two project forms only the one whose 测算 lines do not add up to the project has the note, under its own lines."""
    sheets = minimal(
        收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", 600090]],
        项目支出=[
            ["金额单位", "元"],
            ["单位编码", "项目名称", "功能科目编码", "部门经济编码", "资金来源", "本年预算数"],
            ["124001", "甲项目", "2010302", "30201", "经费拨款", 90],
            ["124001", "乙项目", "2010302", "30201", "经费拨款", 600000],
        ],
        项目库=[["单位编码", "项目名称", "项目类别", "编制绩效目标"], ["124001", "甲项目", "其他专项类", "是"], ["124001", "乙项目", "其他专项类", "是"]],
        项目测算明细=[["金额单位", "元"], ["单位编码", "项目名称", "支出内容", "本年预算数"], *(["124001", "甲项目", f"内容{n}", 30] for n in range(3)), *(["124001", "乙项目", f"内容{n}", 200000] for n in range(3))],
        **{"基本支出—工资福利": []},
    )
    plain = printed_set(selector_for(sheets, "pingjiang-2022", EACH))
    table = next(b.table for b in plain.built if b.table.name == "绩效-项目")
    first, second = ([table.lines[r] for r in rows] for rows in table.instances)
    assert noted(first[-1])
    assert not any(map(noted, [*first[:-1], *second]))
    whole = printed_set(selector_for(sheets, "pingjiang-2022", WHOLE))
    table = next(b.table for b in whole.built if b.table.name == "绩效-项目")
    assert not any(map(noted, table.lines))
    assert not whole.unfooted


def test_a_set_that_has_no_way_is_printed_cell_by_cell_and_says_so():
    """Five amounts of which any two are told together: at most one may go up, but altogether two have to."""
    items = ("30101", "30102", "30103", "30107", "30110")
    sheets = minimal(
        收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", 5 * Decimal("1045")]],
        项目支出=[],
        项目库=[],
        **{"基本支出—工资福利": [["金额单位", "元"], ["单位编码", "功能科目编码", "资金来源", *items], ["124001", "2010301", "经费拨款", *[Decimal("1045")] * 5]]},
    )
    selector = selector_for(sheets, "pingjiang-2022", WHOLE)
    pairs = {f"{a}{b}": FactSpec(figure=f"部门经济 {a} {b}") for a, b in combinations(items, 2)}
    pack = selector.pack
    told = {name: pack.vocabulary.parse(spec.figure, "支出") for name, spec in pairs.items()}
    pack = replace(pack, facts={**pack.facts, **told}, file=msgspec.structs.replace(pack.file, facts={**pack.file.facts, **pairs}))
    made = printed_set(Selector(selector.master, pack))
    each = printed_set(Selector(selector.master, with_policy(pack, policy=EACH)))
    assert made.rounded == NoWay(proven=True)
    assert made.unfooted
    assert made.built == each.built
    assert made.selector.master == selector.master, "sentences say the exact amounts"
    (problem,) = made.problems
    assert problem.level is Level.WARNING
    assert "没有一种取法" in problem.message
    assert "改用各格舍入" in problem.message
    assert made.unfooted[0] in problem.message
    assert made.report() == {"办法": WHOLE, "加不拢的表": list(made.unfooted), "改用": EACH}


def test_a_search_that_finds_nothing_ends(monkeypatch):
    """When the solver runs out of steps without an answer, the set falls back too, and does not claim that there is none."""
    monkeypatch.setattr("generator.build.rounded.choose", lambda *_: Choice(None))
    made = printed_set(_thirds(WHOLE))
    assert made.rounded == NoWay(proven=False)
    assert "步数" in made.problems[0].message


def _thirds(policy: str) -> Selector:
    """Three amounts that each round to nothing and together to 0.01."""
    sheets = minimal(
        收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", 90]],
        项目支出=[],
        项目库=[],
        **{"基本支出—工资福利": [["金额单位", "元"], ["单位编码", "功能科目编码", "资金来源", "30101", "30102", "30103"], ["124001", "2010301", "经费拨款", 30, 30, 30]]},
    )
    return selector_for(sheets, "pingjiang-2022", policy)


def test_without_scipy_the_clerk_is_told_what_to_run(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(UsageError, match="python -m pip install scipy"):
        printed_set(_thirds(WHOLE))
    assert printed_set(_thirds(EACH)).built, "the other policy needs none"
    path = odd_sample("zengdu-2023", tmp_path)
    assert main(["build", str(path), "--pack", str(variant("zengdu-2023", WHOLE, tmp_path)), "-o", str(tmp_path / "out")]) == 2
    assert "python -m pip install scipy" in capsys.readouterr().err
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())


def test_nothing_to_round_needs_no_scipy(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    selector = selector_of(sample("pingjiang-2022"))
    made = printed_set(Selector(selector.master, with_policy(selector.pack, policy=WHOLE)))
    assert made.rounded == Rounded(made.selector, Decimal(100))


def variant(pack_id: str, policy: str, folder: Path) -> Path:
    """A pack that extends a built-in one and changes its rounding alone, as a bureau would."""
    own = folder / f"{pack_id}-{policy}"
    own.mkdir()
    shutil.copy(templates_folder() / "xlsx" / f"{pack_id}.xlsx", own / f"{own.name}.xlsx")
    (own / f"{own.name}.yaml").write_text(f"extends: {pack_id}\nname: 试\nrounding: {{policy: {policy}}}\n", encoding="utf-8")
    return own


@pytest.mark.parametrize("policy", [EACH, WHOLE])
@pytest.mark.parametrize("pack_id", SAMPLES)
def test_every_sample_builds_under_either_policy(pack_id, policy, tmp_path):
    """The pack of a bureau that extends the county's and changes its rounding alone; amounts with 元 and 分 in them."""
    path = odd_sample(pack_id, tmp_path)
    done = run.build_set(path, tmp_path / "out", str(variant(pack_id, policy, tmp_path)), run.Wanted(draft=True))
    told = json.loads((done.folder / "run.json").read_text(encoding="utf-8"))["舍入"]
    assert told["办法"] == policy
    checked = done.checked
    assert not [p for p in checked.problems.errors if p.rule in ("M09 收支平衡", "表内全覆盖", "A00 表内加总", "A06 收支表平衡", "X00 表间相等")]
    said = {table.number for table in checked.tables if any(map(noted, table.lines)) or says_so(table)}
    if policy == WHOLE:
        assert told["加不拢的表"] == []
        assert told["挪动的数"]
        assert told["因此不同的格"]
        assert any("没有取四舍五入" in p.message for p in checked.problems.found)
        assert "没有取四舍五入" in " ".join(text for row in openpyxl.load_workbook(done.folder / "校验报告.xlsx")["问题"].iter_rows(values_only=True) for text in map(str, row))
    else:
        assert set(told["加不拢的表"]) <= said
        assert "挪动的数" not in told


def test_the_same_master_comes_out_the_same_and_in_time():
    """Twice in this process and once in another: no clock and no order of hashing decides anything."""
    code = "from tests.build.test_rounding import large; made = large(); print(made.report())"
    others = [subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout for seed in ("1", "2")]
    assert others[0] == others[1] == f"{large().report()}\n"


def large() -> PrintedSet:
    """A department of twenty units, each as large as the sample: a thousand amounts that do not come out even."""
    selector = selector_of(sample("pingjiang-2022"))
    rng = random.Random(20)
    data = {
        name: tuple(r.with_(values={**r.values, "单位编码": f"{r.text('单位编码')}{n:02}"}) if "单位编码" in r.values else r for n in range(20) for r in records)
        for name, records in selector.master.data.items()
    }
    data["支出"] = tuple(r.with_(amounts={**r.amounts, "本年": r.amounts["本年"] + rng.randint(1, 9999)}) if r.amounts.get("本年") else r for r in data["支出"])
    data["测算"] = ()
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for record in data["支出"]:
        spent[record.text("单位编码")] += record.amounts.get("本年", 0)
    data["收入"] = tuple(r.with_(amounts={**r.amounts, "本年": spent[r.text("单位编码")]}) for r in data["收入"])
    made = printed_set(Selector(replace(selector.master, data=data), with_policy(selector.pack, policy=WHOLE)))
    assert isinstance(made.rounded, Rounded)
    assert not made.unfooted
    return made


def test_explain_tells_a_moved_figure_as_it_is_printed():
    """Where from, how much exactly, and that it was moved and why; the address counts the notes above it."""
    selector = _thirds(WHOLE)
    made = printed_set(selector)
    answers = Tracer(selector)
    moved = made.cells[0]
    told = answers.cells.cell(moved.table, moved.cell)
    assert told.sums[0].shown == moved.printed
    assert told.sums[0].amount == 30, "in 元, exact"
    assert f"四舍五入是 {moved.plain}" in rounding(told.sums[0])
    assert rounding(answers.figures.fact("支出总计").sums[0]).endswith("→ 0.01 万元（四舍五入）")


def test_tables_in_yuan_print_exact_amounts():
    """The trial pack prints some tables in 元 and some in 万元: only those in 万元 are rounded."""
    selector, _ = bound_sheets(yuan_sheets(), str(TRIAL))
    whole = Selector(selector.master, with_policy(selector.pack, policy=WHOLE))
    made = printed_set(whole)
    units = {spec.unit for spec in whole.pack.tables}
    assert {"元", "万元"} <= units
    assert made.rounded.moved
    for spec, built in zip(whole.pack.tables, made.built, strict=True):
        if spec.unit == "元":
            assert built.table == build(selector, spec).table


TRIAL = ROOT / "tests" / "packs" / "xinxian-2024"


def yuan_sheets() -> Sheets:
    """Three kinds of 三公经费 that each round to nothing."""
    items = ("30212", "30217", "30231")
    source = "一般公共预算拨款收入"
    return minimal(
        单位信息=[["年度", "2024"], ["套表", "xinxian-2024"], [], *UNIT_SHEET[3:]],
        收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", source, 90]],
        项目支出=[],
        项目库=[],
        **{"基本支出—工资福利": [], "基本支出—商品和服务": [["金额单位", "元"], ["单位编码", "功能科目编码", "资金来源", *items], ["124001", "2010301", source, 30, 30, 30]]},
    )
