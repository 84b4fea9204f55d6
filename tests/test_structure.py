"""Imports point one way, and nothing of one county stands in the program."""

import ast
import re
from pathlib import Path

import pytest

from tests.support import ROOT

ORDER = {"model": 0, "pack": 1, "read": 2, "bind": 3, "build": 3, "rules": 4, "render": 4, "audit": 4, "published": 5, "run": 5, "authoring": 6, "auditing": 6, "cli": 7, "__main__": 8, "__init__": 0}
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
