"""Documents in a few lines for the tests of the audit."""

from __future__ import annotations

from pathlib import Path

from generator.model.problem import Level
from generator.published.audit import Audit, audit_documents
from generator.published.extract.plain import read_plain
from generator.published.model import Document


def page(tmp_path: Path, text: str) -> Document:
    """Text with tables of tab-separated (here: `|`-separated) lines, as a document."""
    path = tmp_path / "说明.txt"
    path.write_text("\n".join("\t".join(c.strip() for c in line.split("|")) if "|" in line else line.strip() for line in text.strip().splitlines()), encoding="utf-8")
    return read_plain(path)


def found(tmp_path: Path, text: str) -> Audit:
    return audit_documents([page(tmp_path, text)])


def rules(result: Audit, level: Level | None = None) -> list[str]:
    return [f.rule for f in result.findings if level is None or f.level is level]
