"""How many single mistakes are caught: `make catch`.

    python -m bench.catch [--each 6] [--seed 1] [--only 金额多一位（×10）]

Into each sample one mistake is put at a time, of many kinds (bench.mistakes), at random places (seeded); the check runs; a
mistake counts as caught when the check says something it does not say of the sample as it is. Printed: the catch rate by
kind, and the false alarms: warnings and errors on the samples that are not the source's own contradictions, which
tests/samples/accepted.yaml lists with the reason for each. There must be none.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from unicodedata import east_asian_width

import yaml

from bench.mistakes import KINDS, UNKNOWABLE, WARNED, Mistake, Workbook
from generator.model.problem import DataError, Level, Problem
from generator.pack.pack import Pack
from generator.read import RawWorkbook
from generator.run import check_raw

ROOT = Path(__file__).resolve().parent.parent
ACCEPTED = ROOT / "tests" / "samples" / "accepted.yaml"


def accepted() -> dict[str, list[dict[str, str]]]:
    """The source's own contradictions by sample: 格, 规则, 说, 因为, 见."""
    return yaml.safe_load(ACCEPTED.read_text(encoding="utf-8"))


def is_accepted(problem: Problem, lines: list[dict[str, str]]) -> bool:
    where = f"{problem.place.sheet}!{problem.place.cell}"
    return problem.level is not Level.ERROR and any(line["格"] == where and line["规则"] == problem.rule and line["说"] in problem.message for line in lines)


def said(raw: RawWorkbook, pack: Pack) -> list[Problem]:
    try:
        return check_raw(raw, pack).problems.found
    except DataError as e:
        return list(e.problems)


def false_alarms(book: Workbook) -> list[Problem]:
    """Errors and warnings on a sample as it is, but for its source's own contradictions."""
    lines = accepted().get(book.pack.id, [])
    return [p for p in said(book.raw, book.pack) if p.level is not Level.HINT and not is_accepted(p, lines)]


def samples() -> list[Workbook]:
    return [Workbook(p) for p in sorted((ROOT / "inputs").glob("*.xlsx")) if not p.name.startswith("~") and "（校验" not in p.name]


def key(problem: Problem) -> tuple[str, str, str]:
    return problem.level, problem.place.sheet, problem.message


def trials(book: Workbook, kind: str, mistake: Mistake, each: int, seed: int) -> Iterator[RawWorkbook]:
    rng = random.Random(f"{seed}/{book.pack.id}/{kind}")
    for _ in range(each):
        made = mistake(book, rng)
        if made is not None:
            yield made


def tried(books: list[Workbook], before: dict[str, set[tuple[str, str, str]]], kind: str, mistake: Mistake, each: int, seed: int) -> tuple[int, int, int, int]:
    """How many mistakes of a kind were made, stopped, at least warned of, at least noticed."""
    made = stopped = warned = noticed = 0
    for book in books:
        for raw in trials(book, kind, mistake, each, seed):
            new = [p for p in said(raw, book.pack) if key(p) not in before[book.pack.id]]
            made += 1
            stopped += any(p.level is Level.ERROR for p in new)
            warned += any(p.level is not Level.HINT for p in new)
            noticed += bool(new)
    return made, stopped, warned, noticed


def padded(text: str, width: int = 34) -> str:
    return text + " " * (width - sum(2 if east_asian_width(c) in "WF" else 1 for c in text))


def line(kind: str, counts: tuple[int, int, int, int]) -> str:
    made, *found = counts
    return padded(kind) + (f"{made:>4}" + "".join(f"{n / made:>10.0%}" for n in found) if made else "   0  （样例里没有可以犯这种错的地方）")


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--each", type=int, default=6, help="mistakes of each kind in each sample")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--only", choices=[*KINDS, *UNKNOWABLE], help="one kind")
    arguments = ap.parse_args()
    books = samples()
    alarms = {book.pack.id: false_alarms(book) for book in books}
    known = sum(map(len, accepted().values()))
    print(f"样例上的误报（错误、警告）：{'无' if not any(alarms.values()) else ''}（另有 {known} 条是公布件自己的矛盾，见 tests/samples/accepted.yaml）")
    for name, found in alarms.items():
        for problem in found:
            print(f"  {name}: {problem}")
    before = {book.pack.id: {key(p) for p in said(book.raw, book.pack)} for book in books}
    print(f"\n{padded('错误种类')}试了    错误级  错误或警告  有提示")
    total = {False: [0, 0, 0], True: [0, 0, 0]}
    for kind, mistake in KINDS.items():
        if arguments.only in (None, kind):
            counts = tried(books, before, kind, mistake, arguments.each, arguments.seed)
            print(line(kind, counts) + (f"    {WARNED[kind]}" if kind in WARNED else ""), flush=True)
            total[kind in WARNED] = [a + b for a, b in zip(total[kind in WARNED], counts, strict=False)]
    for only_warned, (made, stopped, warned) in total.items():
        what = "只该提醒的" if only_warned else "该拦住的"
        if made:
            print(f"{what} {made} 个错误：{stopped / made:.1%} 在“错误”级拦住，{warned / made:.1%} 至少有警告")
    made, stopped, warned = (a + b for a, b in zip(total[True], total[False], strict=True))
    print(f"合计 {made} 个错误：{stopped / max(made, 1):.1%} 在“错误”级拦住，{warned / max(made, 1):.1%} 至少有警告")
    print("\n从数据本身无法知道的（也试了，看是不是真的看不出）：")
    for kind, (why, mistake) in UNKNOWABLE.items():
        if arguments.only in (None, kind):
            print((line(kind, tried(books, before, kind, mistake, arguments.each, arguments.seed)) if mistake else padded(kind) + "  没有试") + f"    {why}", flush=True)
    return 1 if any(alarms.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
