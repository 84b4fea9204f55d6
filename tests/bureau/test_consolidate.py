"""consolidate: the whole is the sum of its units, cell by cell; transfers are counted once; conflicts are named; every line knows its origin."""

import random
import re
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from bench.units import units, workbook
from generator.audit.readback import ReadbackError
from generator.bind.bind import bind, pack_id_of
from generator.build.select import Selector
from generator.build.table import build
from generator.bureau import consolidate as module
from generator.bureau.adds_up import adding_cells, table_sums
from generator.bureau.consolidate import Whole, consolidate
from generator.cli import main
from generator.model.problem import DataError, Problems, UsageError
from generator.read import read_workbook
from generator.run import check, get_pack
from tests.support import minimal, sample, write

OTHER = {"124001": "124002", "甲局": "乙中心", "甲项目": "乙项目", "行政": "事业"}


def other(changes=OTHER, **changed) -> dict:
    """minimal() as another unit of the same department."""
    return {s: [[changes.get(v, v) if isinstance(v, str) else v for v in r] for r in rows] for s, rows in minimal(**changed).items()}


def two(folder: Path, first=None, second=None) -> list[Path]:
    return [write(folder / "甲局.xlsx", first or minimal()), write(folder / "乙中心.xlsx", second or other())]


@cache
def county(pack_id: str, count: int, seed: int) -> tuple[Path, ...]:
    import tempfile

    folder, pack = Path(tempfile.mkdtemp()), get_pack(pack_id)
    paths = []
    for unit in units(count, seed=seed, large_every=4, large=250):
        path = folder / f"{unit.code}.xlsx"
        path.write_bytes(workbook(pack, unit))
        paths.append(path)
    return tuple(paths)


def bound(path: Path):
    problems = Problems()
    raw = read_workbook(path)
    return bind(raw, get_pack(pack_id_of(raw)), problems)


@pytest.mark.parametrize("pack_id", ["pingjiang-2022", "hetang-2022", "hetang-2019", "zengdu-2023"])
@pytest.mark.parametrize("seed", [1, 5])
def test_the_whole_is_the_sum_of_its_units_cell_by_cell(pack_id, seed):
    paths = county(pack_id, 5, seed)
    made = consolidate(list(paths))
    parts = [bound(p) for p in paths]
    compared = list(table_sums(made.pack, made.master, parts))
    assert sum(t.cells for t in compared) > 500
    assert not [w for t in compared for w in t.wrong]
    for dataset in made.pack.schema.datasets:
        for measure in made.pack.schema.measures(dataset):
            own = sum((r.amounts.get(measure, 0) for r in made.master.records(dataset)), Decimal(0))
            assert own == sum((r.amounts.get(measure, 0) for p in parts for r in p.records(dataset)), Decimal(0)), (dataset, measure)


def test_the_check_can_fail():
    """One 元 more in one unit, and the tables that show it say so."""
    paths = county("zengdu-2023", 5, 1)
    made, parts = consolidate(list(paths)), [bound(p) for p in county("zengdu-2023", 5, 1)]
    record = next(r for r in parts[2].data["支出"] if r.amounts.get("本年"))
    data = {**parts[2].data, "支出": tuple(r.with_(amounts={**r.amounts, "本年": r.amounts["本年"] + 1}) if r is record else r for r in parts[2].data["支出"])}
    parts[2] = replace(parts[2], data=data)
    wrong = [(t.number, w) for t in table_sums(made.pack, made.master, parts) for w in t.wrong]
    assert wrong
    assert all(sum_ - own == 1 for _, (_, own, sum_) in wrong)


