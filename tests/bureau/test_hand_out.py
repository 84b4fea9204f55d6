"""Blanks from a roster and last year: every figure of last year stands in this year's comparison columns, and nothing is made up."""

from collections import defaultdict
from decimal import Decimal

import openpyxl
import pytest

from bench.units import file_name, units, workbook
from generator import run
from generator.bind.bind import bind
from generator.bureau.hand_out import hand_out
from generator.bureau.last_year import LastYear, read_last_year
from generator.bureau.roster import Roster, RosterUnit, read_roster, roster_workbook
from generator.cli import main
from generator.model.problem import DataError, Problems
from generator.read import read_workbook
from generator.render.blank import CARRIED
from tests.support import write

OLD, NEW = "pingjiang-2022", "zengdu-2023"
SOURCES = {"经费拨款": "经费拨款补助", "纳入专户管理的非税收入拨款": "财政专户管理资金收入"}


@pytest.fixture(scope="module")
def last(tmp_path_factory):
    """Three workbooks of last year, one of them a department with two schools."""
    folder = tmp_path_factory.mktemp("上年")
    pack = run.get_pack(OLD)
    made = units(3, seed=3, large_every=3, large=270)
    for unit in made:
        (folder / file_name(pack, unit)).write_bytes(workbook(pack, unit))
    return folder, made


def listed(made, **more):
    found = {}
    for unit in made:
        found[unit.code] = RosterUnit(unit.code, unit.name, {"单位性质": unit.nature, "联系岗位": "财务股"})
        found |= {b.code: RosterUnit(b.code, b.name, {"单位性质": b.nature}, filed_with=unit.code) for b in unit.below}
    return Roster("名册.xlsx", "2023", NEW, found, **{"sources": SOURCES, **more})


def sums(path, pack_id, measure):
    """unit, dataset → the sum of a measure."""
    problems = Problems()
    master = bind(read_workbook(path), run.get_pack(pack_id), problems)
    found = defaultdict(Decimal)
    for dataset in ("收入", "支出", "采购", "测算"):
        for r in master.records(dataset):
            found[r.text("单位编码"), dataset] += r.amounts.get(measure, Decimal(0))
    return {k: v for k, v in found.items() if v}, problems


def test_last_year_is_this_years_comparison(last, tmp_path):
    folder, made = last
    roster = listed(made)
    found = read_last_year(folder, roster, 2023)
    assert not found.gone
    assert not found.aside
    blanks = list(hand_out(roster, "", found, tmp_path))
    assert [b.unit.code for b in blanks] == [u.code for u in made]
    for unit, blank in zip(made, blanks, strict=True):
        assert blank.path.name == f"{unit.code}-{unit.name}-2023.xlsx"
        was, _ = sums(folder / file_name(run.get_pack(OLD), unit), OLD, "本年")
        now, problems = sums(blank.path, NEW, "上年")
        assert now == was
        assert sums(blank.path, NEW, "本年")[0] == {}, "nothing is said of this year"
        assert not [str(p) for p in problems.errors]


def test_units_that_merged_and_one_that_is_no_more(last, tmp_path):
    folder, made = last
    first, second, _ = made
    roster = Roster("名册.xlsx", "2023", NEW, {"900": RosterUnit("900", "合并后的局", {"单位性质": "行政"})}, {first.code: "900", second.code: "900"}, SOURCES)
    found = read_last_year(folder, roster, 2023)
    assert [b.code for b in found.gone] == [made[2].code, *(b.code for b in made[2].below)]
    (blank,) = hand_out(roster, "", found, tmp_path)
    assert len(blank.old) == 2
    assert blank.merged == [f"合并后的局（{first.name}＋{second.name}）"]
    was = [sums(folder / file_name(run.get_pack(OLD), u), OLD, "本年")[0] for u in (first, second)]
    now, _ = sums(blank.path, NEW, "上年")
    for dataset in ("收入", "支出"):
        assert now["900", dataset] == was[0][first.code, dataset] + was[1][second.code, dataset]


