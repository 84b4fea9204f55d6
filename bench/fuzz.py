"""Workbooks nobody would make, thousands of them: `make fuzz`.

    python -m bench.fuzz [--count 3000] [--minutes 10] [--seed 1] [--keep DIR]

Each input is a sample workbook with its bytes, its package or its cells mangled; a whole build is run on it. Allowed ends:
a result, or a list of problems. A traceback, a hang (over --seconds) or anything half-written is a fault of ours: the
input is kept in --keep (default tests/read/corpus) for the tests.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
import signal
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

from generator import run
from generator.model.problem import DataError, OutputError, PackError, UsageError

ROOT = Path(__file__).resolve().parent.parent
WORDS = [
    "",
    "无",
    "—",
    "1e309",
    "-0",
    "=1/0",
    "#REF!",
    "９９９",
    "1,2,3",
    "{{ 7*7 }}",
    "{% for i in range(9**9) %}",
    "<w:p/>",
    "合计",
    "\u202e倒",
    "𠀀" * 50,
    "a" * 40000,
    "2022-02-30",
    "TRUE",
    "1" * 400,
    "\n\n",
    "'0",
    "&amp;#0;",
]


def mangled_bytes(data: bytes, rng: random.Random) -> bytes:
    """Bits flipped, pieces cut, doubled or overwritten."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        at = rng.randrange(len(out))
        match rng.randint(0, 3):
            case 0:
                out[at] ^= 1 << rng.randint(0, 7)
            case 1:
                del out[at : at + rng.randint(1, 200)]
            case 2:
                out[at:at] = out[at : at + rng.randint(1, 200)]
            case _:
                out[at : at + 4] = rng.randbytes(4)
        if not out:
            break
    return bytes(out)


def mangled_package(data: bytes, rng: random.Random) -> bytes:
    """One part of the zip mangled as text: tags cut, numbers blown up, values replaced; or a part lost or doubled."""
    source = zipfile.ZipFile(BytesIO(data))
    names = source.namelist()
    chosen = rng.choice([n for n in names if n.endswith(".xml")])
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name in names:
            content = source.read(name)
            if name == chosen:
                content = mangled_xml(content.decode("utf-8", "replace"), rng).encode("utf-8", "surrogatepass")
                if rng.random() < 0.05:
                    continue
            out.writestr(name, content)
    return buffer.getvalue()


def mangled_xml(text: str, rng: random.Random) -> str:
    for _ in range(rng.randint(1, 6)):
        hits = list(re.finditer(r"<v>[^<]*</v>|r=\"[A-Z]+\d+\"|<t[^>]*>[^<]*</t>|\d+|<[^>]+>", text))
        if not hits:
            return text
        hit = rng.choice(hits)
        old = hit[0]
        if old.startswith("<v>"):
            new = f"<v>{rng.choice(WORDS)}</v>"
        elif old.startswith("r="):
            new = rng.choice(['r="XFD1048576"', 'r="A0"', 'r=""', 'r="ZZZZ1"', ""])
        elif old.startswith("<t"):
            new = f"<t>{rng.choice(WORDS)}</t>"
        elif old[0].isdigit():
            new = rng.choice(["-1", "99999999999999999999", "0", "1.5", "abc", old * 3])
        else:
            new = rng.choice(["", old * 2, old.replace(">", "/>"), "<!DOCTYPE x [<!ENTITY a 'b'>]>", "<![CDATA["])
        text = text[: hit.start()] + new + text[hit.end() :]
    return text


def mangled_cells(data: bytes, rng: random.Random) -> bytes:
    """Cells overwritten with what people and programs leave there."""
    import openpyxl

    book = openpyxl.load_workbook(BytesIO(data))
    for _ in range(rng.randint(1, 20)):
        sheet = rng.choice(book.worksheets)
        cell = sheet.cell(rng.randint(1, max(sheet.max_row, 2)), rng.randint(1, max(sheet.max_column, 2)))
        if not isinstance(cell, openpyxl.cell.cell.MergedCell):
            word = rng.choice(WORDS)
            try:
                cell.value = rng.choice([word[:32000], rng.uniform(-1e12, 1e12), None, True])
            except (ValueError, openpyxl.utils.exceptions.IllegalCharacterError):
                continue
    out = BytesIO()
    book.save(out)
    return out.getvalue()


WAYS = {"字节": mangled_bytes, "包": mangled_package, "格子": mangled_cells}


class Hang(Exception):
    """A build took too long."""


def main() -> int:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--count", type=int, default=3000)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--seconds", type=float, default=20, help="a build longer than this hangs")
    ap.add_argument("--minutes", type=float, default=0, help="stop after so long, whatever --count says")
    ap.add_argument("--keep", type=Path, default=ROOT / "tests" / "read" / "corpus")
    arguments = ap.parse_args()
    rng = random.Random(arguments.seed)
    samples = [p.read_bytes() for p in sorted((ROOT / "inputs").glob("*.xlsx"))]
    ends: Counter[str] = Counter()
    slowest = 0.0
    faults = tried = 0
    end = time.monotonic() + arguments.minutes * 60 if arguments.minutes else float("inf")

    def alarm(*_: object) -> None:
        raise Hang

    signal.signal(signal.SIGALRM, alarm)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n in range(arguments.count):
            if time.monotonic() > end:
                break
            tried += 1
            way = rng.choice(list(WAYS)) if n % 5 else "格子"
            data = WAYS[way](rng.choice(samples), rng)
            path = folder / "输入.xlsx"
            path.write_bytes(data)
            out = folder / "out"
            start = time.monotonic()
            signal.setitimer(signal.ITIMER_REAL, arguments.seconds)
            try:
                run.build_set(path, out)
                ends["生成"] += 1
            except DataError:
                ends["列出问题"] += 1
            except (PackError, UsageError, OutputError) as e:
                ends[type(e).__name__] += 1
            except BaseException:
                if sys.exc_info()[0] is KeyboardInterrupt:
                    raise
                faults += 1
                arguments.keep.mkdir(parents=True, exist_ok=True)
                kept = arguments.keep / f"{hashlib.sha256(data).hexdigest()[:12]}.xlsx"
                kept.write_bytes(data)
                print(f"第 {n} 个（{way}）出错，留在 {kept.name}")
                traceback.print_exc(limit=-4)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            slowest = max(slowest, time.monotonic() - start)
            left = [p.name for p in out.iterdir() if p.name.startswith(".")] if out.exists() else []
            if left:
                faults += 1
                print(f"第 {n} 个留下了没写完的东西：{left}")
    print(f"{tried} 个输入：{dict(ends)}；最慢 {slowest:.1f} 秒；我们的错 {faults} 个")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
