"""What is not a readable workbook gets one sentence and what to do, never a traceback, never a wait, never much memory."""

from __future__ import annotations

import gzip
import io
import os
import struct
import time
import tracemalloc
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.model.problem import Level
from generator.read import read_workbook

if TYPE_CHECKING:
    from conftest import Inputs

ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'
HTML = '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta charset="gbk"></head><body><table><tr><td>单位</td></tr></table></body></html>'
XML_2003 = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'

KINDS = {
    "空文件": (b"", "文件是空的"),
    "全零（没拷完）": (bytes(4096), "全是空字节"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "PNG": (b"\x89PNG\r\n\x1a\n" + bytes(20), "图片"),
    "JPEG": (b"\xff\xd8\xff\xe0" + bytes(20), "图片"),
    "BMP": (b"BM\x36\x00\x0c\x00\x00\x00\x00\x00", "图片"),
    "RAR": (b"Rar!\x1a\x07\x01\x00", "压缩包"),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00\x04", "压缩包"),
    "gzip": (gzip.compress(b"x"), "压缩包"),
    "RTF": (b"{\\rtf1\\ansi", "Word"),
    "Excel 4": (b"\x09\x04\x06\x00\x00\x00\x10\x00", "4.0 版"),
    "HTML 存成 .xls": (HTML.encode(), "网页（HTML）"),
    "HTML，GBK": (HTML.encode("gbk"), "网页（HTML）"),
    "HTML，UTF-16": (HTML.encode("utf-16"), "网页（HTML）"),
    "HTML，前面有空行": (b"\xef\xbb\xbf\r\n\r\n  " + HTML.encode(), "网页（HTML）"),
    "网页存档": (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "网页（.mht）"),
    "Excel 2003 XML": (XML_2003.encode(), "Excel 2003 的 XML"),
    "fods": (b'<?xml version="1.0"?><office:document xmlns:office="x"/>', ".fods"),
    "别的 XML": (b'<?xml version="1.0"?><a/>', "XML 文件"),
    "CSV": ("单位,金额\n甲,1\n".encode(), "CSV"),
    "CSV，GBK": ("单位,金额\n甲,1\n".encode("gbk"), "CSV"),
    "CSV，UTF-16": ("单位\t金额\n甲\t1\n".encode("utf-16"), "CSV"),
    "以 BM 开头的文本": (b"BM,1\nBN,2\n", "CSV"),
    "PK 开头的文本": (b"PK,1\nPL,2\n", "CSV"),
    "乱字节": (b"\x01\x02\x03\x04\xfe\xff\x00\x80" * 50, "认不出"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["主工作簿.xlsx", "主工作簿.xls"])
def test_what_is_no_workbook_is_called_by_its_name(inputs: Inputs, kind: str, name: str) -> None:
    content, words = KINDS[kind]
    problem = inputs.refusal(inputs.file(content, name))
    assert words in problem.message
    assert (problem.level, problem.place.file) == (Level.ERROR, name)


ZIPS = {
    "docx": ({"_rels/.rels": '<R><Relationship Id="1" Type="x/officeDocument" Target="word/document.xml"/></R>', "word/document.xml": "<d/>"}, "Word 文档"),
    "pptx": ({"_rels/.rels": '<R><Relationship Id="1" Type="x/officeDocument" Target="/ppt/presentation.xml"/></R>'}, "演示文稿"),
    "xlsb": ({"_rels/.rels": '<R><Relationship Id="1" Type="x/officeDocument" Target="xl/workbook.bin"/></R>', "xl/workbook.bin": b"\x83\x01\x00"}, ".xlsb"),
    "OFD": ({"OFD.xml": "<ofd:OFD xmlns:ofd='x'/>", "Doc_0/Document.xml": "<d/>"}, "OFD"),
    "odt": ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<d/>"}, "OpenDocument 的文字"),
    "工作簿打成的压缩包": ({"曾都区/主工作簿.xlsx": b"PK"}, "压缩包"),
    "空压缩包": ({}, "压缩包"),
}


@pytest.mark.parametrize("kind", ZIPS)
def test_other_zips(inputs: Inputs, kind: str) -> None:
    parts, words = ZIPS[kind]
    assert words in inputs.refusal(inputs.zip(parts)).message


@pytest.mark.parametrize(
    ("streams", "words"),
    [
        ({"EncryptionInfo": b"x", "EncryptedPackage": b"x"}, "打开密码"),
        ({"WordDocument": b"x"}, ".doc"),
        ({"PowerPoint Document": b"x"}, ".ppt"),
        ({"Contents": b"x"}, "没有工作簿"),
        ({}, "没有工作簿"),
    ],
)
def test_other_compound_files(inputs: Inputs, streams: dict[str, bytes], words: str) -> None:
    assert words in inputs.refusal(inputs.compound(streams, "主工作簿.xlsx")).message


def test_a_password_says_how_to_take_it_off(inputs: Inputs) -> None:
    problem = inputs.refusal(inputs.compound({"EncryptedPackage": b"x"}, "主工作簿.xlsx"))
    assert str(problem) == "主工作簿.xlsx  错误  文件有打开密码，读不了\n    改法：请用 WPS 或 Excel 打开，在“文件—文档加密”里取消打开密码，保存后再用"


# The file itself ------------------------------------------------------------------------------------------------------


def test_a_file_that_is_not_there(inputs: Inputs) -> None:
    assert inputs.refusal(inputs.folder / "没有.xlsx").message == "找不到这个文件"
    assert inputs.refusal(inputs.file(b"x", "文件") / "下面.xlsx").message
    assert inputs.refusal(Path("a\0b.xlsx")).message
    assert inputs.refusal(inputs.folder / ("长" * 300)).message


def test_a_folder(inputs: Inputs) -> None:
    assert inputs.refusal(inputs.folder).message == "这是文件夹，不是工作簿"


@pytest.mark.parametrize("name", ["~$主工作簿.xlsx", ".~主工作簿.xlsx", ".~lock.主工作簿.xlsx#"])
def test_a_lock_file_is_not_the_workbook(inputs: Inputs, name: str) -> None:
    assert "临时文件" in inputs.refusal(inputs.file(b"\x05wang" + b" " * 160, name)).message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="这个系统没有命名管道")
def test_a_pipe_is_not_waited_for(inputs: Inputs) -> None:
    os.mkfifo(inputs.folder / "管道.xlsx")
    assert inputs.refusal(inputs.folder / "管道.xlsx").message == "这不是普通文件"


def test_a_file_that_may_not_be_read(inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests may run as root, whom permissions do not hold back; and on Windows an open WPS gives the same error.
    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", denied)
    problem = inputs.refusal(inputs.zip(inputs.parts(ROW)))
    assert "可能正在 WPS 或 Excel 里打开" in problem.message


def test_a_disk_that_fails(inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(path: Path) -> bytes:
        raise OSError(5, "Input/output error", str(path))

    monkeypatch.setattr(Path, "read_bytes", failing)
    assert "Input/output error" in inputs.refusal(inputs.zip(inputs.parts(ROW))).message


def test_a_file_beyond_the_limit_is_not_even_read(inputs: Inputs) -> None:
    path = inputs.file(b"PK\x03\x04")
    with path.open("r+b") as file:
        file.truncate(101 * 1024 * 1024)
    assert "超过 100 MB" in inputs.refusal(path).message


# Damage ---------------------------------------------------------------------------------------------------------------


def test_every_truncation_is_damage(inputs: Inputs) -> None:
    whole = inputs.zip(inputs.parts(ROW * 50)).read_bytes()
    for length in range(4, len(whole), 37):
        assert "损坏" in inputs.refusal(inputs.file(whole[:length])).message


def test_a_bit_that_fell_over_is_damage(inputs: Inputs) -> None:
    content = bytearray(inputs.zip(inputs.parts(ROW), packing=zipfile.ZIP_STORED).read_bytes())
    at = content.index(b"<v>1</v>") + 3
    content[at] = ord("9")
    assert "损坏" in inputs.refusal(inputs.file(bytes(content))).message


@pytest.mark.parametrize("missing", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"])
def test_a_missing_part(inputs: Inputs, missing: str) -> None:
    parts = inputs.parts(ROW)
    del parts[missing]
    assert "损坏" in inputs.refusal(inputs.zip(parts)).message


def test_parts_that_only_dress_the_cells_may_be_missing(inputs: Inputs) -> None:
    parts = inputs.parts(ROW)
    for name in ("xl/styles.xml", "xl/sharedStrings.xml", "_rels/.rels", "[Content_Types].xml"):
        del parts[name]
    assert read_workbook(inputs.zip(parts)).sheets[0].cell(1, 1).value == 1.0


def test_a_text_that_is_not_in_the_table(inputs: Inputs) -> None:
    problem = inputs.refusal(inputs.zip(inputs.parts('<row r="1"><c r="A1" t="s"><v>7</v></c></row>')))
    assert problem.place.sheet == "表"


@pytest.mark.parametrize("reference", ["ZZZZ1", "A0", "A99999999", "1A", "A", "", "#REF!"])
def test_an_address_that_is_none(inputs: Inputs, reference: str) -> None:
    problem = inputs.refusal(inputs.zip(inputs.parts(f'<row r="1"><c r="{reference}"><v>1</v></c></row>')))
    assert "单元格地址" in problem.message
    assert problem.place.sheet == "表"


# Tricks ---------------------------------------------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("doctype", [LAUGHS, OUTSIDE])
@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "_rels/.rels", "xl/_rels/workbook.xml.rels", "docProps/core.xml", "docProps/custom.xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_every_part(inputs: Inputs, doctype: str, part: str, encoding: str) -> None:
    parts = inputs.parts('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', strings="<si><t>x</t></si>") | {"docProps/core.xml": "<a/>", "docProps/custom.xml": "<a/>"}
    parts[part] = (doctype + str(parts[part]).replace("<t>x</t>", "<t>&b;</t>")).encode(encoding)
    assert "DTD" in inputs.refusal(inputs.zip(parts)).message


def test_an_encoding_that_hides_things_is_refused(inputs: Inputs) -> None:
    parts = inputs.parts(ROW)
    parts["xl/workbook.xml"] = b'<?xml version="1.0" encoding="utf-7"?>' + str(parts["xl/workbook.xml"]).encode()
    assert "编码 utf-7" in inputs.refusal(inputs.zip(parts)).message


def bomb(inputs: Inputs, megabytes: int) -> Path:
    parts = inputs.parts()
    with zipfile.ZipFile(inputs.folder / "炸弹.xlsx", "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            if name != "xl/worksheets/sheet1.xml":
                package.writestr(name, content)
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(megabytes):
                sheet.write(b" " * 1024 * 1024)
    return inputs.folder / "炸弹.xlsx"


@pytest.mark.parametrize(("megabytes", "words"), [(30, "压缩炸弹"), (300, "超过 200 MB")])
def test_a_zip_bomb_is_not_unpacked(inputs: Inputs, megabytes: int, words: str) -> None:
    path = bomb(inputs, megabytes)
    tracemalloc.start()
    assert words in inputs.refusal(path).message
    assert tracemalloc.get_traced_memory()[1] < 20 * 1024 * 1024
    tracemalloc.stop()


def test_a_part_that_is_larger_than_it_says_is_refused_without_unpacking_it(inputs: Inputs) -> None:
    # The lie has to be told twice, in the header of the part and in the directory; the checksum fits what is declared.
    content = str(inputs.parts(ROW)["xl/worksheets/sheet1.xml"]).encode()
    real = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = real.compress(content + b" " * 50 * 1024 * 1024) + real.flush()
    path = inputs.zip(inputs.parts(ROW))
    target = io.BytesIO()
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as package:
        for name in source.namelist():
            package.writestr(name, packed if name.endswith("sheet1.xml") else source.read(name))
    lie = bytearray(target.getvalue())
    for magic, method, crc, size, name_at in ((b"PK\x03\x04", 8, 14, 22, 30), (b"PK\x01\x02", 10, 16, 24, 46)):
        at = lie.find(magic)
        while at >= 0:
            if bytes(lie[at + name_at :]).startswith(b"xl/worksheets/sheet1.xml"):
                lie[at + method : at + method + 2] = struct.pack("<H", 8)
                lie[at + crc : at + crc + 4] = struct.pack("<I", zlib.crc32(content))
                lie[at + size : at + size + 4] = struct.pack("<I", len(content))
            at = lie.find(magic, at + 1)
    tracemalloc.start()
    assert "损坏" in inputs.refusal(inputs.file(bytes(lie))).message
    assert tracemalloc.get_traced_memory()[1] < 20 * 1024 * 1024
    tracemalloc.stop()


def test_ten_thousand_parts(inputs: Inputs) -> None:
    assert "文件太多" in inputs.refusal(inputs.zip({f"{i}": "" for i in range(10_000)})).message


def test_a_thousand_sheets_of_one_part(inputs: Inputs) -> None:
    parts = inputs.parts(ROW)
    parts["xl/workbook.xml"] = str(parts["xl/workbook.xml"]).replace("</sheets>", '<sheet name="x" sheetId="2" r:id="rId0"/>' * 1001 + "</sheets>")
    assert "太多" in inputs.refusal(inputs.zip(parts)).message


def test_an_encrypted_part(inputs: Inputs) -> None:
    content = bytearray(inputs.zip(inputs.parts(ROW)).read_bytes())
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(magic)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(magic, at + 1)
    assert "打开密码" in inputs.refusal(inputs.file(bytes(content))).message


def test_an_unusual_way_of_packing(inputs: Inputs) -> None:
    assert "压缩方式" in inputs.refusal(inputs.zip(inputs.parts(ROW), packing=zipfile.ZIP_BZIP2)).message


def test_hidden_columns_and_spills_without_end_take_no_time(inputs: Inputs) -> None:
    columns = '<col min="1" max="16384" hidden="1"/>' * 100_000
    formulas = "".join(f'<row r="{n}"><c r="A{n}"><f t="array" ref="A1:XFD1048576">1</f></c><c r="Z{n}"><v>1</v></c></row>' for n in range(1, 2000))
    started = time.perf_counter()
    path = inputs.zip(inputs.parts(formulas, around=(f"<cols>{columns}</cols>", "")))
    assert "数组公式" in inputs.refusal(path).message
    assert time.perf_counter() - started < 20
