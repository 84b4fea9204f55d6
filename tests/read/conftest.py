"""Inputs made in the tests: raw .xlsx parts, BIFF records in an OLE file, files that LibreOffice itself has saved."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from generator.model.problem import DataError, Problem
from generator.read import RawWorkbook, read_workbook

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
# number formats 0 plain, 1 date, 2 date and time, 3 yyyy"年"m"月"d"日" as Chinese Excel writes it (no definition), 4 [h]:mm
STYLES = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="31"/><xf numFmtId="46"/></cellXfs>'


def _relationships(*entries: tuple[str, str, str]) -> str:
    inner = "".join(f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>' for name, kind, target in entries)
    return f'<Relationships xmlns="{PACKAGE}">{inner}</Relationships>'


class Inputs:
    """Writes input files into the test's own folder and reads them back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file(self, content: bytes, name: str = "主工作簿.xlsx") -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    def zip(self, parts: Mapping[str, str | bytes], name: str = "主工作簿.xlsx", packing: int = zipfile.ZIP_DEFLATED) -> Path:
        path = self.folder / name
        with zipfile.ZipFile(path, "w", packing) as package:
            for part, content in parts.items():
                package.writestr(part, content)
        return path

    def parts(
        self,
        rows: str = "",
        *,
        sheets: Mapping[str, str] | None = None,
        states: Mapping[str, str] | None = None,
        strings: str = "",
        workbook: str = "",
        around: tuple[str, str] = ("", ""),
    ) -> dict[str, str | bytes]:
        """The parts of an .xlsx. rows: what stands in `<sheetData>` of the only sheet 表; sheets: whole sheet parts by name."""
        whole = {"表": f'<worksheet xmlns="{MAIN}">{around[0]}<sheetData>{rows}</sheetData>{around[1]}</worksheet>'} if sheets is None else sheets
        listed = "".join(f'<sheet name="{name}" sheetId="{i + 1}" state="{(states or {}).get(name, "visible")}" r:id="rId{i}"/>' for i, name in enumerate(whole))
        return {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": _relationships(("rId1", "officeDocument", "xl/workbook.xml")),
            "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook}<sheets>{listed}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": _relationships(
                *((f"rId{i}", "worksheet", f"worksheets/sheet{i + 1}.xml") for i in range(len(whole))),
                ("rIdStyles", "styles", "styles.xml"),
                ("rIdStrings", "sharedStrings", "/xl/sharedStrings.xml"),
            ),
            "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{STYLES}</styleSheet>',
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
            **{f"xl/worksheets/sheet{i + 1}.xml": xml for i, xml in enumerate(whole.values())},
        }

    def xlsx(self, rows: str = "", name: str = "主工作簿.xlsx", **options: object) -> RawWorkbook:
        """A raw .xlsx, written and read."""
        return read_workbook(self.zip(self.parts(rows, **options), name))  # type: ignore[arg-type]

    def refusal(self, path: Path) -> Problem:
        """The one problem that reading the file gives."""
        with pytest.raises(DataError) as caught:
            read_workbook(path)
        (problem,) = caught.value.problems
        assert problem.hint, "says what to do"
        assert "\n" not in problem.message
        return problem

    def compound(self, streams: Mapping[str, bytes], name: str = "主工作簿.xls") -> Path:
        """A compound file with the streams in its root folder, each padded to the 4096 bytes that keep it out of the mini stream."""
        sector = 512
        table: list[int] = []
        body = b""
        entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1 if streams else 0xFFFFFFFF)]
        for number, (stream, content) in enumerate(streams.items(), start=1):
            size = max(len(content), 4096)
            content = content.ljust(-(-size // sector) * sector, b"\0")
            count = len(content) // sector
            right = number + 1 if number < len(streams) else 0xFFFFFFFF
            entries.append(_entry(stream, 2, len(table), size, right=right))
            table += [*range(len(table) + 1, len(table) + count), 0xFFFFFFFE]
            body += content
        folder = b"".join(entries)
        folder = folder.ljust(-(-len(folder) // sector) * sector, b"\0")
        folder_start = len(table)
        count = len(folder) // sector
        table += [*range(folder_start + 1, folder_start + count), 0xFFFFFFFE]
        body += folder
        tables = -(-(len(table) + 1) // 128)
        while len(table) + tables > tables * 128:
            tables += 1
        table_start = len(table)
        table += [0xFFFFFFFD] * tables
        table += [0xFFFFFFFF] * (tables * 128 - len(table))
        body += struct.pack(f"<{len(table)}I", *table)
        masters = [*range(table_start, table_start + tables), *[0xFFFFFFFF] * (109 - tables)]
        header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
        header += struct.pack("<IIIIIIIIII", 0, tables, folder_start, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)[:36]
        return self.file(header + struct.pack("<109I", *masters) + body, name)


def _entry(name: str, kind: int, start: int, size: int, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
    text = name.encode("utf-16-le")
    entry = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, 0xFFFFFFFF, right, child) + bytes(36)
    return entry + struct.pack("<III", start, size, 0)


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return Inputs(tmp_path)


class Office:
    """LibreOffice, with a profile of its own."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program = program
        self.folder = folder

    def convert(self, source: Path, ending: str) -> Path:
        """The file as LibreOffice saves it in the other format, formulas calculated."""
        target = self.folder / ending
        command = [self.program, "--headless", f"-env:UserInstallation=file://{self.folder}/profile", "--convert-to", ending, "--outdir", str(target), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
        return target / f"{source.stem}.{ending}"


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        pytest.skip("没有安装 LibreOffice（soffice），不能试它保存的文件")
    return Office(program, tmp_path_factory.mktemp("office"))
