"""YAML as packs use it: every scalar is text until its field converts it, duplicate and unknown keys are errors.

So `0201` stays `0201` and `no` stays `no`. Mistakes are told with file and line.
"""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from generator.model.problem import PackError

T = TypeVar("T")
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
MAX_BYTES = 2_000_000  # a pack's YAML is a few pages; more is a mistake or an attack
MISTAKES = (  # what the parser says, and what people have usually done
    ("mapping values are not allowed", "这一行或上一行的冒号不对：要用半角冒号，后面空一格"),
    ("expected ',' or '}'", "大括号里有不对的地方：逗号要用半角，括号、引号要成对"),
    ("expected ',' or ']'", "方括号里有不对的地方：逗号要用半角，括号、引号要成对"),
    ("could not find expected ':'", "这一行或上一行缺冒号，或冒号后面没有空格"),
    ("cannot start any token", "行首有 Tab 键或不能用的字符，改用空格"),
    ("expected <block end>", "这一行前面的空格与上下行对不齐"),
    ("did not find expected '-' indicator", "这一行前面的空格与上下行对不齐"),
    ("did not find expected key", "这一行前面的空格与上下行对不齐"),
)
MAX_ALIASES = 100  # anchors are allowed for sharing columns; thousands of them are a "billion laughs"


def load(path: Path, into: type[T]) -> T:
    """The file as `into` (a msgspec Struct). PackError names file, line and the allowed keys."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as e:
        raise PackError(f"{path.name} 读不了：{e.strerror}") from None
    except UnicodeDecodeError:
        raise PackError(f"{path.name} 不是 UTF-8 编码，请另存为 UTF-8") from None
    return parse(text, path.name, into)


def parse(text: str, name: str, into: type[T]) -> T:
    """`text` as `into`; `name` stands in messages."""
    if len(text.encode()) > MAX_BYTES:
        raise PackError(f"{name} 太大（超过 {MAX_BYTES // 1_000_000} MB）")
    if sum(isinstance(event, yaml.AliasEvent) for event in _events(text, name)) > MAX_ALIASES:
        raise PackError(f"{name} 里的引用（*）太多")
    node = yaml.compose(text, Loader=_Loader)
    _no_duplicates(node, name)
    data = yaml.load(text, Loader=_Loader)  # BaseLoader: builds str, list and dict only
    try:
        return msgspec.convert(data if data not in ("", None) else {}, into, strict=False)
    except msgspec.ValidationError as e:
        raise PackError(_explained(str(e), node, name)) from None


def _events(text: str, name: str) -> list[Any]:
    try:
        return list(yaml.parse(text, Loader=_Loader))
    except yaml.YAMLError as e:
        mark = getattr(e, "problem_mark", None)
        problem = str(getattr(e, "problem", e))
        raise PackError(f"{name}{f'!第{mark.line + 1}行' if mark else ''} 格式不对：{next((said for part, said in MISTAKES if part in problem), problem)}") from None


def _no_duplicates(node: Any, name: str, seen: set[int] | None = None) -> None:
    seen = set() if seen is None else seen
    if node is None or id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        keys: dict[str, int] = {}
        for key, value in node.value:
            if key.value in keys:
                raise PackError(f"{name}!第{key.start_mark.line + 1}行 “{key.value}”写了两次（第{keys[key.value]}行已有）")
            keys[key.value] = key.start_mark.line + 1
            _no_duplicates(value, name, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _no_duplicates(item, name, seen)


def _explained(message: str, node: Any, name: str) -> str:
    """msgspec's message with the line it means: `... - at `$.sheets[0].columns[2].type``."""
    found = re.search(r" - at `(?:key in )?`?\$([^`]*)`?", message)
    line = node.start_mark.line + 1 if node is not None else 1
    for key, index in re.findall(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]", found[1]) if found else []:
        if key and isinstance(node, yaml.MappingNode):
            node = next((v for k, v in node.value if k.value == key), node)
        elif index.isdigit() and isinstance(node, yaml.SequenceNode):
            node = node.value[int(index)]
        line = node.start_mark.line + 1
    what = message.split(" - at ")[0]
    if unknown := re.search(r"unknown field `([^`]+)`", what):
        if isinstance(node, yaml.MappingNode):
            line = next((k.start_mark.line + 1 for k, _ in node.value if k.value == unknown[1]), line)
        what = f"不认识“{unknown[1]}”"
    elif missing := re.search(r"missing required field `([^`]+)`", what):
        what = f"缺“{missing[1]}”"
    elif wrong := re.search(r"Expected `([^`]+)`(?:, got `([^`]+)`)?", what):
        kinds = {"array": "方括号里的一串，例如 [甲, 乙]", "object": "大括号里的几项，例如 {name: 甲}", "str": "一个词"}
        what = f"写法不对：这里要写成{kinds.get(wrong[1].partition(' |')[0], wrong[1])}"
    return f"{name}!第{line}行 {what}"


def suggestion(word: str, allowed: list[str]) -> str:
    """`；是不是“部门经济”？` when something close is allowed, else empty."""
    close = difflib.get_close_matches(word, allowed, 1, 0.5)
    return f"；是不是“{close[0]}”？" if close else ""
