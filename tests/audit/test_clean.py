"""Nothing leaves that must not: what is found in texts, at which master cell it is told, and the last look at the finished bytes."""

import re
import zipfile
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest

from generator import run
from generator.audit import clean
from generator.audit.clean import STRICT, Allowed, allowed_by, unclean
from generator.cli import main
from generator.model.private_text import found
from generator.run import get_pack, making
from tests.support import ROOT, SAMPLES, UNIT_SHEET, data, minimal, sample, write

CASES = data("cases/clean.yaml")
PHONE = "138" + "1234" * 2  # of nobody


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c.get('标', '')}｜{c['字']}")
def test_text(case):
    hits = {h.kind: h.masked for h in found(case["字"], allowed=case.get("允许", ()), label=case.get("标", ""), roles=case.get("岗位", ()))}
    assert hits == case["查出"]


@pytest.mark.parametrize("case", [c for c in CASES if c["查出"]], ids=lambda c: f"{c.get('标', '')}｜{c['字']}")
def test_nothing_is_spread_by_the_message(case):
    for hit in found(case["字"], label=case.get("标", "")):
        digits = re.sub(r"\D", "", hit.masked)
        assert len(digits) <= 8
        assert not re.search(r"\d{7}", hit.masked)


# --- in the master --------------------------------------------------------------------------------------------------


def units(**lines: str) -> list:
    return [*UNIT_SHEET[:2], *([name, value] for name, value in lines.items()), *UNIT_SHEET[2:]]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"单位信息": units(联系电话=PHONE)}, "单位信息!B3  错误  “联系电话”里有手机号 138****1234  [F01 个人信息]"),
        ({"单位信息": units(填报人="张三")}, "单位信息!B3  错误  “填报人”有姓名：张*  [F01 个人信息]"),
        ({"单位信息": units(填报人="阿依古丽")}, "单位信息!B3  警告  “填报人”像是姓名：阿***  [F03 疑似个人信息]"),
        ({"项目库": [["单位编码", "项目名称", "项目类别", "编制绩效目标", "项目负责人"], ["124001", "甲项目", "其他专项类", "是", "李四"]]}, "项目库!E2  错误  “项目负责人”有姓名：李*"),
        ({"项目库": [["单位编码", "项目名称", "编制绩效目标", "立项依据"], ["124001", "甲项目", "是", "机密★5年"]]}, "项目库!D2  错误  “立项依据”里有密级标识“机密★”"),
    ],
)
def test_the_master_cell_is_named_and_nothing_is_written(changed, says, tmp_path, capsys):
    path = write(tmp_path / "甲局.xlsx", minimal(**changed))
    status = main(["check", str(path), "--no-copy"])
    said = capsys.readouterr().out
    assert f"甲局.xlsx!{says}" in said
    assert status == (1 if "错误" in says else status)
    if "错误" in says:
        assert main(["build", str(path), "-o", str(tmp_path / "out"), "--fast"]) == 1
        assert not list((tmp_path / "out").rglob("预算公开*"))
        assert PHONE not in capsys.readouterr().out


def test_what_a_clerk_wrote_is_quoted_with_numbers_masked_wherever_it_is_shown(tmp_path, capsys):
    wrote = [["事项", "内容"], ["职能职责", "负责政务服务"], ["原因：收入总计", f"问{PHONE[:3]} {PHONE[3:]}"]]
    income = [["金额单位", "元"], ["单位编码", "收入来源", "本年预算数", "上年预算数"], ["124001", "经费拨款", 100000, f"见{PHONE}"]]
    path = write(tmp_path / "甲局.xlsx", minimal(文字说明=wrote, 收入=income))
    assert main(["check", str(path), "-o", str(tmp_path / "出")]) == 1
    said = capsys.readouterr().out
    assert "不是数字：“见138****1234”" in said
    books = [*tmp_path.glob("*（校验）.xlsx"), *(tmp_path / "出").rglob("校验报告.xlsx")]
    assert len(books) == 2
    for book in books:
        shown = [str(c.value) for s in openpyxl.load_workbook(book) if s.title in ("校验结果", "问题", "核对结果", "勾稽") for row in s.iter_rows() for c in row if c.value]
        notes = [c.comment.text for s in openpyxl.load_workbook(book) for row in s.iter_rows() for c in row if c.comment]
        assert any("138****1234" in text for text in shown)
        assert not any(re.search(r"138\s?1234\s?1234", text) for text in [said, *shown, *notes])


