"""PDF by LibreOffice: missing, hung, failing; and page numbers of the contents that are right."""

import re
import stat
import time
import zipfile
from io import BytesIO

import pytest

from generator import run
from generator.model.problem import UsageError
from generator.render import pdf
from tests.support import sample

NEEDS_OFFICE = pytest.mark.skipif(pdf.office() is None, reason="LibreOffice 没有装，排版的测试不跑")


def test_no_office_is_told_with_the_way_to_install_it(monkeypatch):
    monkeypatch.setenv("YUSUAN_SOFFICE", "/nowhere/soffice")
    with pytest.raises(UsageError, match="apt-get install libreoffice"):
        pdf.to_pdf({"a.docx": b""})


def fake(tmp_path, script: str, monkeypatch) -> None:
    program = tmp_path / "soffice"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("YUSUAN_SOFFICE", str(program))


def test_a_hung_office_is_killed_with_its_children(tmp_path, monkeypatch):
    fake(tmp_path, "sleep 600 & sleep 600", monkeypatch)
    monkeypatch.setattr(pdf, "TIMEOUT", 0.5)
    start = time.monotonic()
    with pytest.raises(UsageError, match="没有反应"):
        pdf.to_pdf({"a.docx": b""})
    assert time.monotonic() - start < 30


def test_an_office_that_fails_says_what_it_said(tmp_path, monkeypatch):
    fake(tmp_path, "echo 坏了; exit 3", monkeypatch)
    with pytest.raises(UsageError, match="坏了"):
        pdf.to_pdf({"a.docx": b""})


@NEEDS_OFFICE
def test_the_contents_point_at_the_right_pages(tmp_path):
    done = run.build_set(sample(), tmp_path, paged=True, pdf=True)
    with zipfile.ZipFile(BytesIO((done.folder / "预算公开说明.docx").read_bytes())) as z:
        xml = z.read("word/document.xml").decode()
    printed = {}
    for entry in re.finditer(r'<w:hyperlink w:anchor="(_Toc\d+)" w:history="1">(.*?)</w:hyperlink>', xml, re.S):
        texts = re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", entry[2])
        printed["".join("".join(texts[:-1]).split())] = int(texts[-1])
    marks = pdf.outline((done.folder / "预算公开说明.pdf").read_bytes())
    first = marks[0][1]
    assert len(marks) > 50
    assert {"".join(t.split()): page - first + 1 for t, page in marks} == printed


@NEEDS_OFFICE
def test_every_table_page_is_in_the_pdf_in_order(tmp_path):
    from pypdf import PdfReader

    done = run.build_set(sample(), tmp_path, pdf=True)
    reader = PdfReader(BytesIO((done.folder / "预算公开表.pdf").read_bytes()))
    pages = ["".join(p.extract_text().split()) for p in reader.pages]
    at = 1
    for table in done.checked.tables:
        title = "".join(table.title.split())
        hit = next((i for i in range(at, len(pages)) if title in pages[i]), None)
        assert hit is not None, table.number
        at = hit
    assert not [i for i, text in enumerate(pages) if "###" in text], "a figure too wide for its column"
    assert not [i for i, text in enumerate(pages) if not text], "an empty page"
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            font = font.get_object()
            inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
            descriptor = inner["/FontDescriptor"].get_object()
            assert any(k in descriptor for k in ("/FontFile", "/FontFile2", "/FontFile3")), "a font that is not embedded"
