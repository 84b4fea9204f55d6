"""The marked copy: everything typed kept as it was, what is wrong shown where it stands, and gone again when checked anew."""

import io
import re
import shutil
import struct
import subprocess
import time
import zipfile
import zlib

import openpyxl
import pytest
import xlsxwriter

from generator.cli import main
from generator.model.problem import DataError, Level, OutputError, Place, Problem
from generator.read import read_workbook
from generator.render import marked
from generator.render.marked import MARK, RESULT, About, Step, is_untouched, marked_copy
from generator.run import build_set, check, handing_back
from tests.support import minimal, sample, write

FILE = "甲局.xlsx"
ABOUT = About("2022 年　甲局", [("三公合计", "没有附表4-7"), ("三公逐项", "没有附表4-7")], {"收支平衡", "增减原因"}, {"文字说明"})
WRONG_INCOME = [["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", "十万"]]


def problem(sheet, row, column, message="不是数字：“十万”", level=Level.ERROR, rule="金额", hint="金额只填数字"):
    return Problem(level, Place(FILE, sheet, row, column), message, hint, rule)


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\x00" * 52)) + chunk(b"IEND", b"")


def rich(path):
    """A workbook with about everything a clerk's may hold, by XlsxWriter."""
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False})
    red, money = book.add_format({"bg_color": "#FF0000", "bold": True}), book.add_format({"num_format": "#,##0.00", "locked": False})
    a = book.add_worksheet("收入 明细")
    a.write_rich_string(0, 0, "说", red, "明", "文字")
    a.write_row(2, 0, ("单位编码", "收入来源", "本年预算数", "备注"), red)
    for row in range(3, 12):
        a.write_row(row, 0, ("124001", "经费拨款"))
        a.write_number(row, 2, row * 1000.25, money)
    a.write_formula(12, 2, "=SUM(C4:C12)", money, 63015.75)
    a.merge_range(14, 0, 15, 2, "合并 & <格>", red)
    a.data_validation(3, 1, 11, 1, {"validate": "list", "source": ["经费拨款", "其他收入"]})
    a.conditional_format(3, 2, 11, 2, {"type": "cell", "criteria": ">", "value": 5000, "format": red})
    a.conditional_format(3, 2, 11, 2, {"type": "data_bar", "data_bar_2010": True})
    a.write_comment(3, 2, "财务自己的批注", {"author": "张"})
    a.set_column(0, 0, 31.5)
    a.set_column(4, 6, 9, None, {"hidden": True})
    a.set_row(5, 33)
    a.set_row(7, None, None, {"hidden": True})
    a.insert_image(20, 1, "图.png", {"image_data": io.BytesIO(png())})
    a.insert_textbox(24, 1, "文本框")
    a.autofilter(2, 0, 11, 3)
    a.freeze_panes(3, 1)
    a.protect("secret", {"sort": True})
    a.repeat_rows(2)
    a.set_header("&C&G", {"image_center": "页眉.png", "image_data_center": io.BytesIO(png())})
    a.write_url(30, 0, "https://example.com/", string="网址")
    b = book.add_worksheet("藏'着")
    b.hide()
    b.write_row(0, 0, ("甲", 1, True))
    c = book.add_worksheet("文字说明")
    c.write_column(0, 0, ("事项", "原因：收入总计"))
    c.print_area(0, 0, 5, 5)
    c.activate()
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='收入 明细'!$C$4:$C$8"})
    c.insert_chart("E2", chart)
    book.define_name("全部", "='收入 明细'!$A$1:$C$9")
    book.close()
    return path


PROBLEMS = (
    problem("收入 明细", 4, 3),
    problem("收入 明细", 4, 3, "合计不对", rule="收支平衡", hint=""),
    problem("收入 明细", 6, 1, "没有这个单位"),
    problem("收入 明细", 7, 1, "没有这个单位"),
    problem("收入 明细", 9, 0, "这一行没有填数", Level.HINT),
    problem("收入 明细", 0, 3, "隐藏列", Level.WARNING),
    problem("收入 明细", 16, 2, "合并", Level.WARNING),
    problem("收入 明细", 0, 0, "缺列"),
    problem("收入 明细", 900, 50, "空格也要填\x01\ufffe"),
    problem("藏'着", 1, 1, "隐藏的"),
    problem("文字说明", 2, 2, "没有写原因", rule="增减原因"),
    problem("", 0, 0, "缺工作表“人员情况”"),
)


