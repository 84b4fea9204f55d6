"""说明书里必须有的文字不能空着。

- id: S09 必备文字
  kind: required_texts
  basis: 财预〔2016〕143号（职责、机构设置等应予说明）
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from generator.build.select import Selector
from generator.model.problem import Place
from generator.rules.finding import Finding


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings; the pack's texts say which are required."""


def reads(params: Params) -> tuple[str, ...]:
    """Texts only."""
    return ()


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    master = selector.master
    for spec in selector.pack.file.texts:
        if spec.required == "总是" and not master.text(spec.name).strip():
            place = next((p for (_, name), (_, p) in master.texts.items() if name == spec.name), Place(master.file, "文字说明"))
            yield Finding(place, f"没有写“{spec.name}”", spec.hint)
