"""要公开的文字里不能有个人信息和涉密内容：手机号、身份证号、银行卡号、护照号、私人邮箱、填报人等旁边的姓名、密级标识。

    - id: F01 个人信息
      kind: clean_text
      params: {find: [手机号, 身份证号, 银行卡号, 护照号, 私人邮箱, 姓名, 密级标识]}
    - id: F03 疑似个人信息
      kind: clean_text
      level: 警告
      params: {find: [疑似姓名, 疑似涉密内容]}

allow 是可以印的内容（例如政务服务热线、对外公布的邮箱），roles 是“填报人”旁边可以写的岗位。只看这一套表会印出来的内容；
信息里号码中间几位、姓名后几个字用 * 代替。
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import msgspec

from generator.build.select import Selector
from generator.model.master import Record
from generator.model.private_text import KINDS, MAYBE_NAME, MAYBE_SECRET, NAME, PHONE, SECRET, Private, found
from generator.model.problem import Place
from generator.pack.binding import Label, Listed
from generator.pack.pack import Pack
from generator.pack.strict_yaml import suggestion
from generator.rules.finding import Finding

ALWAYS = {"项目名称", "单位名称", "单位简称", "主管部门名称", "内容"}  # printed by rows, listings and the explanation whatever the layouts say

COMPOUND = {"完整指标值": ("指标值", "计量单位")}


class Params(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """find: what to look for; allow: texts that may be published; roles: what may stand beside 填报人, 负责人 …"""

    find: list[str]
    allow: list[str] = []
    roles: list[str] = []


def reads(params: Params) -> tuple[str, ...]:
    """Texts are looked through whatever else is wrong."""
    return ()


def wrong(params: Params, pack: Pack) -> Iterator[str]:
    """What of the settings cannot be meant."""
    for kind in params.find:
        if kind not in KINDS:
            yield f"find 不认识“{kind}”；可用：{'、'.join(KINDS)}{suggestion(kind, list(KINDS))}"


def check(params: Params, selector: Selector) -> Iterator[Finding]:
    told: set[tuple[Place, str]] = set()
    for name, words, place in selector.once(texts):  # two rules look through them
        label = name.partition("：")[0]
        for hit in found(words, params.find, params.allow, label, params.roles):
            if (place, hit.masked) not in told:
                told.add((place, hit.masked))
                yield Finding(place, _message(name, hit), _hint(hit))


def texts(selector: Selector) -> list[tuple[str, str, Place]]:
    """Every text of the master that this set of tables prints: what it is called, the words, the cell."""
    return list(_texts(selector))


def _texts(selector: Selector) -> Iterator[tuple[str, str, Place]]:
    master = selector.master
    for name in master.lines:
        text = Record(master.lines, {}, Place(master.file)).text(name)
        if text:
            yield name, text, master.line_places.get(name, Place(master.file, "单位信息"))
    for (_, name), (text, place) in master.texts.items():
        if text:
            yield name, text, place
    printed = printed_fields(selector.pack)
    seen: set[Place] = set()
    for dataset, records in master.data.items():
        if dataset == "文字":
            continue
        fields = [n for n, c in selector.pack.schema.fields(dataset).items() if c.type in ("文字", "长文", "项目") and (dataset == "单位" or (dataset, n) in printed)]
        for record in records:
            for name in fields:
                text = record.text(name)
                if text and name in record.columns and (place := record.at(name)) not in seen:
                    seen.add(place)
                    yield name, text, place


@lru_cache(maxsize=4)
def printed_fields(pack: Pack) -> frozenset[tuple[str, str]]:
    """The fields (dataset, name) that some table of the set prints; a note that no table shows is nobody's business."""
    found_ = {(dataset, name) for dataset in pack.schema.datasets for name in ALWAYS}
    for spec in pack.tables:
        own = {spec.dataset, "单位", "项目"}  # a line of a project prints what 项目库 says of it
        found_ |= {(spec.dataset, word) for level in spec.levels for word in level}
        for line in spec.layout.lines:
            datasets = own | ({line.repeat.dataset} if line.repeat else set())
            for part in (p for cell in line.cells for p in cell.parts):
                if isinstance(part, Label):
                    found_ |= {(dataset, name) for dataset in datasets for name in COMPOUND.get(part.field, (part.field,))}
                elif isinstance(part, Listed):
                    found_ |= {(part.dataset, name) for f in part.fields for name in COMPOUND.get(f, (f,))}
    return frozenset(found_)


def _message(name: str, hit: Private) -> str:
    if hit.kind in (NAME, MAYBE_NAME):
        where = f"“{name}”" if hit.label == name else f"“{name}”里“{hit.label}”后面"
        return f"{where}{'有姓名' if hit.kind == NAME else '像是姓名'}：{hit.masked}"
    if hit.kind == SECRET:
        return f"“{name}”里有密级标识“{hit.masked}”"
    if hit.kind == MAYBE_SECRET:
        return f"“{name}”里有“{hit.masked}”，疑似涉密"
    return f"“{name}”里有{hit.kind} {hit.masked}"


def _hint(hit: Private) -> str:
    if hit.kind == PHONE:
        return "公开件只印办公室座机（例如 0730-6221234）；删去手机号"
    if hit.kind in (NAME, MAYBE_NAME):
        return "写岗位（例如“财务股”“办公室主任”），不写姓名" + ("；确实是岗位的，请财政局加到套表的 roles 里" if hit.kind == MAYBE_NAME else "")
    if hit.kind in (SECRET, MAYBE_SECRET):
        return "先走保密审查；不涉密的，改写或删去这几个字"
    return f"删去{hit.kind}；公开件里不能有个人信息"
