"""Whose workbook a file is, from what stands in it; the file's name says nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache

import msgspec

from generator.bind.bind import MASTER_SHEET, pack_id_of
from generator.bind.sheets import bind_one, find_line, words
from generator.bureau.roster import is_roster
from generator.pack.library import Library, templates_folder
from generator.pack.schema import Schema, load_schema
from generator.read import RawWorkbook

YEAR = re.compile(r"(?:19|20)\d\d")


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """units: (code, name), the first one names the workbook; saved: when a program last saved it (UTC, ISO), empty when the file does not say.

    refusal: why it is nobody's workbook; then the rest is empty.
    """

    units: tuple[tuple[str, str], ...] = ()
    year: str = ""
    pack: str = ""
    template: str = ""
    saved: str = ""
    refusal: str = ""

    @property
    def code(self) -> str:
        return self.units[0][0] if self.units else ""

    @property
    def name(self) -> str:
        return self.units[0][1] if self.units else ""


@cache
def master_schema() -> Schema:
    return load_schema(Library(templates_folder()).shared("master.yaml"))


def identity(raw: RawWorkbook) -> Identity:
    """What the workbook says it is. A workbook without a unit's code or name has none and says so."""
    if is_roster(raw):
        return Identity(refusal="这是名册，不是主工作簿")
    bound = bind_one(raw, master_schema().sheet(MASTER_SHEET))
    if bound is None or not bound.heading:
        return Identity(refusal=f"不是主工作簿：没有填好的“{MASTER_SHEET}”")
    units = []
    for row in range(bound.heading + 1, len(bound.raw.rows) + 1):
        code, name = (words(bound.raw.cell(row, bound.columns[c])) if c in bound.columns else "" for c in ("单位编码", "单位名称"))
        if code and name:
            units.append((code, name))
    if not units:
        return Identity(refusal=f"“{MASTER_SHEET}”里没有填单位编码和单位名称")
    line = find_line([bound.raw], ("年度", "预算年度"))
    year = YEAR.search(words(line[0].cell(line[1], line[2]))) if line else None
    return Identity(tuple(units), year[0] if year else "", pack_id_of(raw), _template(raw), _saved(raw))


def _template(raw: RawWorkbook) -> str:
    """The template's name and version: of the file's properties, else of the guide sheet, which survives every program."""
    if said := raw.properties.get("模板版本"):
        return said
    for sheet in raw.sheets:
        if sheet.name == "填报说明":
            for row in range(len(sheet.rows), 0, -1):
                if found := re.search(r"模板版本：(\S+ \S+)", words(sheet.cell(row, 1))):
                    return found[1]
    return ""


def _saved(raw: RawWorkbook) -> str:
    """When it was saved, if a program has saved it since it was handed out: a blank's own date tells nothing about versions."""
    created, modified = (raw.properties.get(k, "") for k in ("created", "modified"))
    if not modified or modified == created:
        return ""
    try:
        when = datetime.fromisoformat(modified)
    except ValueError:
        return ""
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")
