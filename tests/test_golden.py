"""The samples' tables and packs as text: a change in a workbook, a binding or a rule shows here as a difference that can be read."""

import pytest

from generator.build.paper import on_paper
from generator.build.table import build
from generator.pack.show import show_pack
from generator.run import get_pack
from tests.support import ROOT, SAMPLES, dump, sample, selector_of

GOLDEN = ROOT / "tests" / "golden"


def hold(name: str, text: str, rewrite: bool) -> None:
    path = GOLDEN / name
    if rewrite:
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"没有 {name}；看过页面后用 make golden 生成"
    assert text == path.read_text(encoding="utf-8"), f"{name} 变了；看过页面、确认是对的，再用 make golden 更新"


@pytest.mark.parametrize("name", SAMPLES)
def test_tables(name, rewrite):
    selector = selector_of(sample(name), name)
    hold(f"{name}.tables.txt", "\n".join(dump(on_paper(build(selector, spec).table)) for spec in selector.pack.tables), rewrite)


@pytest.mark.parametrize("name", SAMPLES)
def test_pack(name, rewrite):
    hold(f"{name}.pack.txt", show_pack(get_pack(name)), rewrite)
