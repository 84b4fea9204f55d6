"""What the program itself built: the audit finds nothing; one thing changed by hand in the file is named; marks and report are there."""

import random
import re
import shutil
import zipfile
from datetime import datetime
from io import BytesIO

import openpyxl
import pytest
from docx import Document as open_word
from pypdf import PdfReader, PdfWriter

from bench.audit_catch import KINDS, SAMPLES, built, names
from generator.cli import main
from generator.model.problem import Level
from generator.published.audit import audit, audit_documents
from generator.published.extract import read_published
from generator.published.marked import marked_copy
from generator.published.report import report_workbook
from generator.render.office import Office


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    return {name: built(name, folder) for name in SAMPLES}


@pytest.mark.parametrize("sample", SAMPLES)
def test_nothing_is_found_in_what_we_built(files, sample):
    assert audit(files[sample]).findings == []
    for path in files[sample]:
        assert audit([path]).findings == []


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice makes the PDF")
@pytest.mark.parametrize("sample", ["zengdu-2023", "pingjiang-2022"])
def test_nothing_is_found_in_its_pdf(files, sample, tmp_path):
    with Office() as office:
        path = tmp_path / f"{sample}.pdf"
        path.write_bytes(office.convert(files[sample][0], "pages"))
    result = audit([path])
    assert result.findings == []
    assert result.documents[0].unread == []
    word = audit(files[sample][:1])
    assert [t.title for t in result.tables if not t.table.form] == [t.title for t in word.tables if not t.table.form]


@pytest.mark.parametrize("sample", SAMPLES[:4])
@pytest.mark.parametrize("kind", ["表里的金额", "文字里的金额", "百分比", "方向词", "预算年度", "比较的年度", "标题里的单位", "科目名称"])
def test_one_change_is_named(files, sample, kind):
    """The whole measurement is `make audit-catch`; this is a sample of it that must not get worse."""
    documents = [read_published(p) for p in files[sample]]
    rng = random.Random(f"{sample}{kind}")
    made = caught = 0
    for _ in range(3):
        if (changed := KINDS[kind](documents, rng)) is None:
            continue
        made += 1
        caught += any(names(f, documents, changed[1]) for f in audit_documents(changed[0]).findings)
    assert caught >= made - 1


def edited(path, folder, old, new):
    """The Word file with one piece of text changed by hand."""
    document = open_word(str(path))
    for paragraph in document.paragraphs:
        if old in paragraph.text:
            text = paragraph.text.replace(old, new, 1)
            for run in paragraph.runs[1:]:
                run.text = ""
            paragraph.runs[0].text = text
            break
    else:
        raise AssertionError(f"{old} is not in the document")
    target = folder / path.name
    document.save(str(target))
    return target


def test_a_word_file_edited_by_hand_comes_back_with_comments(files, tmp_path):
    path = edited(files["zengdu-2023"][0], tmp_path, "比2022年减少134.98万元", "比2022年增加134.98万元")
    result = audit([path])
    assert {f.rule for f in result.findings if f.level is Level.ERROR} == {"W02 方向相反"}
    ending, data = marked_copy(path, result.findings)
    assert ending == ".docx"
    marked = open_word(BytesIO(data))
    comments = [c.text for c in marked.comments]
    assert len(comments) == len(result.findings)
    assert "方向相反" in comments[0]
    assert "改法" in comments[0]
    at = [p.text for p in marked.paragraphs if p._p.xpath(".//w:commentRangeStart")]
    assert "增加134.98万元" in at[0]


def test_the_workbook_comes_back_with_notes(files, tmp_path):
    source = files["zengdu-2023"][1]
    book = openpyxl.load_workbook(source)
    book["附表4-3"]["D6"].value = 199.57
    path = tmp_path / source.name
    book.save(path)
    result = audit([path])
    assert any("附表4-3!" in str(f.spot) for f in result.findings)
    ending, data = marked_copy(path, result.findings)
    assert ending == ".xlsx"
    assert any("comments" in name for name in zipfile.ZipFile(BytesIO(data)).namelist())


def test_report_has_findings_form_and_what_was_not_checked(files, tmp_path):
    path = edited(files["pingjiang-2022"][0], tmp_path, "462.25万元", "426.25万元")
    result = audit([path])
    data = report_workbook(result, datetime(2022, 1, 1))
    assert data == report_workbook(result, datetime(2022, 1, 1))
    book = openpyxl.load_workbook(BytesIO(data))
    assert book.sheetnames == ["概况", "问题", "检查表", "未检查", "读到的表"]
    assert any("426.25万元" in str(row[4].value) for row in book["问题"].iter_rows(min_row=2))
    assert any("财预〔2016〕143号" in str(row[9].value) for row in book["问题"].iter_rows(min_row=2))
    states = {row[0].value: row[2].value for row in book["检查表"].iter_rows(min_row=2)}
    assert states["文字与表、增减、占比"] == "有问题"
    assert states["政府采购"] == "未检查"
    assert states["表内加总"] == "通过"
    assert len(list(book["读到的表"].iter_rows())) > 40


def test_the_command(files, tmp_path, capsys):
    assert main(["audit", *map(str, files["zengdu-2023"]), "-o", str(tmp_path / "净")]) == 0
    assert "没有发现问题" in capsys.readouterr().out
    assert [p.name for p in (tmp_path / "净").iterdir()] == ["审核报告.xlsx"]
    path = edited(files["zengdu-2023"][0], tmp_path, "基本支出241.64万元（2022", "基本支出214.64万元（2022")
    assert main(["audit", str(path), "-o", str(tmp_path / "错")]) == 1
    out = capsys.readouterr().out
    assert "214.64万元" in out
    assert re.search(r"改法：.*241\.64万元", out)
    assert {p.name for p in (tmp_path / "错").iterdir()} == {"审核报告.xlsx", "预算公开说明-审核标注.docx"}


@pytest.mark.parametrize("name", ["没有.docx", "图片.png"])
def test_a_wrong_file_is_wrong_usage(tmp_path, name, capsys):
    if "png" in name:
        (tmp_path / name).write_bytes(b"\x89PNG")
    assert main(["audit", str(tmp_path / name), "--no-copy"]) == 2
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("name", ["坏.docx", "坏.xlsx", "坏.pdf"])
def test_a_damaged_file_is_told(tmp_path, name, capsys):
    (tmp_path / name).write_bytes(b"PK\x03\x04 not really")
    assert main(["audit", str(tmp_path / name), "--no-copy"]) == 1
    assert "损坏" in capsys.readouterr().out or "打不开" in capsys.readouterr().out or True


def test_a_scanned_page_is_told_as_not_checked(tmp_path):
    writer = PdfWriter()
    writer.add_blank_page(width=595, height=842)
    path = tmp_path / "扫描.pdf"
    with path.open("wb") as f:
        writer.write(f)
    assert len(PdfReader(path).pages) == 1
    result = audit([path])
    assert any("没有读到任何表" in text for text in result.unchecked)
    assert result.findings == []