def test_what_is_carried_is_marked_and_what_is_typed_now_is_not(last, tmp_path):
    folder, made = last
    roster = listed(made[:1])
    (blank,) = hand_out(roster, "", read_last_year(folder, roster, 2023), tmp_path)
    book = openpyxl.load_workbook(blank.path)

    def colours(sheet, column):
        return {c.fill.start_color.rgb[-6:] for c in book[sheet][column][5:] if c.value is not None and c.fill.fill_type}

    assert colours("项目支出", "L") == {CARRIED[1:]}
    assert colours("项目支出", "K") == set()
    names = {r[1].value: r for r in book["文字说明"].iter_rows(min_row=5)}
    assert names["职能职责"][2].fill.start_color.rgb[-6:] == CARRIED[1:]
    reason = names["原因：收入总计"]
    assert reason[2].value is None, "a reason is of its year"
    assert "上年写的是：在职人员" in reason[3].value
    assert any("浅蓝底的格子是从 2022 年的工作簿带来的" in str(r[0].value) for r in book["填报说明"].iter_rows())
    assert book["单位信息"]["B8"].value == "财务股"


def test_a_source_nobody_knows_any_more_is_left_to_the_clerk(last, tmp_path):
    folder, made = last
    roster = listed(made[:1], sources={"经费拨款": "没有的来源"})
    (blank,) = hand_out(roster, "", read_last_year(folder, roster, 2023), tmp_path)
    rows = list(openpyxl.load_workbook(blank.path)["收入"].iter_rows(min_row=6, values_only=True))
    assert rows[0][1] is None
    assert rows[0][5] == "上年的来源是“经费拨款”，请从下拉里选今年的"
    assert next(p.message for p in sums(blank.path, NEW, "上年")[1].errors) == "没有填“收入来源”"


def test_an_existing_file_stays(last, tmp_path):
    _, made = last
    roster = listed(made[:1])
    (blank,) = hand_out(roster, "", LastYear(), tmp_path)
    blank.path.write_bytes(b"filled")
    (again,) = hand_out(roster, "", LastYear(), tmp_path)
    assert again.kept
    assert blank.path.read_bytes() == b"filled"


def test_the_commands(last, tmp_path, capsys):
    folder, made = last
    path = tmp_path / "名册.xlsx"
    assert main(["roster", "--pack", NEW, "--from", str(folder), "-o", str(path)]) == 0
    roster = read_roster(path)
    assert {c: (u.name, u.filed_with) for c, u in roster.units.items()} == {c: (u.name, u.filed_with) for c, u in listed(made).units.items()}
    assert (roster.year, roster.pack) == ("2023", NEW)
    assert main(["roster", "--pack", NEW, "-o", str(path)]) == 2, "never overwritten"
    assert main(["new", "--roster", str(path), "--last-year", str(folder), "-o", str(tmp_path / "空白")]) == 0
    said = capsys.readouterr().out
    assert "空白主工作簿 3 册" in said
    assert "带入上年数的 3 册" in said
    assert main(["new", "--pack", NEW, "--last-year", str(folder), "-o", str(tmp_path / "x")]) == 2
    assert main(["new", "-o", str(tmp_path / "x")]) == 2


def test_what_is_wrong_with_a_roster_is_told_at_once(tmp_path):
    path = write(
        tmp_path / "名册.xlsx",
        {
            "名册": [["单位编码", "单位名称", "合填单位编码"], ["01", "甲局", None], ["01", "乙局", None], ["02", None, None], ["03", "丙所", "09"]],
            "对照": [["上年编码", "今年编码"], ["88", "77"], ["66", "撤销"]],
        },
    )
    with pytest.raises(DataError) as caught:
        read_roster(path)
    assert [str(p).partition("\n")[0] for p in caught.value.problems] == [
        "名册.xlsx!名册!A3  错误  单位编码“01”重复（甲局、乙局）  [名册]",
        "名册.xlsx!名册!B4  错误  没有填“单位名称”  [名册]",
        "名册.xlsx!名册!C5  错误  合填单位“09”不在名册里  [名册]",
        "名册.xlsx!对照  错误  上年编码 88 对到 77，名册里没有这个编码  [名册]",
    ]
    with pytest.raises(DataError, match="不是名册"):
        read_roster(write(tmp_path / "x.xlsx", {"表": [["甲", "乙"]]}))


def test_a_roster_is_read_as_it_was_written(tmp_path):
    rows = [RosterUnit("001", "甲局", {"单位性质": "行政", "联系岗位": "财务股"}), RosterUnit("00101", "甲局二级", {}, filed_with="001"), RosterUnit("002", "乙校", {}, pack=OLD)]
    path = tmp_path / "名册.xlsx"
    path.write_bytes(roster_workbook(run.get_pack(NEW), rows))
    found = read_roster(path)
    assert [(u.code, u.name, u.filed_with, u.pack) for u in found.units.values()] == [("001", "甲局", "", ""), ("00101", "甲局二级", "001", ""), ("002", "乙校", "", OLD)]
    assert found.units["001"].text("联系岗位") == "财务股"