def test_what_no_table_prints_is_left_alone(tmp_path, capsys):
    """A note in a column that this set of tables does not print."""
    income = [["金额单位", "元"], ["单位编码", "收入来源", "本年预算数", "备注"], ["124001", "经费拨款", 100000, f"问张三 {PHONE}"]]
    main(["check", str(write(tmp_path / "甲局.xlsx", minimal(收入=income))), "--no-copy"])
    assert "F01" not in capsys.readouterr().out


@pytest.mark.parametrize("name", SAMPLES)
def test_no_false_alarm_on_the_samples(name):
    checked = run.check(sample(name), name)
    assert not [str(p) for p in checked.problems.found if p.rule.startswith(("F01", "F03"))]
    files = run.documents(checked, False)
    assert len(files) >= 2
    for file, made in files.items():
        assert not list(map(str, unclean(file, made, allowed_by(get_pack(name))))), file


# --- in the finished files ------------------------------------------------------------------------------------------


def workbook(change) -> bytes:
    book = openpyxl.Workbook()
    book.properties.creator = None
    sheet = book.active
    sheet.title = "预算01表"
    sheet["A1"], sheet["B1"] = "收入总计", 12966900.00
    change(book, sheet)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def put(book, sheet, address, value):
    sheet[address] = value


def test_a_clean_workbook_passes():
    assert not list(unclean("预算公开表.xlsx", workbook(lambda b, s: None)))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda b, s: put(b, s, "C3", f"联系电话 {PHONE}"), "预算公开表.xlsx!预算01表!C3  错误  含手机号 138****1234"),
        (lambda b, s: put(b, s, "C3", "填表人：张三"), "预算公开表.xlsx!预算01表!C3  错误  含姓名 张*"),
        (lambda b, s: put(b, s, "C3", "=B1*2"), "预算公开表.xlsx!预算01表!C3  错误  是公式"),
        (lambda b, s: b.create_sheet("草稿").__setattr__("sheet_state", "hidden"), "预算公开表.xlsx!草稿  错误  是隐藏的工作表"),
        (lambda b, s: s.row_dimensions[3].__setattr__("hidden", True) or put(b, s, "A3", "x"), "有隐藏的行"),
        (lambda b, s: s.column_dimensions["D"].__setattr__("hidden", True), "有隐藏的列"),
        (lambda b, s: s["A1"].__setattr__("comment", openpyxl.comments.Comment("核对过", "张三")), "含批注"),
        (lambda b, s: s["A1"].__setattr__("hyperlink", "http://example.com/a"), "含外部链接 http://example.com/a"),
        (lambda b, s: b.properties.__setattr__("creator", "张三"), "预算公开表.xlsx!文档属性  错误  作者写着“张…”"),
        (lambda b, s: b.properties.__setattr__("title", f"咨询{PHONE}"), "预算公开表.xlsx!文档属性  错误  含手机号"),
        (lambda b, s: s.oddFooter.center.__setattr__("text", PHONE), "预算01表 页眉页脚  错误  含手机号"),
        (lambda b, s: b.defined_names.add(openpyxl.workbook.defined_name.DefinedName("底稿", attr_text="'预算01表'!$A$1")), "含名称“底稿”"),
    ],
)
def test_what_a_workbook_must_not_carry(change, says):
    said = "\n".join(map(str, unclean("预算公开表.xlsx", workbook(change))))
    assert says in said
    assert PHONE not in said


def test_a_link_to_a_government_site_may_stay():
    assert not list(unclean("a.xlsx", workbook(lambda b, s: s["A1"].__setattr__("hyperlink", "https://www.pingjiang.gov.cn/yjs"))))


