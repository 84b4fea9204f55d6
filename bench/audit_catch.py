"""How many single mistakes in finished documents the audit names: `make audit-catch`.

    python -m bench.audit_catch [--each 30] [--seed 1] [--only 文字里的金额] [--show]

The five samples are built; into the documents read back one mistake is put at a time, of many kinds, at random places (seeded). Caught:
the audit says something at level 错误 or 警告 that it does not say of the clean documents; named: at that table or paragraph.
False alarms are what it says of the clean ones: Word with workbook, and PDF where LibreOffice is there.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from generator.model.problem import Level
from generator.published.audit import Audit, audit_documents
from generator.published.drafts import is_numbers
from generator.published.extract import read_published
from generator.published.model import Document, Finding, Grid, GridCell, Paragraph
from generator.published.words import as_figure, leading_code
from generator.run import build_set

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ("zengdu-2023", "pingjiang-2022", "hetang-2019", "hetang-2022", "performance-2021")
Where = tuple[int, int, int, int]  # document, block, row, column (row −1: a paragraph)
Change = Callable[[list[Document], random.Random], tuple[list[Document], Where] | None]
AMOUNT = re.compile(r"(?<![\d.])\d[\d,]*\.\d\d(?=万元|元)")


def built(sample: str, folder: Path) -> list[Path]:
    """The sample's Word document and workbook."""
    done = build_set(ROOT / "inputs" / f"{sample}.xlsx", folder / sample)
    return [*sorted(p for p in done.folder.iterdir() if p.suffix == ".docx"), done.folder / "预算公开表.xlsx"]


def with_text(documents: list[Document], where: Where, text: str) -> list[Document]:
    """The documents with one paragraph or cell saying something else."""
    d, b, r, c = where
    document = documents[d]
    blocks = list(document.blocks)
    block = blocks[b]
    if isinstance(block, Paragraph):
        blocks[b] = replace(block, text=text)
    else:
        rows = [list(row) for row in block.rows]
        spot = rows[r][c].spot
        for row in rows:
            for n, cell in enumerate(row):
                if cell.spot == spot and cell.spot.anchor == spot.anchor:
                    row[n] = GridCell(text, cell.spot, cell.covered)
        blocks[b] = Grid(tuple(tuple(row) for row in rows), block.spot, block.name, block.sure)
    return [replace(document, blocks=blocks) if n == d else x for n, x in enumerate(documents)]


def text_of(documents: list[Document], where: Where) -> str:
    block = documents[where[0]].blocks[where[1]]
    return block.text if isinstance(block, Paragraph) else block.rows[where[2]][where[3]].text


def paragraphs(documents: list[Document], pattern: re.Pattern[str]) -> list[Where]:
    """The paragraphs before the glossary in which the pattern stands."""
    found: list[Where] = []
    for d, document in enumerate(documents):
        over = False
        for b, block in enumerate(document.blocks):
            if isinstance(block, Paragraph):
                over = over or ("名词解释" in block.spot.part and "名词解释" in block.text and bool(found))
                if not over and pattern.search(block.text) and not re.search(r"尾数|尾差|四舍五入", block.text):
                    found.append((d, b, -1, -1))
    return found


def figures(documents: list[Document]) -> list[Where]:
    """Cells with an amount of two decimals or more, not 0."""
    return [
        (d, b, r, c)
        for d, document in enumerate(documents)
        for b, block in enumerate(document.blocks)
        if isinstance(block, Grid) and "绩效" not in block.name
        for r, row in enumerate(block.rows)
        if not is_numbers(row)
        for c, cell in enumerate(row)
        if not cell.covered
        and (value := as_figure(cell.text)) is not None
        and value
        and not leading_code(cell.text)[0]
        and ("." in cell.text or (document.kind == "xlsx" and value > 20))
        and _is_money(block, r)
    ]


def _is_money(block: Grid, row: int) -> bool:
    text = "".join(c.text for r in block.rows[:6] for c in r)
    return row > 1 and not re.search(r"三级指标|人员情况|编制数", text)


