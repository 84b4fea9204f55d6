"""A folder of workbooks, start to finish: good and broken ones, a second run, a changed one, stopped in the middle."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime
from io import BytesIO

import openpyxl
import pytest

from bench.county import saved_at
from bench.units import file_name, units, workbook
from generator import run
from generator.bureau.batch import Options, Progress, run_batch
from generator.bureau.executor import LocalPool
from generator.bureau.ledger import FOLDER, UNDONE, Record, read_record, write_record
from generator.bureau.roster import RosterUnit, read_roster, roster_workbook
from generator.bureau.storage import Folder, storage
from generator.cli import main
from tests.support import ROOT, minimal, sample, write

PACK = "pingjiang-2022"


@pytest.fixture(scope="module")
def pool():
    made = LocalPool(2, timeout=60, memory_mb=3000)
    yield made
    made.close()


def collected(folder, count=3):
    """`count` good workbooks."""
    pack = run.get_pack(PACK)
    folder.mkdir(parents=True)
    made = units(count, seed=3, large_every=0)
    for unit in made:
        (folder / file_name(pack, unit)).write_bytes(workbook(pack, unit))
    return made


def roster_of(path, made, *more):
    listed = [RosterUnit(u.code, u.name, {"主管部门名称": u.department, "单位性质": u.nature}) for u in made]
    path.write_bytes(roster_workbook(run.get_pack(PACK), [*listed, *more]))
    return read_roster(path)


def once(pool, source, out, roster=None, **options):
    return run_batch(Folder(str(source)), Folder(str(out)), roster, pool, Options(**options), Progress())


def stamps(out):
    return {str(p.relative_to(out)): p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file() and "状态" not in p.name and "识别" not in p.name}


def test_good_and_broken_together_then_nothing_then_only_what_changed(pool, tmp_path):
    source, out = tmp_path / "收件", tmp_path / "out"
    made = collected(source)
    roster = roster_of(tmp_path / "名册.xlsx", made, RosterUnit("124001", "甲局", {}), RosterUnit("888", "没交局", {}))
    write(source / "甲局.xlsx", minimal(收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", "十万"]]))
    (source / "坏的.xlsx").write_bytes(b"PK\x03\x04 nothing")
    (source / "~$甲局.xlsx").write_bytes(b"lock")
    shutil.copy(sample("zengdu-2023"), source / "别县.xlsx")
    (source / "下级").mkdir()
    shutil.copy(source / file_name(run.get_pack(PACK), made[0]), source / "下级" / "副本.xlsx")

    first = once(pool, source, out, roster)
    assert len(first.built) == 4
    assert dict(first.status.counts) == {"已生成": 3, "有错误": 1, "未交": 1}
    assert [(line.state, line.name) for line in first.status.lines][:2] == [("有错误", "甲局"), ("未交", "没交局")]
    assert {a.name: a.kind for a in first.status.aside} == {"下级/副本.xlsx": "内容相同", "别县.xlsx": "不在名册", "坏的.xlsx": "不是主工作簿"}
    wrong = first.status.lines[0]
    assert wrong.shown[0].message == "不是数字：“十万”"
    assert sorted(wrong.record.handed_back) == ["2022甲局（校验）/校验报告.xlsx", "2022甲局（校验）/甲局（校验）.xlsx"]
    assert not list(source.glob("*（校验）*")), "what was collected is left alone"
    for unit in made:
        assert (out / f"2022{unit.name}" / "预算公开表.xlsx").is_file()

    before = stamps(out)
    second = once(pool, source, out, roster)
    assert (second.built, len(second.kept)) == ([], 4)
    assert second.status.counts == first.status.counts
    assert stamps(out) == before

    write(source / "甲局.xlsx", minimal())  # mended
    third = once(pool, source, out, roster)
    assert third.built == ["2022-124001"]
    assert not (out / "2022甲局（校验）").exists()
    assert {name for name, when in stamps(out).items() if before.get(name) != when} == {str(p.relative_to(out)) for p in (out / "2022甲局").rglob("*") if p.is_file()} | {f"{FOLDER}/2022-124001.json"}

    write(source / "甲局.xlsx", minimal(收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", 90000]]))
    fourth = once(pool, source, out, roster)
    line = fourth.status.lines[0]
    assert line.state == "有错误"
    assert (out / "2022甲局" / "预算公开表.xlsx").is_file()
    assert "文件夹里还是上一次生成的结果（用的是 甲局.xlsx），不要公开" in line.notes

    shutil.rmtree(out / f"2022{made[0].name}")  # somebody threw a result away
    assert once(pool, source, out, roster).built == [f"2022-{made[0].code}"]


def test_a_unit_whose_process_was_killed_is_done_again(pool, tmp_path):
    source, out = tmp_path / "收件", tmp_path / "out"
    made = collected(source, 2)
    once(pool, source, out)
    key = f"2022-{made[0].code}"
    place = storage(str(out))
    record = read_record(place, key)
    write_record(place, Record(key, UNDONE, record.fingerprint, record.workbook, record.sha))
    (out / FOLDER / f"2022-{made[1].code}.json").write_bytes(b'{"key": "2022')  # torn
    assert sorted(once(pool, source, out).built) == sorted(f"2022-{u.code}" for u in made)


def test_the_status_page_and_workbook_say_the_same_and_their_links_lead_somewhere(pool, tmp_path):
    source, out = tmp_path / "收 件#1", tmp_path / "out"
    made = collected(source)
    roster = roster_of(tmp_path / "名册.xlsx", made, RosterUnit("888", "没交<局>", {"联系岗位": "财务股"}))
    done = once(pool, source, out, roster)
    page = (out / "状态.html").read_text(encoding="utf-8")
    assert "没交&lt;局&gt;" in page
    assert "http" not in page, "nothing is fetched from anywhere"
    from urllib.parse import unquote

    links = re.findall(r'href="([^"]+)"', page)
    assert len(links) == 3 * 5, "the workbook, the folder, three documents"
    for href in links:
        assert (out / unquote(href)).exists(), href
    book = openpyxl.load_workbook(out / "状态表.xlsx")
    rows = list(book["单位"].iter_rows(min_row=4, values_only=True))
    assert [(r[0], r[5]) for r in rows] == [(line.code, line.state) for line in done.status.lines]
    income = openpyxl.load_workbook(BytesIO(workbook(run.get_pack(PACK), made[0])), data_only=True)["收入"]
    unit = income["B3"].value
    total = sum(r[2] or 0 for r in income.iter_rows(min_row=6, values_only=True)) / (10000 if unit == "元" else 1)
    assert next(r[6] for r in rows if r[0] == made[0].code) == pytest.approx(total, abs=0.006)
    for cell in book["单位"]["Q"][3:]:
        if cell.hyperlink:
            assert (out / unquote(cell.hyperlink.target)).exists()


def test_the_command(tmp_path, capsys):
    source = tmp_path / "收件"
    collected(source, 2)
    assert main(["batch", str(source), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 0
    said = capsys.readouterr().out
    assert "共 2 个单位：已生成 2 个。" in said
    assert "这次做了 2 个，0 个没有变" in said
    assert main(["batch", str(tmp_path / "没有"), "-o", str(tmp_path / "out")]) == 2


def heard() -> None:
    """Ctrl-C is heard: a shell that runs tests in the background has its children ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_stopped_in_the_middle_it_goes_on_where_it_was(tmp_path, sign):
    source, out = tmp_path / "收件", tmp_path / "out"
    made = collected(source, 6)
    command = [sys.executable, "-m", "generator", "batch", str(source), "-o", str(out), "--jobs", "2"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, preexec_fn=heard)
    assert process.stdout is not None
    for line in process.stdout:
        if re.match(r"\[2/6\] (已生成|有警告|有错误)", line):
            break
    process.send_signal(sign)
    rest = process.stdout.read()
    code = process.wait(timeout=60)
    if sign == signal.SIGINT:
        assert code == 130
        assert "中途停下了，再运行一次就接着做" in rest
        assert "中途停下了" in (out / "状态.html").read_text(encoding="utf-8")
    time.sleep(1)
    done = {p.stem for p in (out / FOLDER).glob("2022-*.json")}
    assert 2 <= len(done) < 6
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert again.returncode == 0, again.stdout + again.stderr
    kept = int(re.search(r"这次做了 \d+ 个，(\d+) 个没有变", again.stdout)[1])
    assert kept >= len(done)
    assert "共 6 个单位：已生成 6 个" in again.stdout
    assert sorted(p.name for p in out.iterdir()) == sorted([*(f"2022{u.name}" for u in made), "内部", "状态.html", "状态表.xlsx"])
    with open(os.devnull) as nothing:  # noqa: PTH123
        assert subprocess.run(["pgrep", "-s", str(process.pid)], stdin=nothing, capture_output=True, text=True).stdout == "", "no process is left behind"