def test_a_department_of_a_real_sample_taken_apart_and_put_together(tmp_path):
    """曾都 2023: the two units of one workbook as two workbooks, then as one again: the same tables."""
    whole = bound(sample("zengdu-2023"))
    pack = get_pack("zengdu-2023")
    paths = []
    for code in whole.units:
        typed = {s: [r for r in rows if r.text("单位编码") in (code, "") or s == "单位信息"] for s, rows in whole.typed.items()}
        typed["单位信息"] = [r for r in typed["单位信息"] if r.text("单位编码") == code]
        if code != whole.main.text("单位编码"):
            typed = {s: [r for r in rows if r.text("单位编码") == code] for s, rows in typed.items()}
        rows, _ = module._rows(typed, pack, [])
        from generator.render.blank import Prefill, blank_workbook

        path = tmp_path / f"{code}.xlsx"
        path.write_bytes(
            blank_workbook(
                pack,
                Prefill({k: v for k, v in whole.lines.items() if v}, {s.name: "元" for s in pack.schema.sheets if s.amount_unit}, rows),
                datetime(2023, 1, 1),
            )
        )
        paths.append(path)
    made = consolidate(paths)
    again = Selector(made.master, pack)
    for spec in pack.tables:
        before = build(Selector(whole, pack), spec).table
        after = build(again, spec).table
        assert adding_cells(after, spec) == adding_cells(before, spec), spec.number
        assert [[c.text for c in line.cells] for line in after.lines] == [[c.text for c in line.cells] for line in before.lines], spec.number


def test_every_value_of_every_sheet_comes_through():
    paths = county("pingjiang-2022", 5, 1)
    made = consolidate(list(paths))
    parts = [bound(p) for p in paths]
    for sheet, records in made.master.typed.items():
        if sheet == "文字说明":
            continue
        found = sorted((sorted((k, str(v)) for k, v in r.values.items() if v is not None), sorted(r.amounts.items())) for r in records)
        wanted = sorted((sorted((k, str(v)) for k, v in r.values.items() if v is not None), sorted(r.amounts.items())) for p in parts for r in p.typed.get(sheet, ()))
        assert found == wanted, sheet


def test_texts_keep_their_unit(tmp_path):
    made = consolidate(two(tmp_path))
    assert made.master.text("职能职责", "124001") == "职能职责的内容"
    assert ("124002", "职能职责") in made.master.texts


