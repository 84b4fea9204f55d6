"""The samples give no false alarm: every warning is a contradiction of the published document itself, listed with its reason."""

import pytest

from bench.catch import accepted, is_accepted, said, samples
from generator.model.problem import Level
from tests.support import ROOT, SAMPLES

ACCEPTED = accepted()


@pytest.mark.parametrize("book", samples(), ids=lambda book: book.pack.id)
def test_warnings_are_those_accepted_and_no_others(book):
    found = [p for p in said(book.raw, book.pack) if p.level is not Level.HINT]
    lines = ACCEPTED.get(book.pack.id, [])
    assert not [str(p) for p in found if not is_accepted(p, lines)], "误报"
    assert not [line for line in lines if not any(is_accepted(p, [line]) for p in found)], "不再报了：规则松了，或这一行该删"


def test_every_accepted_warning_has_its_reason_in_the_notes():
    assert set(ACCEPTED) <= set(SAMPLES)
    for name, lines in ACCEPTED.items():
        notes = (ROOT / "tests/samples" / f"{name}.notes.md").read_text(encoding="utf-8")
        for line in lines:
            assert line["因为"], line
            assert line["见"] in notes, line
