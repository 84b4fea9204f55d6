"""`--last-year`: this year's figures of last year, and its words, held against last year's workbook."""

from generator.cli import main
from tests.support import UNIT_SHEET, minimal, write

INCOME = [["金额单位", "元"], ["单位编码", "收入来源", "本年预算数", "上年预算数"], ["124001", "经费拨款", 100000, 90000]]


def last_year(folder, **changed):
    return write(folder / "甲局2021.xlsx", minimal(单位信息=[["年度", "2021"], *UNIT_SHEET[1:]], **changed))


def test_figures_of_last_year_are_held_against_last_years_workbook(tmp_path, capsys):
    this = write(tmp_path / "甲局.xlsx", minimal(收入=INCOME))
    main(["check", str(this), "--no-copy"])
    assert "没有给上年的主工作簿" in capsys.readouterr().out
    main(["check", str(this), "--no-copy", "--last-year", str(last_year(tmp_path))])
    said = capsys.readouterr().out
    assert "甲局.xlsx!收入!D3  警告  收入的上年数 90,000.00 元，上年册（甲局2021.xlsx）的本年数 100,000.00 元，差 10,000.00 元" in said
    assert "没有给上年的主工作簿" not in said


def test_a_reason_copied_from_last_year_stops_the_build(tmp_path, capsys):
    this = write(tmp_path / "甲局.xlsx", minimal(收入=INCOME))
    assert main(["build", str(this), "-o", str(tmp_path / "出"), "--fast", "--last-year", str(last_year(tmp_path))]) == 1
    assert "和上年写的一字不差" in capsys.readouterr().out


def test_a_last_year_that_cannot_be_read_is_said_to_be_that(tmp_path, capsys):
    this = write(tmp_path / "甲局.xlsx", minimal())
    broken = last_year(tmp_path, 收入=[["金额单位", "元"], ["单位编码", "收入来源", "本年预算数"], ["124001", "经费拨款", "十万"]])
    assert main(["check", str(this), "--no-copy", "--last-year", str(broken)]) == 1
    assert "甲局2021.xlsx!收入!C3  错误  上年的主工作簿：不是数字：“十万”" in capsys.readouterr().out
    assert main(["check", str(this), "--no-copy", "--last-year", str(tmp_path / "没有.xlsx")]) == 2