def test_it_checks_and_builds_like_any_other(tmp_path, capsys):
    paths = two(tmp_path)
    out = tmp_path / "部门.xlsx"
    assert main(["consolidate", *map(str, paths), "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "2 个工作簿，2 个单位；收入 20.00 万元，支出 20.00 万元" in said
    assert re.search(r"部门 = 各单位之和：\d+ 张表 \d+ 格逐格相加，全部一致", said)
    assert not check(out).problems.errors
    assert main(["build", str(out), "-o", str(tmp_path / "out"), "--fast"]) == 0
    assert (tmp_path / "out" / "2022甲局" / "预算公开表.xlsx").exists()


def test_every_line_knows_where_it_came_from(tmp_path, capsys):
    paths = two(tmp_path)
    out = tmp_path / "部门.xlsx"
    main(["consolidate", *map(str, paths), "-o", str(out), "--no-overview"])
    book = openpyxl.load_workbook(out)
    rows = [r for r in book["汇总来源"].iter_rows(min_row=4, values_only=True) if r[0]]
    assert ("项目支出", 7, 7, "124002", "乙中心", "乙中心.xlsx", "项目支出", 3, 3, None) in rows
    listed = {(r[0], n) for r in rows for n in range(r[1], r[2] + 1)}
    master = bound(out)
    assert {(s, r.place.row) for s, records in master.typed.items() for r in records} == listed, "every line, and only lines that are there"
    capsys.readouterr()
    assert main(["explain", str(out), "收入总计"]) == 0
    said = capsys.readouterr().out
    assert re.search(r"收入!C7 .* 乙中心，经费拨款，原在 乙中心\.xlsx!收入!第3行", said)


def test_explain_finds_the_cell_of_every_figure_in_its_units_workbook():
    """The line that 汇总来源 names holds the amount, in the unit's own workbook."""
    from generator.build.origins import origins_in

    paths = county("pingjiang-2022", 5, 1)
    made = consolidate(list(paths))
    import tempfile

    target = Path(tempfile.mkdtemp()) / "全县.xlsx"
    target.write_bytes(made.data)
    whence = origins_in(read_workbook(target))
    by_file = {p.name: bound(p) for p in paths}
    rng = random.Random(2)
    records = [r for r in bound(target).data["支出"] if r.amounts.get("本年")]
    for record in rng.sample(records, 60):
        file, sheet, row = re.fullmatch(r"(.+)!(.+)!第(\d+)行", whence(record.place)).groups()
        there = [r for r in by_file[file].data["支出"] if r.place.sheet == sheet and r.place.row == int(row)]
        assert any(r.amounts.get("本年") == record.amounts["本年"] and r.text("部门经济编码") == record.text("部门经济编码") for r in there)


# --- transfers ----------------------------------------------------------------------------------------------------------


def with_transfer() -> tuple[dict, dict]:
    """甲局 pays 乙中心 10000 out of 经费拨款 as 对附属单位补助支出; 乙中心 has it as 其他收入 and spends it on its project."""
    first = minimal()
    first["收入"] = [*first["收入"][:2], ["124001", "经费拨款", 110000]]
    first["项目支出"] = [
        ["金额单位", "元"],
        ["单位编码", "项目名称", "支出类型", "功能科目编码", "部门经济编码", "资金来源", "本年预算数"],
        ["124001", "甲项目", "", "2010302", "30201", "经费拨款", 40000],
        ["124001", "", "对附属单位补助支出", "2010302", "30299", "经费拨款", 10000],
    ]
    second = other()
    second["收入"] = [*second["收入"][:2], ["124002", "经费拨款", 90000], ["124002", "其他收入", 10000]]
    second["项目支出"] = [
        ["金额单位", "元"],
        ["单位编码", "项目名称", "功能科目编码", "部门经济编码", "资金来源", "本年预算数"],
        ["124002", "乙项目", "2010302", "30201", "经费拨款", 30000],
        ["124002", "乙项目", "2010302", "30201", "其他收入", 10000],
    ]
    return first, second


TRANSFER = [["金额单位", "元"], ["付款单位编码", "支出类型", "收款单位编码", "收入来源", "本年预算数"], ["124001", "对附属单位补助支出", "乙中心", "其他收入", 10000]]


@pytest.mark.parametrize("where", ["table", "master"])
def test_internal_transfers_count_once(where, tmp_path, capsys):
    first, second = with_transfer()
    table = write(tmp_path / "往来.xlsx", {"内部往来": TRANSFER}) if where == "table" else None
    if where == "master":
        first["内部往来"] = TRANSFER
    paths = two(tmp_path, first, second)
    out = tmp_path / "部门.xlsx"
    assert main(["consolidate", *map(str, paths), "-o", str(out), *(["--transfers", str(table)] if table else [])]) == 0
    said = capsys.readouterr().out
    assert "收入 20.00 万元，支出 20.00 万元" in said, "21 万元 of each less 1"
    assert "抵销 1：124001 的支出（对附属单位补助支出 2010302 30299 经费拨款）= 124002 的收入（其他收入），本年数 10,000.00 元" in said
    assert check(out).problems.errors == [], "in balance, unit by unit and source by source"
    master = bound(out)
    spent = {(r.text("单位编码"), r.text("支出类型"), r.text("资金来源")): r.amounts["本年"] for r in master.data["支出"] if r.text("支出类型") != "基本支出"}
    assert spent == {("124001", "项目支出", "经费拨款"): 40000, ("124002", "项目支出", "经费拨款"): 40000}
    income = {(r.text("单位编码"), r.text("资金来源")): r.amounts["本年"] for r in master.data["收入"]}
    assert income == {("124001", "经费拨款"): 100000, ("124002", "经费拨款"): 100000}
    book = openpyxl.load_workbook(out)
    taken = [r for r in book["抵销清单"].iter_rows(min_row=4, values_only=True) if r[0]]
    assert sum(r[6] for r in taken if "支出" in r[3] or "资金来源" in r[3]) == -10000
    assert sum(r[6] for r in taken if "收入" in r[3]) == -10000
    assert {r[7].split("!")[0] for r in taken} == {"甲局.xlsx", "乙中心.xlsx"}
    assert "抵销清单" in openpyxl.load_workbook(tmp_path / "部门-汇总分析.xlsx").sheetnames


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["124001", "对附属单位补助支出", "124002", "其他收入", 20000], "往来.xlsx!内部往来!E3  错误  付款单位 124001 符合这一行的支出只有 10,000.00 元，不够抵销 20,000.00 元"),
        (["124001", "对附属单位补助支出", "124002", "政府性基金拨款", 10000], "收款单位 124002 的“政府性基金拨款”收入只有 0.00 元"),
        (["124001", "", "124002", "其他收入", 10000], "没有说明是付款单位的哪一笔支出"),
        (["124001", "对附属单位补助支出", "124001", "其他收入", 10000], "付款单位和收款单位都是 124001"),
        (["124009", "对附属单位补助支出", "124002", "其他收入", 10000], "没有单位“124009”"),
        (["124001", "对附属单位补助支出", "124002", "其他收入", None], "没有填"),
    ],
)
def test_a_transfer_that_does_not_fit_is_named(row, said, tmp_path, capsys):
    paths = two(tmp_path, *with_transfer())
    table = write(tmp_path / "往来.xlsx", {"内部往来": [*TRANSFER[:2], row]})
    out = tmp_path / "部门.xlsx"
    assert main(["consolidate", *map(str, paths), "-o", str(out), "--transfers", str(table)]) == 1
    assert said in capsys.readouterr().out
    assert not out.exists()


