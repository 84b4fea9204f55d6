"""How long the audit takes, by kind of file and stage: `make bench-audit`.

    python -m bench.audit_speed [--sample pingjiang-2022] [--rounds 3] [--profile pdf]

The sample's Word file, its workbook and its PDF (by LibreOffice, where it is there) are audited, each in a process of its own that has
done one round before. Stages: read the file, understand the tables, check, write the report, mark the copy. Seconds a page are those
of the PDF's pages, for all three.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from pypdf import PdfReader

from bench.audit_catch import SAMPLES, built
from generator.render.office import OfficeError, shared_office

ROOT = Path(__file__).resolve().parent.parent
STAGES = ("读文件", "认表", "核对", "写报告", "写标注件")


def once(path: Path) -> dict[str, float]:
    """Seconds by stage of one audit."""
    from generator.published.audit import audit_documents
    from generator.published.extract import read_published
    from generator.published.marked import marked_copy
    from generator.published.report import report_workbook
    from generator.published.tables import read_tables

    marks = [time.perf_counter()]

    def timed(action: Callable[[], object]) -> None:
        action()
        marks.append(time.perf_counter())

    document = read_published(path)
    marks.append(time.perf_counter())
    timed(lambda: read_tables(document))
    result = audit_documents([document])
    marks.append(time.perf_counter())
    timed(lambda: report_workbook(result, datetime(2022, 1, 1)))
    timed(lambda: marked_copy(path, result.findings))
    return dict(zip(STAGES, (b - a for a, b in pairwise(marks)), strict=True))


def of_file(path: Path, rounds: int) -> dict[str, float]:
    """The median of each stage, measured in a process of its own."""
    code = f"import json; from pathlib import Path; from bench.audit_speed import once; p = Path({str(path)!r}); print(json.dumps([once(p) for _ in range({rounds + 1})]))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])[1:]
    return {stage: statistics.median(one[stage] for one in found) for stage in STAGES}


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--sample", default="pingjiang-2022", choices=SAMPLES)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--profile", default="", help="docx、xlsx 或 pdf：看时间花在哪里")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files = built(given.sample, Path(folder))
        pages = 0
        try:
            pdf = Path(folder) / f"{files[0].stem}.pdf"
            pdf.write_bytes(shared_office().convert(files[0], "pages"))
            pages = len(PdfReader(pdf).pages)
            files.append(pdf)
        except OfficeError:
            print("没有 LibreOffice，不量 PDF")
        if given.profile:
            path = next(p for p in files if p.suffix == f".{given.profile}")
            once(path)
            profile = cProfile.Profile()
            profile.runcall(once, path)
            pstats.Stats(profile).sort_stats("cumulative").print_stats(35)
            return 0
        print(f"{given.sample}{f'，PDF {pages} 页' if pages else ''}（秒，{given.rounds} 次的中位数）")
        print("文件    " + "".join(f"{s:　>6}" for s in STAGES) + "　　合计" + ("　　每页" if pages else ""))
        for path in files:
            stages = of_file(path, given.rounds)
            whole = sum(stages.values())
            print(f"{path.suffix[1:]:8}" + "".join(f"{stages[s]:12.3f}" for s in STAGES) + f"{whole:8.2f}" + (f"{whole / pages:9.4f}" if pages else ""), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