PARAGRAPH = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"


def document(body: str = "", **parts: str) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document><w:body>{PARAGRAPH.format('三、收支情况')}{PARAGRAPH.format('收入1296.69万元。')}{body}</w:body></w:document>")
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml").replace("_rels", ".rels"), text)
    return out.getvalue()


SPLIT = f"<w:p><w:r><w:t>电话{PHONE[:3]}</w:t></w:r><w:r><w:t>{PHONE[3:]}</w:t></w:r></w:p>"
BOX = f"<w:p><w:r><w:t>外</w:t></w:r><w:txbxContent>{PARAGRAPH.format('里')}</w:txbxContent><w:r><w:t>{PHONE}</w:t></w:r></w:p>"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (document(PARAGRAPH.format("联系人：张三")), "说明.docx!正文“三、收支情况”下第 2 段  错误  含姓名 张*"),
        (document(SPLIT), "含手机号 138****1234"),
        (document(BOX), "含手机号 138****1234"),
        (document(word__header1_xml=f"<w:hdr>{PARAGRAPH.format('机密★')}</w:hdr>"), "说明.docx!页眉第 1 段  错误  含密级标识 机密★"),
        (document('<w:p><w:ins w:id="1" w:author="张三"><w:r><w:t>改</w:t></w:r></w:ins></w:p>'), "含修订"),
        (document("<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>底稿</w:t></w:r></w:p>"), "含隐藏的文字"),
        (document(word__comments_xml="<w:comments/>"), "含批注"),
        (document(docProps__core_xml="<cp:coreProperties><cp:lastModifiedBy>李四</cp:lastModifiedBy></cp:coreProperties>"), "最后修改人写着“李…”"),
    ],
)
@pytest.mark.parametrize("piece", [1 << 20, 11], ids=["whole", "read in pieces"])
def test_what_a_document_must_not_carry(data, says, piece, monkeypatch):
    monkeypatch.setattr(clean, "_PIECE", piece)
    assert says in "\n".join(map(str, unclean("说明.docx", data)))


def test_a_document_that_says_nothing_private_passes():
    assert not list(unclean("说明.docx", document(f"<w:p><w:r><w:t>{PHONE}.00</w:t></w:r></w:p>")))


def test_a_dirty_layout_stops_the_build_at_the_finished_file(tmp_path, capsys, monkeypatch):
    """The master is clean; what is dirty comes with the bureau's own templates and is told with file and place."""
    path = write(tmp_path / "甲局.xlsx", minimal())
    real = making.workbook

    def dirty(*args, **kwargs):
        book = openpyxl.load_workbook(BytesIO(real(*args, **kwargs)))
        book.properties.creator = None
        book["预算01表"]["A3"] = "单位名称：甲局　填报人：张三"
        out = BytesIO()
        book.save(out)
        return out.getvalue()

    monkeypatch.setattr(making, "workbook", dirty)
    monkeypatch.setattr(making, "workbook_differences", lambda *a: iter(()))
    monkeypatch.setattr(making, "workbook_chart_differences", lambda *a: iter(()))  # openpyxl leaves the pictures out
    out = tmp_path / "out"
    assert main(["build", str(path), "-o", str(out), "--fast"]) == 1
    assert "预算公开表.xlsx!预算01表!A3  错误  含姓名 张*  [公开件清洁]" in capsys.readouterr().out
    assert not list(out.rglob("预算公开*"))


def test_the_pack_says_what_may_stand():
    allowed = allowed_by(get_pack("pingjiang-2022"))
    assert set(allowed.kinds) == set(STRICT)
    assert list(unclean("a.csv", f"{PHONE}\n".encode(), allowed))
    assert not list(unclean("a.csv", f"{PHONE}\n".encode(), Allowed(texts=(PHONE,))))
    assert Path(ROOT / "templates/packs/base.yaml").read_text(encoding="utf-8").count("kind: clean_text") == 2