def of_year(path, data, year, **cells):
    """The workbook with another year on it, and cells changed in 收入."""
    book = openpyxl.load_workbook(BytesIO(data))
    next(r for r in book["单位信息"].iter_rows(max_row=12) if r[0].value == "年度")[1].value = year
    for cell, value in cells.items():
        book["收入"][cell] = value
    book.save(path)


def test_each_is_held_against_its_own_last_year(pool, tmp_path):
    source, last, out = tmp_path / "收件", tmp_path / "上年", tmp_path / "out"
    made = collected(source, 3)
    last.mkdir()
    pack = run.get_pack(PACK)
    of_year(last / "甲.xlsx", workbook(pack, made[0]), "2021")
    of_year(last / "乙.xlsx", workbook(pack, made[1]), "2021", C6="坏了")  # cannot be used
    of_year(last / "丙.xlsx", workbook(pack, made[2]), "2020")  # not the year before
    once(pool, source, out)
    done = once(pool, source, out, last_year=Folder(str(last)))
    assert sorted(done.built) == sorted(f"2022-{u.code}" for u in made[:2]), "what has no last year is as it was"
    rules = {key: [p.rule for p in r.problems] for key, r in done.records.items()}
    assert any(rule.startswith("X26") for rule in rules[f"2022-{made[0].code}"])
    assert not any(rule.startswith("X26") for rule in rules[f"2022-{made[1].code}"])
    spoiled = done.records[f"2022-{made[1].code}"]
    assert spoiled.state == "有警告"
    assert spoiled.problems[-1].message == "上年的主工作簿用不了，没有和它核对"
    assert once(pool, source, out, last_year=Folder(str(last))).built == []


