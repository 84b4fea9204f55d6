"""Every sample and the stress unit as documents and PDF, made once a run: one conversion a document, shared by all workers."""

from __future__ import annotations

import os
import pickle
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator import run
from generator.model.table import Table
from generator.render.office import find_office
from generator.render.pdf import to_pdf
from tests.pages.printed import Printed, printed_pages
from tests.pages.stress import stress_pack, stress_workbook
from tests.support import SAMPLES, sample

STRESS = "stress"
UNITS = (*SAMPLES, STRESS)
PATIENCE = 600.0  # seconds for another worker to convert


@dataclass
class Made:
    """One document as handed out and as printed."""

    tables: list[Table]
    data: bytes
    pdf: bytes
    pages: list[Printed]


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> dict[tuple[str, str], Made]:
    """(unit, "docx" or "xlsx") → the document with its pages."""
    if find_office() is None:
        pytest.skip("LibreOffice 没有装，排版的测试不跑")
    shared = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        shared = shared.parent
    done, lock = shared / "pages.pickle", shared / "pages.lock"
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        end = time.monotonic() + PATIENCE
        while not done.exists():
            assert time.monotonic() < end, "the other worker did not finish its pages"
            time.sleep(0.2)
    else:
        fresh = done.with_suffix(".new")
        fresh.write_bytes(pickle.dumps(_converted(tmp_path_factory.mktemp("units"))))
        fresh.rename(done)
    return {key: Made(tables, data, pdf, printed_pages(pdf)) for key, (tables, data, pdf) in pickle.loads(done.read_bytes()).items()}


def _converted(folder: Path) -> dict[tuple[str, str], tuple[list[Table], bytes, bytes]]:
    built: dict[tuple[str, str], tuple[list[Table], bytes]] = {}
    for name in UNITS:
        pack = str(stress_pack(folder)) if name == STRESS else ""
        workbook = stress_workbook(folder / "大单位.xlsx") if name == STRESS else sample(name)
        checked = run.check(workbook, pack)
        assert not checked.problems.errors, checked.problems.errors[:3]
        for file, data in run.documents(checked, False).items():
            built[name, Path(file).suffix[1:]] = (checked.tables, data)
    pdfs = to_pdf({f"{name}-{kind}.{kind}": data for (name, kind), (_, data) in built.items()})
    return {(name, kind): (tables, data, pdfs[f"{name}-{kind}.pdf"]) for (name, kind), (tables, data) in built.items()}
