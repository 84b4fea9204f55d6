"""A bureau's own pack: made, previewed, exported, used from folder and zip; and zips nobody should trust."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from generator import authoring, run
from generator.cli import main
from generator.model.problem import PackError, UsageError
from generator.pack import library
from generator.pack.library import zipped
from generator.pack.pack import load_pack
from tests.support import sample


@pytest.fixture
def own(tmp_path) -> Path:
    return authoring.new_pack("pingjiang-2022", "mycounty-2024", tmp_path)


def test_a_new_pack_is_the_officers_own(own):
    assert sorted(p.name for p in own.iterdir()) == ["mycounty-2024.xlsx", "mycounty-2024.yaml", "预算公开说明.docx"]
    pack = load_pack(str(own))
    assert pack.id == "mycounty-2024"
    assert len(pack.tables) == 41
    book = openpyxl.load_workbook(own / "mycounty-2024.xlsx")
    assert any(c.value == "mycounty-2024" for row in book["套表"].iter_rows(max_row=12) for c in row)


@pytest.mark.parametrize("pack_id", ["", "a", "有中文", "../x", "pingjiang-2022", "a b"])
def test_ids_that_will_not_do(pack_id, tmp_path):
    with pytest.raises(UsageError):
        authoring.new_pack("pingjiang-2022", pack_id, tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_existing_folder_is_not_touched(own, tmp_path):
    before = {p.name: p.read_bytes() for p in own.iterdir()}
    with pytest.raises(UsageError, match="不覆盖"):
        authoring.new_pack("pingjiang-2022", "mycounty-2024", tmp_path)
    assert {p.name: p.read_bytes() for p in own.iterdir()} == before


def test_exported_zip_builds_what_the_folder_builds(own, tmp_path):
    target = tmp_path / "给单位.zip"
    target.write_bytes(authoring.exported(load_pack(str(own))))
    from_folder = run.build_set(sample(), tmp_path / "a", str(own))
    from_zip = run.build_set(sample(), tmp_path / "b", str(target))
    for name in ("预算公开表.xlsx", "预算公开说明.docx"):
        assert (from_folder.folder / name).read_bytes() == (from_zip.folder / name).read_bytes()
    assert authoring.exported(load_pack(str(own))) == target.read_bytes(), "the same pack gives the same zip"


def test_a_zip_beside_the_workbook_is_found_by_its_id(own, tmp_path):
    folder = tmp_path / "单位"
    folder.mkdir()
    (folder / "mycounty-2024.zip").write_bytes(authoring.exported(load_pack(str(own))))
    book = openpyxl.load_workbook(sample())
    sheet = book["单位信息"]
    cell = next(c for row in sheet.iter_rows(max_row=12) for c in row if c.value == "pingjiang-2022")
    cell.value = "mycounty-2024"
    book.save(folder / "甲.xlsx")
    checked = run.check(folder / "甲.xlsx")
    assert checked.pack.id == "mycounty-2024"


def test_a_changed_zip_is_not_taken_for_the_old_one(own, tmp_path):
    target = tmp_path / "a.zip"
    target.write_bytes(authoring.exported(load_pack(str(own))))
    assert load_pack(str(target)).file.name == "mycounty-2024"
    yaml = own / "mycounty-2024.yaml"
    yaml.write_text(yaml.read_text(encoding="utf-8").replace("name: mycounty-2024", "name: 新名字"), encoding="utf-8")
    target.write_bytes(authoring.exported(load_pack(str(own))))
    assert load_pack(str(target)).file.name == "新名字"


BAD = [
    ("不是 zip", lambda p: p.write_bytes(b"hello"), "不是 zip 文件"),
    ("没有 yaml", lambda p: p.write_bytes(zipped({"a.xlsx": b"1"})), "要有且只有一个 .yaml"),
    ("两个 yaml", lambda p: p.write_bytes(zipped({"a.yaml": b"", "b.yaml": b""})), "要有且只有一个 .yaml"),
    ("没有表样", lambda p: p.write_bytes(zipped({"a.yaml": b"extends: base"})), "没有表样工作簿"),
    ("表样不是工作簿", lambda p: p.write_bytes(zipped({"a.yaml": b"extends: base", "a.xlsx": b"1"})), "打不开"),
]


@pytest.mark.parametrize(("name", "make", "said"), BAD, ids=[b[0] for b in BAD])
def test_zips_that_are_no_packs(name, make, said, tmp_path):
    path = tmp_path / "a.zip"
    make(path)
    with pytest.raises(PackError, match=said):
        load_pack(str(path))


def test_a_zip_cannot_write_outside_its_folder(tmp_path):
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("../../evil.yaml", "extends: base")
        z.writestr("..\\..\\evil.xlsx", "x")
        z.writestr("/etc/evil.csv", "x")
        z.writestr("run.py", "import os")
    folder = library._unpacked(path)
    assert sorted(p.name for p in folder.iterdir()) == ["evil.csv", "evil.xlsx", "evil.yaml"]
    assert not (tmp_path.parent / "evil.yaml").exists()


def test_a_zip_bomb_is_refused(tmp_path):
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("a.csv", b"0" * (library.MAX_BYTES + 1))
    with pytest.raises(PackError, match="太大"):
        load_pack(str(path))


def test_preview_shows_every_table_with_sample_data(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(authoring, "find_office", lambda: None)
    assert main(["pack", "preview", "pingjiang-2022", "-o", str(tmp_path)]) == 0
    book = openpyxl.load_workbook(tmp_path / "pingjiang-2022预览" / "预算公开表.xlsx")
    assert len(book.sheetnames) == 42
    empty = [r[0].value for r in book["目录"].iter_rows(min_row=6, min_col=2, max_col=4) if r[2].value == "空表"]
    assert not empty, "sample data put something into every table"