def copy(path, problems=PROBLEMS, about=ABOUT, name="标注.xlsx"):
    suffix, data = marked_copy(path, problems, about)
    assert suffix == ".xlsx"
    made = path.with_name(name)
    made.write_bytes(data)
    return made


def contents(path):
    """All of a workbook that its reader can see, but for 校验结果 and what we lay over it."""
    found = {}
    book = openpyxl.load_workbook(path, rich_text=True)
    values = openpyxl.load_workbook(path, data_only=True)
    for sheet in book.worksheets:
        if sheet.title == RESULT:
            continue
        cells = {}
        for line in sheet.iter_rows():
            for c in line:
                if c.value is not None or c.has_style:
                    cells[c.coordinate] = (
                        str(c.value),
                        values[sheet.title][c.coordinate].value,
                        c.font,
                        c.fill,
                        c.border,
                        c.alignment,
                        c.number_format,
                        c.protection.locked,
                        c.hyperlink.target if c.hyperlink else None,
                    )
        comments = {c.coordinate: c.comment.text.partition("\n" + MARK)[0] for line in sheet.iter_rows() for c in line if c.comment and not c.comment.text.startswith(MARK)}
        rules = [(str(r.sqref), rule.type, rule.formula) for r in sheet.conditional_formatting for rule in r.rules if "yusuan" not in str(rule.formula)]
        found[sheet.title] = {
            "cells": {k: [str(x) for x in v] for k, v in cells.items()},
            "merges": sorted(map(str, sheet.merged_cells.ranges)),
            "validations": [(str(v.sqref), v.type, v.formula1, v.errorStyle) for v in sheet.data_validations.dataValidation],
            "columns": {k: (d.width, d.hidden, d.min, d.max) for k, d in sheet.column_dimensions.items()},
            "rows": {k: (d.height, d.hidden) for k, d in sheet.row_dimensions.items() if d.height or d.hidden},
            "protection": {k: str(v) for k, v in vars(sheet.protection).items()},
            "frozen": sheet.freeze_panes,
            "filter": sheet.auto_filter.ref,
            "state": sheet.sheet_state,
            "comments": comments,
            "rules": rules,
            "titles": (sheet.print_title_rows, sheet.print_area),
        }
    found["names"] = {k: v.attr_text for k, v in book.defined_names.items()}
    return found


def notes(path):
    return {(s.title, c.coordinate): c.comment.text for s in openpyxl.load_workbook(path) for line in s.iter_rows() for c in line if c.comment}


def marks(path):
    """(sheet, range) of our colours."""
    return [
        (s.title, at, rule.formula[0].split('"')[1])
        for s in openpyxl.load_workbook(path)
        for r in s.conditional_formatting
        for rule in r.rules
        if "yusuan-" in str(rule.formula)
        for at in str(r.sqref).split()
    ]


def parts(path):
    with zipfile.ZipFile(path) as z:
        assert z.testzip() is None
        return {n: z.read(n) for n in z.namelist()}


def cells_of(xml):
    return re.search(rb"<(?:\w+:)?sheetData.*sheetData>", xml, re.S)[0]


