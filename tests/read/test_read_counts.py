"""Counts that a file claims are not believed: calamine would reserve memory for them and end the whole process."""

import subprocess
import sys
import zipfile

import openpyxl
import pytest

from tests.support import ROOT

CLAIM = "99999999999"


@pytest.mark.parametrize(("part", "old"), [("xl/sharedStrings.xml", "uniqueCount="), ("xl/styles.xml", "<cellXfs count=")])
def test_a_claim_of_a_hundred_thousand_million_is_no_end(part, old, tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "甲"
    book.save(tmp_path / "a.xlsx")
    with zipfile.ZipFile(tmp_path / "a.xlsx") as source, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as out:
        for name in source.namelist():
            text = source.read(name)
            if name == part:
                head, found, rest = text.decode().partition(old)
                assert found, f"{part} has no {old}"
                text = f"{head}{found}\"{CLAIM}\"{rest[rest.index(chr(34), 1) + 1 :]}".encode()
            out.writestr(name, text)
    code = "import sys; from pathlib import Path; from generator.read import read_workbook; print(read_workbook(Path(sys.argv[1])).sheets[0].rows)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "b.xlsx")], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr[-300:]
    assert "甲" in done.stdout
