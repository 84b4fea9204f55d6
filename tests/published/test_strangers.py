"""Documents of counties no pack knows: nothing is said of the clean ones, and one wrong figure is named where it stands."""

import random
import re
import shutil
import subprocess

import pytest

from bench.audit_catch import KINDS, names
from generator.model.problem import Level
from generator.published.audit import audit, audit_documents, audit_units
from generator.published.extract import read_published
from generator.published.facts import facts_of
from generator.published.tables import read_tables
from generator.published.vocabulary import Vocabulary
from tests.published.strangers import Hilltop, Riverside


@pytest.fixture(scope="module")
def riverside(tmp_path_factory):
    return Riverside().document(tmp_path_factory.mktemp("river"))


@pytest.fixture(scope="module")
def hilltop(tmp_path_factory):
    return Hilltop().workbook(tmp_path_factory.mktemp("hill"))


def test_a_department_with_business_income_carry_over_and_a_fund_is_clean(riverside):
    result = audit([riverside])
    assert [f for f in result.findings if f.level is not Level.HINT] == []
    assert len(result.findings) <= 1  # what rounding explains, once for the document
    assert result.about.year == 2024
    assert result.about.organs[0] == "临河县文化广电局"
    assert result.compared > 400


def test_tables_without_numbers_in_yuan_are_clean_and_compared(hilltop):
    result = audit([hilltop])
    assert result.findings == []
    assert result.compared > 60
    assert {t.unit for t in result.tables} == {"元"}


def test_every_table_is_found_with_its_number_title_and_unit(riverside):
    tables = read_tables(read_published(riverside))
    assert [(t.number, t.title) for t in tables] == [
        ("公开01表", "部门收支总表"),
        ("公开02表", "部门收入总表"),
        ("公开03表", "部门支出总表"),
        ("公开04表", "财政拨款收支总表"),
        ("公开05表", "一般公共预算支出表"),
        ("公开05-1表", "一般公共预算基本支出表"),
        ("公开06表", "一般公共预算“三公”经费支出表"),
        ("公开07表", "政府性基金预算支出表"),
        ("公开08表", "国有资本经营预算支出表"),
    ]
    assert {t.organ for t in tables} == {"临河县文化广电局"}
    assert tables[-1].empty
    assert not tables[-1].faults


def test_codes_in_one_cell_with_their_names_and_in_three_columns(riverside, hilltop):
    spending = next(t for t in read_tables(read_published(riverside)) if t.title == "部门支出总表")
    assert [(r.code, r.label) for r in spending.rows][1:4] == [("207", "文化旅游体育与传媒支出"), ("20701", "文化和旅游"), ("2070101", "行政运行")]
    school = next(t for t in read_tables(read_published(hilltop)) if "一般公共预算支出表" in t.title)
    assert [r.code for r in school.rows] == ["", "205", "20502", "2050203", "208", "20805", "2080505"]


def test_the_same_figure_in_two_tables_has_the_same_restrictions(riverside):
    words = Vocabulary(2024)
    tables = read_tables(read_published(riverside))
    keys = [{f.key for f in facts_of(t, words)} for t in tables]
    income, spending = keys[3], keys[4]
    shared = income & spending
    assert frozenset({("流", "支出"), ("资金", "一般公共预算"), ("功能", "208")}) in shared


@pytest.mark.parametrize("kind", ["表里的金额", "文字里的金额", "百分比", "方向词"])
def test_one_mistake_is_named(riverside, kind):
    """Seeded mistakes; those inside the 上年结转 or that no other figure speaks of are few."""
    documents = [read_published(riverside)]
    rng, caught, made = random.Random(kind), 0, 0
    for _ in range(12):
        if (changed := KINDS[kind](documents, rng)) is None:
            continue
        made += 1
        new = [f for f in audit_documents(changed[0]).findings if f.level is not Level.HINT]
        caught += any(names(f, documents, changed[1]) for f in new)
    assert made >= 10
    assert caught >= made - 2


@pytest.mark.parametrize("kind", ["表里的金额"])
def test_one_mistake_in_a_workbook_alone_is_named(hilltop, kind):
    documents = [read_published(hilltop)]
    rng = random.Random(5)
    for _ in range(8):
        changed = KINDS[kind](documents, rng)
        assert changed is not None
        assert any(names(f, documents, changed[1]) for f in audit_documents(changed[0]).findings)


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice makes the PDF")
def test_the_same_document_as_pdf(riverside, tmp_path):
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/lo", "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(riverside)], check=True, capture_output=True, timeout=120
    )
    path = next(tmp_path.glob("*.pdf"))
    result = audit([path])
    assert [f for f in result.findings if f.level is not Level.HINT] == []
    word = read_tables(read_published(riverside))
    assert [t.title for t in result.tables] == [t.title for t in word]
    figures = [[c.figure.value for r in t.rows for c in r.cells if c.figure] for t in result.tables]
    assert figures == [[c.figure.value for r in t.rows for c in r.cells if c.figure] for t in word]
    assert all(t.spot.page for t in result.tables)
    assert not any(re.fullmatch(r"[—\-\s\d]+", p.text) for p in result.documents[0].paragraphs)


def test_files_of_two_units_given_together_are_audited_apart(riverside, hilltop):
    audits = audit_units([riverside, hilltop])
    assert [a.about.organs[0] for a in audits] == ["临河县文化广电局", "望山镇中心学校"]
    assert [f for a in audits for f in a.findings if f.level is not Level.HINT] == []
