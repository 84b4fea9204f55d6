"""数据/*.csv and 数据/datapackage.json: the open-data twin as files anyone's program can read.

A Tabular Data Package (Frictionless): Table Schema with types, primary and foreign keys; columns carry Fiscal Data
Package's columnType. CSV is UTF-8 with a byte order mark, because Excel and WPS take a file without one for GBK and show
nonsense; lines end in CR LF (RFC 4180). Same input, same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from io import StringIO

import msgspec

from generator.build.open_data import Cell, Field, Resource
from generator.model.master import Master
from generator.pack.pack import Licence, Pack

FOLDER = "数据"
DESCRIPTOR = f"{FOLDER}/datapackage.json"
_FIRST = "=+@\t\r-"
_FORMULA = re.compile(r"[=+@\t\r].|-(?!\d|$)")


def data_package(found: Sequence[Resource], pack: Pack, master: Master, when: datetime) -> dict[str, bytes]:
    """The files by name. when: the run's date."""
    files = {f"{FOLDER}/{r.file}.csv": as_csv(r) for r in found}
    files[DESCRIPTOR] = as_json(descriptor(found, files, pack, master, when))
    return files


def as_csv(resource: Resource) -> bytes:
    """The rows under a line of names."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([f.name for f in resource.fields])
    writer.writerows(zip(*(_column(field, cells) for field, cells in zip(resource.fields, zip(*resource.rows, strict=True), strict=False)), strict=True))
    return text.getvalue().encode("utf-8-sig")


def _column(field: Field, cells: tuple[Cell, ...]) -> Iterable[str]:
    """The cells of a column as text; a column of words has few different ones."""
    if field.kind == "number":
        return map(written, cells)
    said = {cell: written(cell) for cell in set(cells)}
    return map(said.__getitem__, cells)


def written(cell: Cell) -> str:
    """A cell as text. A text that Excel would take for a formula gets an apostrophe before it, as Excel's own users write it.

    >>> written("=1+1"), written("-"), written("2010301"), written(None)
    ("'=1+1", '-', '2010301', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell[:1] in _FIRST and _FORMULA.match(cell) else cell
    return str(cell) if isinstance(cell, int) else f"{cell:f}"


def descriptor(found: Sequence[Resource], files: dict[str, bytes], pack: Pack, master: Master, when: datetime) -> dict[str, object]:
    """datapackage.json as plain values."""
    unit, licence = master.main.text("单位名称"), pack.file.licence or Licence()
    code = re.sub(r"[^a-z0-9]+", "-", master.main.text("单位编码").lower()).strip("-")
    return {
        "profile": "tabular-data-package",
        "name": "-".join(filter(None, ("budget", str(master.year), code))),
        "title": f"{unit}{master.year}年部门预算公开数据",
        "description": "预算公开表的数据：各单位的收入、支出等（元，准确到分），和公开表里印的每一个数。编码都是文本；空白是没有，不是 0。",
        "created": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "version": str(master.year),
        "keywords": ["预算", "部门预算", "预算公开", *([pack.file.region] if pack.file.region else [])],
        "licenses": [{k: v for k, v in (("name", licence.name), ("title", licence.title), ("path", licence.path)) if v}],
        "sources": [{"title": f"{unit}{master.year}年部门预算公开表（{pack.file.name or pack.id}）"}],
        "contributors": [{"title": unit, "role": "publisher"}],
        "countryCode": "CN",
        "currencyCode": "CNY",
        "fiscalPeriod": {"start": f"{master.year}-01-01", "end": f"{master.year}-12-31"},
        "resources": [_resource(r, files[f"{FOLDER}/{r.file}.csv"]) for r in found],
    }


def _resource(resource: Resource, data: bytes) -> dict[str, object]:
    schema: dict[str, object] = {"fields": [_field(f) for f in resource.fields], "primaryKey": list(resource.key), "missingValues": [""]}
    if resource.references:
        # a resource that refers to itself says so with an empty name (Table Schema)
        schema["foreignKeys"] = [{"fields": [own], "reference": {"resource": "" if name == resource.name else name, "fields": [other]}} for own, name, other in resource.references]
    about = {"description": resource.about} if resource.about else {}
    return {
        "profile": "tabular-data-resource",
        "name": resource.name,
        "path": f"{resource.file}.csv",
        "title": resource.title,
        **about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
        "bytes": len(data),
        "hash": f"sha256:{hashlib.sha256(data).hexdigest()}",
        "schema": schema,
    }


def _field(field: Field) -> dict[str, object]:
    said: dict[str, object] = {"name": field.name, "type": field.kind}
    if field.about:
        said["description"] = field.about
    if field.concept:
        said["columnType"] = field.concept
    if field.required:
        said["constraints"] = {"required": True}
    return said


def as_json(content: Mapping[str, object], sort_keys: bool = False) -> bytes:
    """Plain values as JSON for people, the bytes that the standard library's json.dumps(indent=1) writes."""
    return msgspec.json.format(msgspec.json.encode(content, order="sorted" if sort_keys else None), indent=1) + b"\n"
