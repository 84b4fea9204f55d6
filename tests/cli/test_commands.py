"""The commands as a user meets them: exit status, words, files; nothing half-written."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from generator import run
from generator.cli import main
from generator.model.problem import OutputError
from generator.run import files
from tests.support import ROOT, minimal, sample, write


def test_build_writes_the_set(tmp_path, capsys):
    assert main(["build", str(sample()), "-o", str(tmp_path)]) == 0
    folder = tmp_path / "2022平江县行政审批服务局"
    assert sorted(p.name for p in folder.iterdir()) == sorted(["预算公开表.xlsx", "预算公开说明.docx", "校验报告.xlsx", "数据", "run.json"])
    assert "已生成 41 张表" in capsys.readouterr().out
    book = openpyxl.load_workbook(folder / "预算公开表.xlsx")
    assert book.sheetnames[0] == "目录"
    assert len(book.sheetnames) == 43
    links = [c.hyperlink.location for row in book["目录"].iter_rows() for c in row if c.hyperlink]
    assert len(links) == 84
    assert all(link.split("!")[0].strip("'") in book.sheetnames for link in links)
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["套表"] == "pingjiang-2022"
    assert {n for n in record["输出"] if "/" not in n} == {"预算公开表.xlsx", "预算公开说明.docx", "校验报告.xlsx"}


def test_every_sheet_is_set_up_for_print(tmp_path):
    main(["build", str(sample()), "-o", str(tmp_path)])
    book = openpyxl.load_workbook(next(tmp_path.glob("*/预算公开表.xlsx")))
    for sheet in book:
        assert sheet.page_setup.fitToWidth in (None, 1), sheet.title  # None: Excel's own default, one page wide
        assert sheet.page_setup.fitToHeight in (0, None, 1), sheet.title  # as many pages high as needed, or just one when that spares a stump
        # fitted to one page wide, or with breaks of its own, which Excel minds only at a scale in per cent
        assert sheet.sheet_properties.pageSetUpPr.fitToPage or (sheet.page_setup.scale and (sheet.row_breaks.brk or sheet.col_breaks.brk)), sheet.title
        assert sheet.page_setup.paperSize in (8, 9), sheet.title
        assert sheet.print_area, sheet.title
        assert "第 &P 页" in sheet.oddFooter.center.text, sheet.title
        if sheet.title.startswith("预算"):
            assert sheet.print_title_rows, sheet.title
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f", f"{sheet.title}!{cell.coordinate} is a formula"


def test_errors_stop_the_build_and_leave_nothing(tmp_path, capsys):
    sheets = minimal(收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", "十万"]])
    path = write(tmp_path / "甲局.xlsx", sheets)
    out = tmp_path / "out"
    assert main(["build", str(path), "-o", str(out)]) == 1
    said = capsys.readouterr().out
    assert "甲局.xlsx!收入!C3  错误  不是数字：“十万”" in said
    assert "没有生成" in said
    assert f"标注件：{tmp_path / '甲局（校验）.xlsx'}" in said
    assert [str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()] == [str(Path("2022甲局（校验）") / "校验报告.xlsx")]


def test_draft_goes_on_and_says_so(tmp_path):
    path = write(tmp_path / "甲局.xlsx", minimal(收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", 90000]]))
    assert main(["build", str(path), "-o", str(tmp_path), "--draft"]) == 1
    folder = tmp_path / "2022甲局"
    assert json.loads((folder / "run.json").read_text(encoding="utf-8"))["草稿"] is True


def test_an_earlier_result_stands_when_the_new_one_fails(tmp_path):
    good = write(tmp_path / "甲局.xlsx", minimal())
    assert main(["build", str(good), "-o", str(tmp_path)]) == 0
    before = {p.name: p.read_bytes() for p in (tmp_path / "2022甲局").rglob("*") if p.is_file()}
    bad = write(tmp_path / "甲局.xlsx", minimal(收入=[["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", "x"]]))
    assert main(["build", str(bad), "-o", str(tmp_path)]) == 1
    assert {p.name: p.read_bytes() for p in (tmp_path / "2022甲局").rglob("*") if p.is_file()} == before


def test_a_kill_between_the_renames_is_mended(tmp_path):
    folder = tmp_path / "甲"
    run.write_folder(folder, {"a.txt": b"1"})
    folder.rename(files.set_aside(folder))  # the state a kill leaves: the old one set aside, the new one not yet in place
    (tmp_path / f".{folder.name}.new-dead").mkdir()
    files.recover(folder)
    assert (folder / "a.txt").read_bytes() == b"1"
    assert not list(tmp_path.glob(".*.new-*"))


def test_nothing_is_left_when_writing_fails(tmp_path, monkeypatch):
    folder = tmp_path / "甲"
    run.write_folder(folder, {"a.txt": b"1"})

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="磁盘已满"):
        run.write_folder(folder, {"a.txt": b"2"})
    assert (folder / "a.txt").read_bytes() == b"1"
    assert [p.name for p in tmp_path.iterdir()] == ["甲"]


def test_a_folder_held_open_gets_a_second_one(tmp_path, monkeypatch):
    folder = tmp_path / "甲"
    run.write_folder(folder, {"a.txt": b"1"})
    rename = type(folder).rename

    def held(self, target):
        if self == folder:
            raise PermissionError(13, "in use")
        return rename(self, target)

    monkeypatch.setattr(type(folder), "rename", held)
    assert run.write_folder(folder, {"a.txt": b"2"}) == str(tmp_path / "甲(2)")
    assert (tmp_path / "甲(2)" / "a.txt").read_bytes() == b"2"
    assert (folder / "a.txt").read_bytes() == b"1"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "命令"),
        (["build"], 2, "缺少"),
        (["build", "没有.xlsx"], 2, "找不到 没有.xlsx"),
        (["biuld"], 2, "没有这个命令"),
        (["pack", "show", "pingjian"], 2, "是不是“pingjiang-2022”"),
        (["check", "README.md"], 1, "README.md"),
    ],
)
def test_wrong_usage_is_told_in_plain_words(words, status, said, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    try:
        code = main(words)
    except SystemExit as e:
        code = e.code
    captured = capsys.readouterr()
    assert code == status
    assert said in captured.out + captured.err
    assert "Traceback" not in captured.out + captured.err


@pytest.mark.parametrize("words", [["--help"], ["build", "--help"], ["check", "--help"], ["new", "--help"], ["pack", "--help"], ["pack", "show", "--help"], ["consolidate", "--help"], ["diff", "--help"]])
def test_every_command_has_help_in_chinese(words, capsys):
    with pytest.raises(SystemExit) as e:
        main(words)
    assert e.value.code == 0
    said = capsys.readouterr().out
    assert "用法：" in said
    assert "show this help" not in said
    assert "positional" not in said


def test_an_output_folder_that_cannot_be_written(tmp_path, capsys):
    (tmp_path / "out").write_text("我是文件", encoding="utf-8")
    assert main(["build", str(sample()), "-o", str(tmp_path / "out")]) == 2
    assert "写不进输出文件夹" in capsys.readouterr().err


def test_new_makes_a_blank_that_reads_back_without_complaint_about_its_form(tmp_path, capsys):
    target = tmp_path / "空白.xlsx"
    assert main(["new", "--pack", "pingjiang-2022", "-o", str(target)]) == 0
    assert main(["new", "--pack", "pingjiang-2022", "-o", str(target)]) == 2, "an existing file is not overwritten"
    capsys.readouterr()
    assert main(["check", str(target), "--no-copy"]) == 1
    said = capsys.readouterr().out
    assert "没有填任何单位" in said
    assert "表样" not in said, said
    with zipfile.ZipFile(target) as z:
        assert not [n for n in z.namelist() if "vbaProject" in n or "externalLink" in n]


def test_the_blank_has_drop_downs_notes_protection_and_a_version(tmp_path):
    target = tmp_path / "空白.xlsx"
    main(["new", "--pack", "pingjiang-2022", "-o", str(target)])
    book = openpyxl.load_workbook(target)
    assert book.sheetnames[0] == "填报说明"
    sheet = book["项目支出"]
    assert sheet.protection.sheet
    head = next(r for r in range(1, 12) if sheet.cell(r, 1).value == "单位编码")
    assert not sheet.cell(head + 1, 1).protection.locked or not sheet.column_dimensions["A"].protection.locked
    assert sheet.cell(head, 1).protection.locked
    assert sheet.freeze_panes
    lists = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
    assert len(lists) >= 5
    assert any(c.comment for c in sheet[head])
    assert "yusuan-master" in str(book.custom_doc_props["模板版本"].value)


def test_launcher_and_module_run(tmp_path):
    done = subprocess.run([sys.executable, "-m", "generator", "pack", "list"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0
    assert "pingjiang-2022" in done.stdout
    bat = (ROOT / "yusuan.bat").read_bytes()
    assert bat.isascii()
    assert b"\n" not in bat.replace(b"\r\n", b"")
    assert shutil.which("sh") is None or subprocess.run(["sh", "-n", str(ROOT / "yusuan")], check=False).returncode == 0
