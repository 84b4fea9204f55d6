"""The open-data twin: valid by Frictionless' own program, every printed figure in it, nothing of persons, same bytes."""

import csv
import json
from decimal import Decimal
from functools import cache
from io import StringIO

import pytest
from frictionless import Package, validate

from bench.units import units, workbook
from generator.audit.clean import unclean
from generator.audit.open_data import open_data_differences
from generator.audit.readback import ReadbackError, expected_text
from generator.model.problem import DataError
from generator.render.data_package import DESCRIPTOR, FOLDER
from generator.run import Wanted, build_set, check, get_pack
from generator.run.making import open_data
from tests.support import SAMPLES, minimal, sample, write


@cache
def made(name):
    checked = check(sample(name))
    return checked, open_data(checked)


def rows(files, name):
    return list(csv.DictReader(StringIO(files[f"{FOLDER}/{name}.csv"].decode("utf-8-sig"), newline="")))


def held(files, folder):
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return validate(str(folder / DESCRIPTOR))


@pytest.mark.parametrize("name", SAMPLES)
def test_frictionless_finds_nothing_wrong(name, tmp_path):
    checked, files = made(name)
    report = held(files, tmp_path)
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:5]
    package = Package(str(tmp_path / DESCRIPTOR))
    spent = sum(row["本年_元"] or 0 for row in package.get_resource("expenditure").read_rows())
    assert spent == checked.selector.sum("支出", "本年", checked.selector.all("支出"))
    types = {f.name: f.type for f in package.get_resource("expenditure").schema.fields}
    assert types["功能科目编码"] == "string"
    assert types["本年_元"] == "number"
    assert {tuple(k["fields"]) for k in package.get_resource("figures").schema.foreign_keys} >= {("表号",), ("单位编码",), ("功能科目编码",)}


def test_frictionless_would_find_a_broken_reference(tmp_path):
    _, files = made("zengdu-2023")
    lines = files[f"{FOLDER}/支出.csv"].replace(b",01602,", b",09999,")
    files = {**files, f"{FOLDER}/支出.csv": lines}
    assert not held(files, tmp_path).valid


@pytest.mark.parametrize("name", SAMPLES)
def test_every_printed_figure_stands_in_it(name):
    checked, files = made(name)
    found = {(r["工作表"], r["单元格"]): r for r in rows(files, "公开表")}
    seen = 0
    for table in checked.tables:
        for sheet in table.sheets:
            for r, line in enumerate(sheet.lines):
                for c, cell in enumerate(line.cells):
                    if cell.shown is None or (r, c) in sheet.covered or not expected_text(table, cell):
                        continue
                    row = found.pop((sheet.name, sheet.address(r, c)))
                    assert Decimal(row["印数"]) == cell.shown
                    assert row["计量单位"]
                    if row["金额_元"] and checked.pack.rounding.policy == "各格舍入":
                        assert Decimal(row["金额_元"]) == cell.amount
                    seen += 1
    assert not found
    assert seen > 10


def test_lines_carry_codes_and_columns_their_headings():
    _, files = made("pingjiang-2022")
    row = next(r for r in rows(files, "公开表") if (r["工作表"], r["单元格"]) == ("预算08表", "F11"))
    assert (row["单位编码"], row["功能科目编码"], row["栏"], row["印数"], row["计量单位"]) == ("124001", "2010301", "工资性支出›基本工资", "170.63", "万元")
    assert Decimal(row["金额_元"]) == Decimal("1706300")
    people = [r for r in rows(files, "公开表") if r["表号"] == "预算32表"]
    assert people
    assert all(r["计量单位"] == "人" and not r["金额_元"] for r in people)


def test_codes_keep_their_zeros_and_have_their_parents():
    _, files = made("zengdu-2023")
    assert {r["单位编码"] for r in rows(files, "单位")} == {"01601", "01602"}
    functional = {r["编码"]: r for r in rows(files, "功能科目")}
    assert functional["2010301"]["上级编码"] == "20103"
    assert functional["20103"]["上级编码"] == "201"
    assert functional["201"]["上级编码"] == ""


