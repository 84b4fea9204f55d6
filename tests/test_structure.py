"""Imports point one way, nothing of one county stands in the program, no number of a person in any file."""

import ast
import re
from pathlib import Path

import pytest

from generator.model.private_text import CARD, IDENTITY, PHONE, found
from tests.support import ROOT

# stages in the order of the data's road; a stage knows those before it
STAGES = ("model __init__", "pack", "read", "bind build", "rules render audit", "published run", "authoring auditing bureau", "cli", "__main__")
ORDER = {name: n for n, names in enumerate(STAGES) for name in names.split()}
ALONGSIDE = {("rules", "build"), ("render", "build")}
FILES = sorted((ROOT / "generator").rglob("*.py"))


def stage(path: Path) -> str:
    parts = path.relative_to(ROOT / "generator").with_suffix("").parts
    return parts[0]


def imported(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("generator."):
            yield node.module.split(".")[1]
        elif isinstance(node, ast.ImportFrom) and node.module == "generator":
            yield from (a.name for a in node.names if a.name in ORDER)
        elif isinstance(node, ast.Import):
            yield from (a.name.split(".")[1] for a in node.names if a.name.startswith("generator."))


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path):
    own = stage(path)
    for other in imported(path):
        assert other == own or ORDER[other] < ORDER[own] or (own, other) in ALONGSIDE, f"{own} must not import {other}"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_county_in_the_program(path):
    text = path.read_text(encoding="utf-8")
    code = re.sub(r'""".*?"""|#.*', "", text, flags=re.S)
    assert not re.search(r"平江|荷塘|曾都|hetang|pingjiang|zengdu|岳阳|株洲", code)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_money_is_rounded_in_one_place(path):
    if path.name == "amount.py":
        return
    text = path.read_text(encoding="utf-8")
    assert "quantize" not in text
    assert "ROUND_" not in text


def test_no_number_of_a_person_stands_in_a_file():
    """Phone, identity and card numbers of tests and manuals are put together when they run (〈〉 in YAML)."""
    files = [f for folder in ("generator", "tests", "bench", "docs", "templates") for f in (ROOT / folder).rglob("*") if f.suffix in (".py", ".yaml", ".md", ".txt", ".csv")]
    assert files
    hits = [f"{f.relative_to(ROOT)}:{n} {hit.masked}" for f in files for n, line in enumerate(f.read_text(encoding="utf-8").splitlines(), 1) for hit in found(line, (PHONE, IDENTITY, CARD))]
    assert not hits
