"""Where a figure comes from: a cell of a table, a figure of the explanation, or a number somebody read somewhere.

The tables are built once more, with their sources kept; nothing here computes an amount of its own, it only lists what the
builder added up. So what `explain` says and what a table prints cannot disagree.
"""

from __future__ import annotations

from generator.build.trace.answers import Added, Addend, Hit, Traced, as_number, nothing_typed, typed_in
from generator.build.trace.tracer import Tracer

__all__ = ["Added", "Addend", "Hit", "Traced", "Tracer", "as_number", "nothing_typed", "typed_in"]