# --- conflicts ----------------------------------------------------------------------------------------------------------


def conflict(tmp_path, second) -> str:
    with pytest.raises(DataError) as e:
        consolidate(two(tmp_path, second=second))
    return str(e.value)


def test_conflicts_are_named_with_file_and_cell(tmp_path):
    assert re.search(r"乙中心\.xlsx!单位信息!A5  错误  单位编码“124001”（乙中心）在 甲局\.xlsx!单位信息!A5 已经有了（甲局）", conflict(tmp_path, other({"甲局": "乙中心"})))
    assert re.search(r"乙中心\.xlsx!单位信息!B1  错误  年度是 2023，甲局\.xlsx!单位信息!B1 是 2022", conflict(tmp_path, other({**OTHER, "2022": "2023"})))
    assert re.search(
        r"乙中心\.xlsx!单位信息!B2  错误  套表是 hetang-2022，甲局\.xlsx!单位信息!B2 是 pingjiang-2022",
        conflict(tmp_path, other({**OTHER, "pingjiang-2022": "hetang-2022", "经费拨款": "财政预算全额拨款"})),
    )
    assert re.search(r"乙中心\.xlsx!单位信息!B5  错误  “甲局”有两个编码：124002，和 甲局\.xlsx!单位信息!A5 的 124001", conflict(tmp_path, other({"124001": "124002"})))


def test_what_cannot_be_read_stops_it(tmp_path):
    second = other()
    second["收入"][2][2] = "十万"
    assert "乙中心.xlsx!收入!C3  错误  不是数字：“十万”" in conflict(tmp_path, second)


def test_a_set_that_is_not_here_is_named_with_the_workbook_that_asks_for_it(tmp_path):
    assert "乙中心.xlsx!单位信息!B2  错误  没有套表“meiyou-2022”" in conflict(tmp_path, other({**OTHER, "pingjiang-2022": "meiyou-2022"}))


def test_an_adjustment_for_all_units_stays_with_its_own(tmp_path):
    """A line of 政府经济分类调整 without a unit means all units of its workbook, not of the whole."""
    first = minimal(政府经济分类调整=[["金额单位", "元"], ["部门经济编码", "政府经济编码", "理由"], ["30201", "50299", "批复如此"]])
    made = consolidate(two(tmp_path, first=first, second=other({**OTHER, "行政": "行政"})))
    found = {(r.text("单位编码"), r.text("政府经济编码")) for r in made.master.data["支出"] if r.text("部门经济编码") == "30201"}
    assert found == {("124001", "50299"), ("124002", "50201")}


def test_projects_spelt_in_two_ways_stay_with_their_units(tmp_path):
    made = consolidate(two(tmp_path, second=other({**OTHER, "甲项目": "甲 项目"})))
    assert {(r.text("单位编码"), r.text("项目名称"), r.text("项目类别")) for r in made.master.data["支出"] if r.text("项目名称")} == {
        ("124001", "甲项目", "其他专项类"),
        ("124002", "甲 项目", "其他专项类"),
    }


def test_a_code_no_blank_has_a_column_for_is_kept(tmp_path):
    second = other()
    second["基本支出—工资福利"][1][3] = "3010101 基本工资—岗位工资"
    made = consolidate(two(tmp_path, second=second))
    assert {r.text("部门经济编码"): r.amounts["本年"] for r in made.master.typed["基本支出—工资福利"]} == {"30101": 60000, "3010101": 60000}


