"""A workbook refused before its cells are read still comes back marked, as far as it opens."""

import openpyxl
import pytest

from generator.cli import main
from tests.support import minimal, sample, write

WRONG_PACK = [["年度", "2022"], ["套表", "pingjang-2022"], [], ["单位编码", "单位名称", "单位性质"], ["124001", "甲局", "行政"]]
NO_PACK = [["年度", "2022"], ["套表", None], *WRONG_PACK[2:]]


def without(*names):
    return {k: v for k, v in minimal().items() if k not in names}


@pytest.mark.parametrize("command", ["check", "build"])
@pytest.mark.parametrize(
    ("sheets", "says"),
    [
        (minimal(单位信息=WRONG_PACK), "甲局.xlsx!单位信息!B2  错误  没有套表“pingjang-2022”"),
        (minimal(单位信息=NO_PACK), "甲局.xlsx!单位信息!B2  错误  没有填“套表”，不知道按哪一套表做"),
        (without("单位信息"), "甲局.xlsx  错误  缺工作表“单位信息”"),
        (without("收入"), "甲局.xlsx  错误  缺工作表“收入”"),
        (minimal(收入=[["随便", "写的"], ["没有", "表头"]]), "甲局.xlsx!收入  错误  找不到表头行"),
        ({"随便": [["一张别的表"]]}, "也可能不是主工作簿"),
    ],
    ids=["套表写错", "没有套表", "缺单位信息", "缺收入", "没有表头", "别的工作簿"],
)
def test_the_clerk_gets_a_marked_copy(sheets, says, command, tmp_path, capsys):
    path = write(tmp_path / "甲局.xlsx", sheets)
    before = path.read_bytes()
    assert main([command, str(path), "-o", str(tmp_path / "出")]) == 1
    said = capsys.readouterr().out
    assert says in said
    assert "标注件：" in said
    copy = openpyxl.load_workbook(tmp_path / "甲局（校验）.xlsx")
    assert copy.sheetnames[0] == "校验结果"
    assert any(says.partition("错误  ")[2][:12] in str(c.value) for row in copy["校验结果"].iter_rows() for c in row)
    assert path.read_bytes() == before


def test_error_cells_are_told_in_the_same_run(tmp_path, capsys):
    path = write(tmp_path / "甲局.xlsx", minimal(单位信息=WRONG_PACK))
    book = openpyxl.load_workbook(path)
    book["收入"]["C3"] = "#REF!"
    book["收入"]["C3"].data_type = "e"
    book.save(path)
    assert main(["check", str(path), "-o", str(tmp_path / "出")]) == 1
    assert "甲局.xlsx!收入!C3  错误  单元格是错误值 #REF!" in capsys.readouterr().out
    assert openpyxl.load_workbook(tmp_path / "甲局（校验）.xlsx")["收入"]["C3"].comment is not None


def test_a_file_that_does_not_open_is_only_told(tmp_path, capsys):
    path = tmp_path / "甲局.xlsx"
    path.write_bytes(sample().read_bytes()[:3000])
    assert main(["check", str(path), "-o", str(tmp_path / "出")]) == 1
    assert "标注件" not in capsys.readouterr().out
    assert [p.name for p in tmp_path.iterdir()] == ["甲局.xlsx"]


def test_a_pack_asked_for_on_the_command_line_is_usage(tmp_path, capsys):
    path = write(tmp_path / "甲局.xlsx", minimal())
    assert main(["check", str(path), "--pack", "没有的"]) == 2
    assert not (tmp_path / "甲局（校验）.xlsx").exists()