def test_a_code_that_would_lead_elsewhere_stays_where_it_is(pool, tmp_path):
    """What a clerk types names files of ours; it must not name any other."""
    sheets = minimal()
    unit = [*sheets["单位信息"][:4], ["../../../逃", "甲/../局", "124", "甲部门", "行政"]]
    source = tmp_path / "深" / "收件"
    source.mkdir(parents=True)
    changed = {name: [["../../../逃" if v == "124001" else v for v in row] for row in rows] for name, rows in sheets.items()}
    write(source / "a.xlsx", {**changed, "单位信息": unit})
    done = once(pool, source, tmp_path / "深" / "out")
    assert len(done.built) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["深"]
    assert sorted(p.name for p in (tmp_path / "深").iterdir()) == ["out", "收件"]
    assert once(pool, source, tmp_path / "深" / "out").built == []


def test_what_a_batch_has_built_is_consolidated_and_nothing_else(pool, tmp_path, capsys):
    """An inbox with two versions nobody can tell apart, a broken workbook, one missing, and one changed since: --batch takes what was published, and names the rest."""
    source, out = tmp_path / "收件", tmp_path / "out"
    made = collected(source, 5)
    pack = run.get_pack(PACK)
    _, _, unclear, broken, changed = (source / file_name(pack, u) for u in made)
    listed = roster_of(tmp_path / "名册.xlsx", made, RosterUnit("500999", "没有交的单位", {"主管部门名称": "甲部门", "单位性质": made[0].nature}))
    (source / "旧").mkdir()
    book = openpyxl.load_workbook(unclear)
    book["单位信息"]["H1"] = "另一份"
    book.save(source / "旧" / unclear.name)
    for path in (unclear, source / "旧" / unclear.name):
        saved_at(path, datetime(2022, 1, 10, 9))
    book = openpyxl.load_workbook(broken)
    sheet = book["收入"]
    row = next(r for r in range(1, 40) if isinstance(sheet.cell(r, 3).value, (int, float)))
    sheet.cell(row, 3).value = "十万"
    book.save(broken)
    once(pool, source, out, listed)
    county = tmp_path / "全县.xlsx"
    order = ["consolidate", str(source), "-o", str(county), "--name", "样例县", "--overwrite"]
    assert main(order) != 0, "the two versions and the broken one stop it"
    capsys.readouterr()
    assert main([*order, "--batch", str(out)]) == 0
    said = capsys.readouterr().out
    assert "3 个工作簿，4 个单位" in said, "the three built, and the county itself"
    assert re.search(rf"没有汇总 {made[3].code} .*：有错误：收入!C{row} .*十万", said)
    assert re.search(rf"没有汇总 {made[2].code} .*：有错误：", said)
    assert "没有汇总 500999 没有交的单位：未交" in said
    notes = [c.value for r in openpyxl.load_workbook(county.with_name("全县-汇总分析.xlsx"))["概览"].iter_rows() for c in r if isinstance(c.value, str)]
    assert f"3 个单位：有错误 2 个（{made[2].name}、{made[3].name}）；未交 1 个（没有交的单位）" in notes, "who reads the overview must know who is not in it"

    book = openpyxl.load_workbook(changed)
    book["单位信息"]["H1"] = "改过"
    book.save(changed)
    assert main([*order, "--batch", str(out)]) == 0
    said = capsys.readouterr().out
    assert "2 个工作簿" in said
    assert re.search(rf"没有汇总 .*已经生成的那份（{re.escape(changed.name)}）找不到，或者生成以后又改过", said)
    assert main([*order, "--batch", str(tmp_path)]) == 2, "no result of a batch"
    assert "不是批量生成的结果" in capsys.readouterr().err
