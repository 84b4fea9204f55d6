"""A small county with everything that goes wrong in it, from roster to status page, twice."""

from collections import Counter

from bench.county import BROKEN, county
from generator.bureau.batch import Options, Progress, run_batch
from generator.bureau.executor import LocalPool
from generator.bureau.roster import read_roster
from generator.bureau.storage import Folder
from tests.support import ROOT


def test_a_county_twice(tmp_path):
    expected = county(tmp_path, 4, large_every=0)
    roster = read_roster(tmp_path / "名册.xlsx")
    pool = LocalPool(2, timeout=120)
    try:
        first = run_batch(Folder(str(tmp_path / "收件")), Folder(str(tmp_path / "结果")), roster, pool, Options(), Progress())
        second = run_batch(Folder(str(tmp_path / "收件")), Folder(str(tmp_path / "结果")), roster, pool, Options(), Progress())
    finally:
        pool.close()
    counts = first.status.counts
    assert {k: counts[k] for k in ("有错误", "未交")} == {k: expected[k] for k in ("有错误", "未交")}
    assert len(first.collected.aside) == expected["没有用的文件"]
    assert Counter(a.kind for a in first.collected.aside) == {"不是主工作簿": 3, "旧版本": 1, "内容相同": 1, "不在名册": 1}
    assert counts["已生成"] + counts["有警告"] == 4 + 1 + 6, "four made up, the newer of two drafts, five samples (one workbook holds two units)"
    assert len(first.built) == 4 + 1 + 5 + len(BROKEN) - 3 - 1, "what cannot be read is nobody's; a pack nobody has is refused beforehand"
    tied = next(line for line in first.status.lines if line.record and "分不出哪份新" in line.record.problems[0].message)
    assert tied.state == "有错误"
    assert second.built == []
    assert second.status == first.status


def test_the_sample_roster_is_of_the_samples():
    """Every unit of the samples is in it, each with its own pack."""
    from generator.bureau.collect import Seen, collect
    from generator.bureau.identity import identity
    from generator.read import read_workbook

    roster = read_roster(ROOT / "inputs" / "名册" / "名册样例.xlsx")
    seen = [Seen(p.name, p.name, 0, identity(read_workbook(p))) for p in sorted((ROOT / "inputs").glob("*.xlsx"))]
    years = {pack: pack[-4:] for pack in {u.pack for u in roster.units.values()} | {roster.pack}}
    found = collect(seen, roster, years)
    assert len(found.jobs) == 5
    assert not found.missing
    assert not found.aside