def other_amount(old: str, rng: random.Random) -> str:
    """Digits swapped, one more, one less, shifted; never within rounding of the old."""
    value = Decimal(old.replace(",", ""))
    ways = [value + 1, value + Decimal(rng.choice(["0.30", "1.00", "-0.50", "10.00", "2.70"])), value * 10, value / 10, value + (value * Decimal("0.09")).quantize(Decimal("0.01"))]
    digits = [n for n in range(len(old) - 1) if old[n].isdigit() and old[n + 1].isdigit() and old[n] != old[n + 1]]
    if digits:
        n = rng.choice(digits)
        ways.append(Decimal((old[:n] + old[n + 1] + old[n] + old[n + 2 :]).replace(",", "")))
    wide = [w for w in ways if abs(w - value) >= Decimal("0.05") and (w >= 0 or value < 0)]
    places = len(old.partition(".")[2])
    return f"{rng.choice(wide):.{places}f}"


def in_text(pattern: str, change: Callable[[re.Match[str], random.Random], str | None]) -> Change:
    compiled = re.compile(pattern)

    def mistake(documents: list[Document], rng: random.Random) -> tuple[list[Document], Where] | None:
        places = paragraphs(documents, compiled)
        if not places:
            return None
        where = rng.choice(places)
        text = text_of(documents, where)
        found = rng.choice(list(compiled.finditer(text)))
        new = change(found, rng)
        if new is None or new == found[0]:
            return None
        return with_text(documents, where, text[: found.start()] + new + text[found.end() :]), where

    return mistake


def in_table(documents: list[Document], rng: random.Random) -> tuple[list[Document], Where] | None:
    places = figures(documents)
    if not places:
        return None
    where = rng.choice(places)
    return with_text(documents, where, other_amount(text_of(documents, where), rng)), where


def row_lost(documents: list[Document], rng: random.Random) -> tuple[list[Document], Where] | None:
    places = [
        (d, b, r, 0)
        for d, document in enumerate(documents)
        for b, block in enumerate(document.blocks)
        if isinstance(block, Grid) and len(block.rows) > 8
        for r, row in enumerate(block.rows)
        if re.fullmatch(r"[23]\d{4}|2\d{6}", row[0].text) and sum((as_figure(c.text) or 0) > 1 for c in row[1:]) and not row[0].covered
    ]
    if not places:
        return None
    where = rng.choice(places)
    d, b, r, _ = where
    block = documents[d].blocks[b]
    assert isinstance(block, Grid)
    blocks = list(documents[d].blocks)
    blocks[b] = Grid(tuple(row for n, row in enumerate(block.rows) if n != r), block.spot, block.name, block.sure)
    return [replace(documents[d], blocks=blocks) if n == d else x for n, x in enumerate(documents)], where


def subject(documents: list[Document], rng: random.Random) -> tuple[list[Document], Where] | None:
    places = [
        (d, b, r, c)
        for d, document in enumerate(documents)
        for b, block in enumerate(document.blocks)
        if isinstance(block, Grid)
        for r, row in enumerate(block.rows)
        for c, cell in enumerate(row[1:4], 1)
        if re.fullmatch(r"[23]\d{2,6}", row[0].text) and len(cell.text) > 4 and as_figure(cell.text) is None and not cell.covered and not re.search(r"\d|局|中心|委", cell.text)
    ]
    if not places:
        return None
    where = rng.choice(places)
    text = text_of(documents, where)
    return with_text(documents, where, text[:-2] + rng.choice(["运行", "经费", "事项"])), where


def organ(documents: list[Document], rng: random.Random) -> tuple[list[Document], Where] | None:
    return in_text(
        r"(?<=单位名称：)[^\s：]{4,30}(?=\s|$|单位)|(?<=部门/单位：)[^\s：]{4,30}(?=\s|单位|$)|(?<=^)[^\s第，。：]{5,30}(?:局|中心)(?=20\d\d年部门预算)",
        lambda m, r: r.choice(["某某县林业局", "邻县自然资源局", "东风区水务中心"]),
    )(documents, rng)


def year(m: re.Match[str], rng: random.Random) -> str:
    return str(int(m[0]) + rng.choice([-1, 1, 2, -2]))


