"""Files of other programs and with wrong endings: read by what they are, and told clearly when they cannot be."""

import shutil
import subprocess

import docx
import pytest

from generator.model.problem import DataError
from generator.published.audit import audit
from generator.published.extract import read_published
from generator.published.model import Grid
from generator.published.tables import read_tables
from tests.published.test_reading_docx import ROWS, fill, head

PAGE = """<html><head><meta charset="gb2312"><title>公开</title><script>var a = '垃圾';</script></head><body>
<table width="100%"><tr><td>
<p>某县水务局2023年部门预算公开</p><p>支出总表</p><div>单位：万元</div>
<table border="1">
<tr><td rowspan="2">科目编码</td><td rowspan="2">科目名称</td><td rowspan="2">合计</td><td colspan="2">其中</td></tr>
<tr><td>基本支出</td><td>项目支出</td></tr>
<tr><td></td><td>合 计</td><td>70.00</td><td>50.00</td><td>20.00</td></tr>
<tr><td>213</td><td>农林水&nbsp;支出</td><td>60.00</td><td>40.00</td><td>20.00</td></tr>
<tr><td>208</td><td>社会保障和就业支出</td><td>10.00</td><td>10.00</td><td></td></tr>
</table>
<p>2023年支出预算<span>70.00</span>万元，<br>其中基本支出50.00万元、项目支出20.00万元。</p>
</td></tr></table></body></html>"""


def word(tmp_path):
    document = docx.Document()
    head(document)
    fill(document.add_table(len(ROWS), 5))
    document.add_paragraph("以上各表已经核对")  # a .doc cannot end with a table
    path = tmp_path / "某县水务局2023年部门预算公开.docx"
    document.save(path)
    return path


@pytest.mark.parametrize("name", ["公开.html", "公开.htm", "公开.doc", "公开.xls"])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_a_web_page_whatever_it_is_called(tmp_path, name, encoding):
    path = tmp_path / name
    path.write_bytes(PAGE.replace("gb2312", encoding).encode(encoding))
    document = read_published(path)
    assert [p.text for p in document.paragraphs] == ["某县水务局2023年部门预算公开", "支出总表", "单位：万元", "2023年支出预算70.00万元，", "其中基本支出50.00万元、项目支出20.00万元。"]
    (table,) = read_tables(document)
    assert (table.title, table.unit, [r.code for r in table.rows]) == ("支出总表", "万元", ["", "213", "208"])
    assert [c.path for c in table.columns][2:] == [("合计",), ("其中", "基本支出"), ("其中", "项目支出")]
    assert audit([path]).findings == []


@pytest.mark.parametrize("ending", [".doc", ".wps", ".xlsx"])
def test_word_under_another_ending(tmp_path, ending):
    path = word(tmp_path).rename(tmp_path / f"公开{ending}")
    assert [t.title for t in read_tables(read_published(path))] == ["支出总表"]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice makes and opens them")
@pytest.mark.parametrize("ending", ["doc", "rtf", "odt"])
def test_documents_that_libreoffice_opens(tmp_path, ending):
    source = word(tmp_path)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/lo", "--headless", "--convert-to", ending, "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    document = read_published(tmp_path / f"{source.stem}.{ending}")
    assert document.file == f"{source.stem}.{ending}"
    (table,) = read_tables(document)
    assert [[c.text for c in r.cells] for r in table.rows] == [list(r) for r in ROWS[1:]]
    assert str(table.spot).startswith(document.file)


def test_without_libreoffice_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("generator.published.extract.find_office", lambda: None)
    path = tmp_path / "公开.rtf"
    path.write_bytes(b"{\\rtf1 x}")
    with pytest.raises(DataError) as error:
        read_published(path)
    said = str(error.value.problems[0])
    assert "另存为 .docx" in said
    assert "LibreOffice" in said


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-16"])
def test_text_in_any_encoding(tmp_path, encoding):
    path = tmp_path / "公开.txt"
    path.write_bytes("支出总表\n单位：万元\n科目名称\t合计\n农林水支出\t60.00\n合计\t60.00\n".encode(encoding))
    document = read_published(path)
    assert [t.title for t in read_tables(document)] == ["支出总表"]
    assert isinstance(document.blocks[-1], Grid)


@pytest.mark.parametrize(("data", "says"), [(b"PK\x05\x06" + b"\0" * 18, "压缩包"), (b"PK\x03\x04 broken", "损坏")])
def test_a_container_of_something_else(tmp_path, data, says):
    path = tmp_path / "公开.docx"
    path.write_bytes(data)
    with pytest.raises(DataError, match=says):
        read_published(path)
