"""What a rule gives back."""

from __future__ import annotations

from dataclasses import dataclass

from generator.model.master import Master
from generator.model.problem import Place


@dataclass(frozen=True, slots=True)
class Finding:
    """Where, what, and how to mend it."""

    place: Place
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """Two figures that a rule holds against each other, for the report: named, with their units, agreeing or not.

    A rule kind that has a function `compared(params, selector)` gives them, those that agree too.
    """

    what: str
    left: str
    right: str
    agrees: bool
    gap: str = ""


def year_of(master: Master) -> int:
    """The year the master is of. NotRun when it was not filled in or cannot be read: that is told at its cell, and nothing is measured by it."""
    if not master.year:
        raise NotRun("没有填年度，或年度读不出来")
    return master.year


class NotRun(Exception):
    """The rule's input is absent; the text says what is missing. Reported as 未能核对, never as passed."""