OPPOSITE = {"增加": "减少", "减少": "增加", "增长": "下降", "下降": "增长"}
KINDS: dict[str, Change] = {
    "表里的金额": in_table,
    "表里少一行": row_lost,
    "文字里的金额": in_text(AMOUNT.pattern, lambda m, r: other_amount(m[0], r)),
    "百分比": in_text(r"\d+\.\d\d(?=%)", lambda m, r: other_amount(m[0], r) if Decimal(m[0]) else None),
    "方向词": in_text(r"增加(?=\d)|减少(?=\d)|增长(?=\d)|下降(?=\d)", lambda m, r: OPPOSITE[m[0]]),
    "预算年度": in_text(r"(?<!\d)20\d\d(?=年[^，。；]{0,16}(?:预算|支出|收入|安排|没有))", year),
    "比较的年度": in_text(r"(?<=比)20\d\d(?=年)", year),
    "标题里的单位": organ,
    "科目名称": subject,
    "模板残留": in_text(r"比20\d\d年(?:增加|减少)[\d.]+万元", lambda m, r: r.choice(["比上年增（减）0万元", "比上年减少（增加）XX万元"])),
    "空原因": in_text(r"主要原因是[^。；]{6,}(?=。)", lambda m, r: "主要原因是"),
    "手机号": in_text(r"$", lambda m, r: "，联系电话" + "13" + "".join(r.choice("0123456789") for _ in range(9))),
}


def said(result: Audit) -> set[tuple[str, str]]:
    return {(str(f.spot), f.message) for f in result.findings if f.level is not Level.HINT}


def names(finding: Finding, documents: list[Document], where: Where) -> bool:
    """The finding, or the place it compares with, is the paragraph or table that was changed."""
    d, b, _, _ = where
    block = documents[d].blocks[b]
    for spot in (finding.spot, finding.other):
        if spot is None or spot.file != documents[d].file:
            continue
        if isinstance(block, Paragraph):
            if spot.anchor == block.spot.anchor or (spot.anchor and spot.anchor[:2] == block.spot.anchor[:2]):
                return True
        elif any(cell.spot.anchor == spot.anchor for row in block.rows for cell in row) or (spot.part and spot.part == block.name):
            return True
    return False


def measured(documents: list[Document], kind: Change, each: int, rng: random.Random) -> Iterator[tuple[bool, bool, str]]:
    """(caught, named, what was done) for each mistake that could be made."""
    clean = said(audit_documents(documents))
    for _ in range(each):
        made = kind(documents, rng)
        if made is None:
            continue
        changed, where = made
        result = audit_documents(changed)
        new = [f for f in result.findings if f.level is not Level.HINT and (str(f.spot), f.message) not in clean]
        before, after = text_of(documents, where), text_of(changed, where) if where[3] != 0 or where[2] < 0 else "（删去）"
        yield bool(new), any(names(f, documents, where) for f in new), f"{documents[where[0]].file} {before[:120]} → {after[:120]}"


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--each", type=int, default=12, help="一份样例每种错误做几次")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="")
    options.add_argument("--show", action="store_true", help="列出没有抓住的")
    given = options.parse_args()
    totals: dict[str, list[int]] = {}
    false_errors = false_alarms = 0
    with tempfile.TemporaryDirectory() as folder:
        for sample in SAMPLES:
            documents = [read_published(p) for p in built(sample, Path(folder))]
            clean = audit_documents(documents)
            false_errors += clean.count(Level.ERROR)
            false_alarms += len(clean.findings)
            print(f"{sample}：干净的 {len(clean.findings)} 条（错误 {clean.count(Level.ERROR)}），核对 {clean.compared} 次", flush=True)
            for name, kind in KINDS.items():
                if given.only and given.only != name:
                    continue
                one = documents[:1] if sample != "performance-2021" else documents  # the Word file alone: a workbook beside it would give any slip away
                tally = totals.setdefault(name, [0, 0, 0])
                for caught, named, done in measured(one, kind, given.each, random.Random(f"{given.seed}{sample}{name}")):
                    tally[0] += 1
                    tally[1] += caught
                    tally[2] += named
                    if given.show and not caught:
                        print(f"  没有抓住 [{name}] {sample} {done}", flush=True)
    print("\n错误的种类        放入  抓住  指到该处")
    for name, (made, caught, named) in totals.items():
        print(f"{name:　<9}{made:5d} {caught / made:6.1%} {named / made:6.1%}" if made else f"{name:　<9}    0")
    made, caught, named = (sum(t[n] for t in totals.values()) for n in range(3))
    print(f"{'合计':　<9}{made:5d} {caught / max(made, 1):6.1%} {named / max(made, 1):6.1%}")
    print(f"误报：干净的五份 {false_alarms} 条，其中错误 {false_errors} 条")
    return 1 if false_errors else 0


if __name__ == "__main__":
    sys.exit(main())