def libreoffice(path, folder, kind):
    """The file saved by LibreOffice."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("没有 LibreOffice")
    subprocess.run(
        [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", kind, "--outdir", str(folder / "lo"), str(path)], check=True, capture_output=True, timeout=120
    )
    return folder / "lo" / f"{path.stem}.{kind.partition(':')[0]}"


# --- everything typed is kept ------------------------------------------------------------------------------------------


def test_everything_is_kept_of_a_workbook_by_xlsxwriter(tmp_path):
    path = rich(tmp_path / FILE)
    made = copy(path)
    assert contents(made) == contents(path)
    before, after = parts(path), parts(made)
    for name, content in before.items():
        if name.startswith("xl/worksheets/sheet"):
            assert cells_of(after[name]) == cells_of(content), name
        elif not re.search(r"Content_Types|workbook\.xml|styles\.xml|comments|vmlDrawing1|_rels/sheet", name):
            assert after[name] == content, name  # pictures, charts, text boxes, themes, texts: the same bytes
    assert any(n.startswith("xl/media/") for n in before)
    assert any(n.startswith("xl/charts/") for n in before)


def test_everything_is_kept_of_a_workbook_by_openpyxl(tmp_path):
    path = write(tmp_path / FILE, minimal())
    made = copy(path, [problem("收入", 3, 3), problem("项目库", 2, 0)])
    assert contents(made) == contents(path)


def test_everything_is_kept_of_a_workbook_by_libreoffice(tmp_path):
    path = libreoffice(rich(tmp_path / FILE), tmp_path, "xlsx")
    made = copy(path)
    assert contents(made) == contents(path)
    assert {(s, r) for s, r, _ in marks(made)} >= {("收入 明细", "A6:A7"), ("文字说明", "B2")}


def test_everything_is_kept_of_a_blank_with_its_drop_downs_and_notes(tmp_path):
    main(["new", "--pack", "pingjiang-2022", "-o", str(tmp_path / FILE)])
    path = tmp_path / FILE
    made = copy(path, [problem("项目支出", 5, 3, "缺列"), problem("单位信息", 9, 2, "没有填")])
    assert contents(made) == contents(path)
    head = notes(made)["项目支出", "C5"]
    assert head.startswith("不填就是项目支出\n【校验】错误：缺列"), "the note that was there goes on with ours"


def test_the_reader_reads_the_same_from_the_copy(tmp_path):
    path = sample()
    made = copy_of_sample(path, tmp_path)
    before, after = read_workbook(path), read_workbook(made)
    assert [s.name for s in after.sheets] == [RESULT, *(s.name for s in before.sheets)]
    for a, b in zip(before.sheets, after.sheets[1:], strict=True):
        assert (a.rows, a.merges, a.hidden_rows, a.hidden_columns, a.hidden) == (b.rows, b.merges, b.hidden_rows, b.hidden_columns, b.hidden)
    assert before.properties == after.properties


def copy_of_sample(path, folder):
    _, data = marked_copy(path, check(path).problems.sorted(), ABOUT)
    (folder / "标注.xlsx").write_bytes(data)
    return folder / "标注.xlsx"


# --- what is shown -----------------------------------------------------------------------------------------------------


def test_colours_and_notes_stand_where_the_problems_are(tmp_path):
    made = copy(rich(tmp_path / FILE))
    assert set(marks(made)) == {
        (RESULT, "A1", "yusuan-result"),
        ("收入 明细", "A1", "yusuan-error"),  # the whole sheet
        ("收入 明细", "A6:A7", "yusuan-error"),
        ("收入 明细", "C4", "yusuan-error"),
        ("收入 明细", "AX900", "yusuan-error"),  # a cell that the file does not even have
        ("收入 明细", "A15:C16", "yusuan-warning"),  # merged: the whole of it
        ("收入 明细", "C3", "yusuan-warning"),  # a column: its heading
        ("收入 明细", "A9", "yusuan-hint"),  # a line: its first cell
        ("藏'着", "A1", "yusuan-error"),
        ("文字说明", "B2", "yusuan-error"),
    }
    said = notes(made)
    assert said["收入 明细", "C4"] == "财务自己的批注\n【校验】共 2 个问题\n1. 错误：不是数字：“十万”\n改法：金额只填数字\n2. 错误：合计不对"
    assert said["收入 明细", "A9"] == "【校验】提示：第9行：这一行没有填数\n改法：金额只填数字"
    assert said["收入 明细", "C3"].startswith("【校验】警告：C列：隐藏列")
    assert said["收入 明细", "A1"].startswith("【校验】错误：整张表：缺列")
    assert said["收入 明细", "A15"].startswith("【校验】警告：合并")
    book = openpyxl.load_workbook(made)
    assert all(b"<author/>" in c for n, c in parts(made).items() if "yusuan_comments" in n), "notes carry nobody's name"
    assert book["文字说明"].sheet_properties.tabColor.rgb == marked.TABS[Level.ERROR]


def test_the_first_sheet_lists_everything_by_what_to_do_next(tmp_path):
    made = copy(rich(tmp_path / FILE))
    book = openpyxl.load_workbook(made)
    sheet = book.worksheets[0]
    assert sheet.title == RESULT
    assert book.active is sheet
    assert [s.title for s in book if s.sheet_view.tabSelected] == [RESULT], "several selected sheets are typed into together"
    lines = [[c.value or "" for c in line] for line in sheet.iter_rows()]
    assert "9 个错误、2 个警告、1 个提示，有错误，还不能生成" in lines[1][0]
    heads = [line[0] for line in lines if re.match("[一二三四五六]、", line[0])]
    assert [h.partition("（")[0].partition("、")[2] for h in heads] == [*Step, "未能核对"]
    assert ["错误", "收入 明细", "C4", "不是数字：“十万”", "金额只填数字", "金额"] in lines
    assert lines[-1] == ["未核对", "", "", "没有附表4-7", "三公合计、三公逐项", "2 项"], "one cause, one line"
    links = {c.value: c.hyperlink.location for line in sheet.iter_rows() for c in line if c.hyperlink}
    assert links["C4"] == "'收入 明细'!C4"
    assert len([c for line in sheet.iter_rows() for c in line if c.hyperlink]) == 11, "all but the one of the whole file"
    assert "'藏''着'!A1" in {c.hyperlink.location for line in sheet.iter_rows() for c in line if c.hyperlink}
    assert sheet.print_title_rows == "$5:$5"


def test_names_that_belong_to_a_sheet_still_do(tmp_path):
    path = rich(tmp_path / FILE)
    made = copy(copy(path), name="再标注.xlsx")
    book = openpyxl.load_workbook(made)
    assert book["收入 明细"].print_title_rows == "$3:$3"
    assert book["文字说明"].print_area == "'文字说明'!$A$1:$F$6"
    with zipfile.ZipFile(made) as z:
        assert z.read("xl/workbook.xml").count(b"Print_Titles") == 2


def test_a_clerks_own_colour_of_a_tab_stays(tmp_path):
    path = write(tmp_path / FILE, minimal())
    book = openpyxl.load_workbook(path)
    book["收入"].sheet_properties.tabColor = "FF00FF00"
    book.save(path)
    made = copy(path, [problem("收入", 3, 3)])
    assert openpyxl.load_workbook(made)["收入"].sheet_properties.tabColor.rgb == "FF00FF00"


def test_thousands_of_problems_are_counted_not_listed(tmp_path):
    path = write(tmp_path / FILE, minimal())
    made = copy(path, [problem("收入", row, 3) for row in range(1, 5001)])
    sheet = openpyxl.load_workbook(made).worksheets[0]
    assert "还有 3000 条没有列出" in sheet.cell(sheet.max_row - 2, 1).value
    assert ("收入", "C1:C5000", "yusuan-error") in marks(made)


# --- mend the copy, check again ----------------------------------------------------------------------------------------


def frames(path):
    """What is left of our marks when the copy is checked without problems: nothing."""
    _, data = marked_copy(path, (), About())
    made = path.with_name("净.xlsx")
    made.write_bytes(data)
    return made


def test_marks_are_taken_away_again(tmp_path):
    path = rich(tmp_path / FILE)
    clean = frames(copy(path))
    assert contents(clean) == contents(path)
    assert notes(clean) == notes(path)
    assert [m for m in marks(clean) if m[0] != RESULT] == []
    assert openpyxl.load_workbook(clean)["文字说明"].sheet_properties.tabColor is None
    with zipfile.ZipFile(clean) as z:
        assert not [n for n in z.namelist() if "yusuan_" in n], "the parts of our notes are gone, too"
        for name in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet3.xml"):
            assert b"yusuan" not in z.read(name)


@pytest.mark.parametrize("saved_by", ["openpyxl", "libreoffice"])
def test_marks_are_found_again_after_another_program_has_saved_the_copy(tmp_path, saved_by):
    made = copy(rich(tmp_path / FILE))
    if saved_by == "openpyxl":
        book = openpyxl.load_workbook(made)
        book.save(made)
    else:
        made = libreoffice(made, tmp_path, "xlsx")
    assert not is_untouched(made.read_bytes())
    again = copy(made, [problem("收入 明细", 4, 3)], name="再标注.xlsx")
    assert [m for m in marks(again) if m[0] != RESULT] == [("收入 明细", "C4", "yusuan-error")]
    assert openpyxl.load_workbook(again).sheetnames.count(RESULT) == 1
    assert {k: v.replace("\r", "") for k, v in notes(again).items()} == {("收入 明细", "C4"): "财务自己的批注\n【校验】错误：不是数字：“十万”\n改法：金额只填数字"}


def test_a_mended_copy_builds(tmp_path, capsys):
    path = write(tmp_path / FILE, minimal(收入=WRONG_INCOME))
    assert main(["check", str(path), "-o", str(tmp_path / "out")]) == 1
    made = tmp_path / "甲局（校验）.xlsx"
    assert f"标注件：{made}" in capsys.readouterr().out
    book = openpyxl.load_workbook(made)
    book["收入"]["C3"] = 100000
    book.save(made)
    before = made.read_bytes()
    assert main(["build", str(made), "-o", str(tmp_path / "out"), "--fast"]) == 0
    assert made.read_bytes() == before, "a workbook with somebody's work in it is not touched"
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["2022甲局"], "the report of the refusal is gone"


# --- other kinds of files ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["xls", "ods"])
def test_an_old_workbook_becomes_an_xlsx_with_its_values(tmp_path, kind):
    source = libreoffice(rich(tmp_path / FILE), tmp_path, kind)
    made = copy(source)
    before, after = read_workbook(source), read_workbook(made)
    for a, b in zip(before.sheets, after.sheets[1:], strict=True):
        assert a.name == b.name
        assert [[a.cell(r, c).value for c in range(1, a.width + 1)] for r in range(1, a.height + 1)] == [[b.cell(r, c).value for c in range(1, a.width + 1)] for r in range(1, a.height + 1)]
        assert (a.hidden, a.hidden_rows, a.merges) == (b.hidden, b.hidden_rows, b.merges)
    assert f"原文件是 .{kind}，本副本只有各格的值" in openpyxl.load_workbook(made).worksheets[0]["A3"].value
    assert ("收入 明细", "A6:A7", "yusuan-error") in marks(made)


def test_error_values_of_an_old_workbook_stay_errors(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["B1"] = "=1/0", 5
    book.save(tmp_path / FILE)
    made = copy(libreoffice(tmp_path / FILE, tmp_path, "ods"), [problem("Sheet", 1, 1)])
    assert read_workbook(made).sheets[1].cell(1, 1).kind == "错误值"


def test_parts_with_prefixed_names(tmp_path):
    """The Open XML SDK writes <x:worksheet>; so do some payroll systems."""
    path = write(tmp_path / FILE, minimal())
    changed = {}
    for name, content in parts(path).items():
        if name.startswith("xl/worksheets/sheet") or name in ("xl/workbook.xml", "xl/styles.xml"):
            content = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", content).replace(b"xmlns=", b"xmlns:x=")
        changed[name] = content
    with zipfile.ZipFile(path, "w") as z:
        for name, content in changed.items():
            z.writestr(name, content)
    made = copy(path, [problem("收入", 3, 3)])
    before, after = read_workbook(path), read_workbook(made)
    assert [s.rows for s in after.sheets[1:]] == [s.rows for s in before.sheets]
    assert ("收入", "C3", "yusuan-error") in marks(made)
    assert notes(made)["收入", "C3"].startswith(MARK)


def test_a_workbook_with_macros_keeps_its_ending(tmp_path):
    path = write(tmp_path / FILE, minimal())
    changed = parts(path)
    changed["[Content_Types].xml"] = changed["[Content_Types].xml"].replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    )
    with zipfile.ZipFile(path, "w") as z:
        for name, content in changed.items():
            z.writestr(name, content)
    assert marked_copy(path, [problem("收入", 3, 3)], ABOUT)[0] == ".xlsm"


def test_a_sheet_of_the_clerks_with_our_name_stays(tmp_path):
    path = write(tmp_path / FILE, {**minimal(), RESULT: [["自己记的"]]})
    made = copy(path, [problem("收入", 3, 3)])
    book = openpyxl.load_workbook(made)
    assert book.sheetnames[0] == "校验结果（程序1）"
    assert book[RESULT]["A1"].value == "自己记的"


def test_what_cannot_be_read_is_a_data_error(tmp_path):
    (tmp_path / FILE).write_bytes(b"PK\x03\x04 not a zip")
    with pytest.raises(DataError):
        marked_copy(tmp_path / FILE, PROBLEMS, ABOUT)


# --- where it is written -----------------------------------------------------------------------------------------------


def wrong(folder, name=FILE):
    return write(folder / name, minimal(收入=WRONG_INCOME))


def test_same_input_same_bytes(tmp_path):
    path = rich(tmp_path / FILE)
    assert marked_copy(path, PROBLEMS, ABOUT) == marked_copy(path, PROBLEMS, ABOUT)


def test_a_copy_somebody_works_in_is_not_overwritten(tmp_path, capsys):
    path = wrong(tmp_path)
    words = ["check", str(path), "-o", str(tmp_path / "out")]
    main(words)
    first = tmp_path / "甲局（校验）.xlsx"
    main(words)
    assert not (tmp_path / "甲局（校验2）.xlsx").exists(), "nobody had worked in the first"
    book = openpyxl.load_workbook(first)
    book["收入"]["C3"] = 90000
    book.save(first)
    kept = first.read_bytes()
    main(words)
    assert first.read_bytes() == kept
    assert is_untouched((tmp_path / "甲局（校验2）.xlsx").read_bytes())
    main(["check", str(first), "-o", str(tmp_path / "out")])
    assert first.read_bytes() == kept, "the workbook that is checked is never written"
    assert not list(tmp_path.glob("*（校验）（校验）*"))


def test_a_check_that_finds_nothing_removes_the_stale_copy(tmp_path, capsys):
    path = wrong(tmp_path)
    main(["check", str(path), "-o", str(tmp_path / "out")])
    write(path, minimal())
    assert main(["check", str(path), "-o", str(tmp_path / "out")]) == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", FILE]


def test_no_copy_writes_nothing(tmp_path):
    path = wrong(tmp_path)
    assert main(["check", str(path), "--no-copy", "-o", str(tmp_path / "out")]) == 1
    assert [p.name for p in tmp_path.iterdir()] == [FILE]


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, capsys):
    (tmp_path / "u").mkdir()
    path = wrong(tmp_path / "u")
    real = handing_back.write_file

    def refuse(target, data):
        if target.parent == tmp_path / "u":
            raise OutputError("写不进")
        real(target, data)

    monkeypatch.setattr(handing_back, "write_file", refuse)
    assert main(["check", str(path), "-o", str(tmp_path / "out")]) == 1
    assert "主工作簿所在的文件夹写不进，写到了这里" in capsys.readouterr().out
    assert sorted(p.name for p in (tmp_path / "out" / "2022甲局（校验）").iterdir()) == sorted(["甲局（校验）.xlsx", "校验报告.xlsx"])


def test_a_refused_build_leaves_the_copy_and_the_report(tmp_path, capsys):
    path = wrong(tmp_path)
    with pytest.raises(DataError) as stopped:
        build_set(path, tmp_path / "out")
    assert stopped.value.notes == [f"标注件：{tmp_path / '甲局（校验）.xlsx'}", f"校验报告：{tmp_path / 'out' / '2022甲局（校验）' / '校验报告.xlsx'}"]


def test_a_large_workbook_takes_about_a_second(tmp_path):
    rows = [["单位编码", *(f"列{n}" for n in range(40))], *([f"{r:06}", *range(40)] for r in range(300))]
    path = write(tmp_path / FILE, {f"表{n}": rows for n in range(15)})
    problems = [problem(f"表{n}", r, 3) for n in range(15) for r in range(2, 40)]
    start = time.perf_counter()
    marked_copy(path, problems, ABOUT)
    assert time.perf_counter() - start < 2.5