def test_who_names_the_result(tmp_path):
    paths = two(tmp_path)
    assert consolidate(paths, main="124002").master.main.text("单位名称") == "乙中心"
    made = consolidate(paths, whole=Whole("甲部门汇总"))
    assert (made.master.main.text("单位名称"), made.master.main.text("单位编码")) == ("甲部门汇总", "124")
    assert len(made.master.units) == 3
    assert ("124", "职能职责") in made.master.texts
    with pytest.raises(UsageError, match="没有单位“999”"):
        consolidate(paths, main="999")
    own = other({**OTHER, "甲局": "甲部门"})
    assert consolidate(two(tmp_path, second=own)).master.main.text("单位名称") == "甲部门", "本级 bears the department's name"


def test_folders_strangers_and_files_that_are_there(tmp_path, capsys):
    folder = tmp_path / "收件"
    (folder / "一组").mkdir(parents=True)
    write(folder / "甲局.xlsx", minimal())
    write(folder / "一组" / "乙中心.xlsx", other())
    write(folder / "通知.xlsx", {"通知": [["开会"]]})
    write(folder / "甲局（校验）.xlsx", minimal())
    out = folder / "部门.xlsx"
    assert main(["consolidate", str(folder), "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "2 个工作簿" in said
    assert re.search(r"没有汇总 .*通知\.xlsx", said)
    assert main(["consolidate", str(folder), "-o", str(out)]) == 2, "what a person may have written in is not overwritten"
    assert main(["consolidate", str(folder), "-o", str(out), "--overwrite"]) == 0, "its own result is not consolidated again, nor the overview beside it"
    assert main(["consolidate", str(folder / "没有.xlsx"), "-o", str(out), "--overwrite"]) == 2
    first = out.read_bytes()
    main(["consolidate", str(folder), "-o", str(out), "--overwrite"])
    assert out.read_bytes() == first, "same input, same bytes"


def test_a_lost_line_would_be_found(tmp_path, monkeypatch):
    rows = module._rows

    def losing(typed, pack, taken):
        made, origins = rows(typed, pack, taken)
        made["项目支出"] = made["项目支出"][1:]
        return made, origins

    monkeypatch.setattr(module, "_rows", losing)
    with pytest.raises(ReadbackError, match="124001 的支出·本年应为"):
        consolidate(two(tmp_path))


# --- overview -----------------------------------------------------------------------------------------------------------


def test_the_overview_has_charts_and_data_that_add_up(tmp_path):
    out = tmp_path / "全县.xlsx"
    main(["consolidate", *map(str, county("pingjiang-2022", 5, 1)), "-o", str(out), "--name", "样例县"])
    book = openpyxl.load_workbook(tmp_path / "全县-汇总分析.xlsx")
    assert {"概览", "按单位", "按功能科目", "按部门经济分类", "按政府经济分类", "按项目", "三公经费", "按收入来源", "勾稽", "数据"} <= set(book.sheetnames)
    assert sum(len(sheet._charts) for sheet in book) >= 7
    data = book["数据"]
    assert list(data.tables) == ["数据表"]
    heading = [c.value for c in data[1]]
    spent = sum(Decimal(repr(r[heading.index("本年（元）")])) for r in data.iter_rows(min_row=2, values_only=True) if r[0] == "支出" and r[heading.index("本年（元）")])
    master = bound(out)
    assert spent == sum(r.amounts.get("本年", 0) for r in master.data["支出"])
    for name in ("按单位", "按功能科目", "按部门经济分类", "按政府经济分类"):
        sheet = book[name]
        head = [c.value for c in sheet[4]]
        at = head.index("本年支出")
        top = [r for r in sheet.iter_rows(min_row=6) if r[1].value and not r[1].alignment.indent]
        total = sheet.cell(5, at + 1).value
        assert abs(total * 10000 - float(spent)) < 51
        assert abs(sum(r[at].value for r in top) - total) < 0.01 * (len(top) + 1), name
    assert {r[3] for r in book["勾稽"].iter_rows(min_row=5, values_only=True) if r[0]} == {"一致"}
