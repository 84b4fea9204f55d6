"""状态.html: one file that needs nothing else, readable without scripts; it can be printed or put on a shared drive."""

from __future__ import annotations

from functools import cache
from importlib import resources

import jinja2

from generator.bureau.ledger import BUILT, MISSING, UNDONE, WARNED, WRONG
from generator.bureau.status import Status, link
from generator.bureau.storage import Storage
from generator.bureau.work import FIGURES

CLASSES = {BUILT: "good", WARNED: "warn", WRONG: "bad", UNDONE: "bad", MISSING: "none"}


@cache
def _template() -> jinja2.Template:
    text = resources.files("generator.bureau").joinpath("status.html").read_text(encoding="utf-8")
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(text)


def status_page(status: Status, source: Storage, out: Storage) -> bytes:
    """The page's bytes; links are relative to the result folder, where it lies."""
    return _template().render(status=status, figures=FIGURES, classes=CLASSES, built=(BUILT, WARNED), of_out=lambda name: link(out, name, out), of_source=lambda name: link(source, name, out)).encode()
