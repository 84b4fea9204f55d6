"""文字里出现别的地方、别的单位的名称，疑为抄来没有改。

    - id: S07 其他单位名称
      kind: other_units
      level: 警告

认三种：别的县、区、市的同名机构（“甲县”的什么局，本单位是“乙县”的什么局）；写到市、县两级的别处地名（“丙市丁区”）；“某某局本级”而某某局不是本单位。
立项依据和书名号里的不看。
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from generator.build.select import Selector
from generator.rules.figures import unfilled
from generator.rules.finding import Finding, NotRun
from generator.rules.texts import written

PLACE = r"([\u4e00-\u9fff]{2,3}?)(县|区|市|旗)"
TWO_LEVELS = re.compile(r"([\u4e00-\u9fff]{2})(?:省|市|州)([\u4e00-\u9fff]{2,3})(?:县|区|市)")
ITSELF = re.compile(r"([\u4e00-\u9fff0-9A-Za-z]{3,30}?(?:局|委员会|办公室|中心|委|院|校|馆|所|站|队))本级")
QUOTED = re.compile(r"《[^》]*》|〈[^〉]*〉")
# what stands before 县, 区, 市 and is no name: 全县, 社区, 由县, 示范区 …
COMMON = set("全各本我该县区市省级社园小辖城郊地景新山街范发术业度护流镇乡州盟旗上下外内老旧大特由在对向和与及为是把被给将按照据经以从到至归属受等报送请，、。；：“”（） ")


class Params(msgspec.Struct, forbid_unknown_fields=True):
    """No settings."""


def reads(params: Params) -> tuple[str, ...]:
    """Texts are read whatever else is wrong; the names are those of 单位信息."""
    return ("单位",)


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    units = selector.master.units.values()
    names = [n for u in units for n in (u.text("单位名称"), u.text("单位简称"), u.text("主管部门名称")) if n]
    own = " ".join([*names, selector.pack.file.region])
    texts = list(written(selector, ["文字", "项目"]))
    if not texts:
        raise NotRun(unfilled(selector, "文字"))
    alike = [re.compile(PLACE + re.escape(core)) for core in dict.fromkeys(_core(n) for n in names) if len(core) > 3]
    for text in texts:
        bare = QUOTED.sub("", text.words)
        strange = next((s for s in _strangers(bare, own, alike, names)), "") if text.name != "立项依据" else ""
        if strange:
            yield Finding(text.place, f"“{text.name}”里有“{strange}”，本单位是“{names[0]}”", "核对是不是抄了别处的文字，改成本单位的；确实要提到的，可以不改")


def _core(name: str) -> str:
    """A unit's name without its place: 政务服务中心."""
    return re.sub(r"^.*[省市州县区旗]", "", name)


def _strangers(words: str, own: str, alike: list[re.Pattern[str]], names: list[str]) -> Iterator[str]:
    for pattern in alike:
        for found in pattern.finditer(words):
            if found[1][-1] not in COMMON and found[1][-2:] + found[2] not in own:
                yield found[0]
    for found in TWO_LEVELS.finditer(words):
        if not COMMON & set(found[1] + found[2]) and found[2] not in own:
            yield found[0]
    for found in ITSELF.finditer(words):
        if not any(found[1].endswith(n) or n.endswith(found[1]) for n in names):
            yield found[0]