def test_the_twin_describes_itself():
    _, files = made("zengdu-2023")
    said = json.loads(files[DESCRIPTOR])
    assert said["licenses"][0]["name"] == "notspecified"
    assert said["sources"]
    assert said["fiscalPeriod"] == {"start": "2023-01-01", "end": "2023-12-31"}
    concepts = {f.get("columnType") for r in said["resources"] for f in r["schema"]["fields"]}
    assert {"date:fiscal-year", "value", "functional-classification:generic:code", "economic-classification:generic:code", "direction"} <= concepts
    assert all(files[f"{FOLDER}/{r['path']}"].startswith(b"\xef\xbb\xbf") for r in said["resources"]), "Excel takes a file without the mark for GBK"
    assert open_data(check(sample("zengdu-2023"))) == files, "same input, same bytes"


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("公开表", b"444.40", b"444.41", "应为 444.40，写出来是 444.41"),
        ("公开表", b"4443956,", b"4443957,", "应为 4443956 元"),
        ("支出", b",166700,", b",166701,", "支出.csv 的本年合计"),
        ("收入", b"\r\n1,", b"\r\n", "收入.csv"),
    ],
)
def test_a_changed_figure_is_found(name, old, new, said):
    checked, files = made("zengdu-2023")
    path = f"{FOLDER}/{name}.csv"
    broken = {**files, path: files[path].replace(old, new, 1)}
    assert broken[path] != files[path]
    found = list(open_data_differences(broken, FOLDER, checked.selector, checked.printed.exact, checked.tables))
    assert any(said in f for f in found), found
    assert any("校验值" in f for f in found)


def test_a_difference_stops_the_build(tmp_path, monkeypatch):
    from generator.run import making

    monkeypatch.setattr(making, "data_package", lambda *a: {n: d.replace(b"444.40", b"444.41") for n, d in made("zengdu-2023")[1].items()})
    with pytest.raises(ReadbackError):
        build_set(sample("zengdu-2023"), tmp_path)
    assert not list(tmp_path.iterdir())


def test_it_comes_with_every_set_and_not_with_a_draft_that_has_errors(tmp_path):
    done = build_set(sample("zengdu-2023"), tmp_path)
    record = json.loads((done.folder / "run.json").read_text(encoding="utf-8"))
    assert set(record["输出"]) >= set(made("zengdu-2023")[1])
    path = write(tmp_path / "甲局.xlsx", minimal(收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", 90000]]))
    assert not any(f.startswith(FOLDER) for f in build_set(path, tmp_path, wanted=Wanted(draft=True)).files)


def test_nothing_of_persons_gets_out(tmp_path):
    number = "139" + "1234" + "5678"
    sheets = minimal()
    sheets["项目支出"][2][1] = f"甲项目{number}"
    sheets["项目库"][1][1] = f"甲项目{number}"
    with pytest.raises(DataError):
        build_set(write(tmp_path / "甲局.xlsx", sheets), tmp_path)
    (hit,) = unclean("数据/支出.csv", f"项目,数\r\n甲{number},124001\r\n".encode())
    assert hit.place.cell == "A2"
    assert number not in str(hit)
    assert not list(unclean("数据/支出.csv", b"a,b\r\n13912,345678\r\n")), "figures side by side are no number of anybody's"


def test_a_text_never_becomes_a_formula(tmp_path):
    sheets = minimal()
    sheets["项目支出"][2][1] = sheets["项目库"][1][1] = '=HYPERLINK("x")'
    path = write(tmp_path / "甲局.xlsx", sheets)
    import openpyxl

    book = openpyxl.load_workbook(path)
    for sheet in ("项目支出", "项目库"):
        for row in book[sheet].iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.data_type = "s"
    book.save(path)
    files = open_data(check(path))
    assert b"\"'=HYPERLINK" in files[f"{FOLDER}/支出.csv"]
    assert b",=HYPERLINK" not in b"".join(files.values())


def test_generated_units_too(tmp_path):
    pack = get_pack("pingjiang-2022")
    for n, unit in enumerate(units(3, seed=7, large_every=3, large=300)):
        path = tmp_path / f"{n}.xlsx"
        path.write_bytes(workbook(pack, unit))
        assert held(open_data(check(path)), tmp_path / str(n)).valid
