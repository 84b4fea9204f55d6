"""What the columns of a pack's table restrict their figures to, in the dimensions of the audit: from the pack's own bindings.

Used where the words of a title or heading are not understood: a county's own words need not be taught to the audit when its pack
says what they mean.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from generator.model.table import LineKind
from generator.pack.binding import Binding, Condition, Figure, Total
from generator.pack.pack import NATURES, Pack, TableSpec
from generator.published.model import ReadTable
from generator.published.recognised import headings, printed_headings, same_heading
from generator.published.vocabulary import Dims, Vocabulary

FIELDS = {"支出类型": "类型", "功能科目编码": "功能", "部门经济编码": "经济", "政府经济编码": "政府", "资金来源": "资金", "资金性质": "资金"}
FLOWS = ("收入", "支出")


def meanings(pack: Pack, spec: TableSpec, table: ReadTable, words: Vocabulary) -> dict[int, Dims]:
    """The restrictions of each column of a table read whose heading is one, and only one, of the layout's; columns that no single
    restriction says are left out."""
    if spec.kind not in ("交叉表", "清单表"):
        return {}
    body = next((line for line in spec.layout.lines if line.word == LineKind.BODY), None)
    if body is None:
        return {}
    due, printed = headings(spec), printed_headings(table)
    if len(printed) != len(table.columns):
        return {}
    found: dict[int, Dims] = {}
    for c, ways in enumerate(printed):
        at = [k for k, h in enumerate(due) if h and any(same_heading(h, way) for way in ways)]
        parts = body.cells[at[0]].parts if len(at) == 1 else ()
        dims = _dims(pack, spec, parts[0], due[at[0]], words) if len(parts) == 1 and not isinstance(parts[0], str) else None
        if dims is not None:
            found[c] = dims
    return found


def _dims(pack: Pack, spec: TableSpec, binding: Binding, heading: Sequence[str], words: Vocabulary) -> Dims | None:
    if isinstance(binding, Total) and len(heading) == 1:
        binding = Figure()
    if not isinstance(binding, Figure) or binding.measure not in ("", "本年") or (binding.dataset or spec.dataset) not in FLOWS:
        return None
    wanted: defaultdict[str, list[Condition]] = defaultdict(list)
    for condition in (*spec.filter.conditions, *binding.conditions):
        if condition.exclude or condition.field not in FIELDS:
            return None
        wanted[FIELDS[condition.field]].append(condition)
    found: Dims = {"流": binding.dataset or spec.dataset}
    for dim, conditions in wanted.items():
        value = _narrowest(conditions)
        if value is None:
            return None
        if dim == "资金" and value not in NATURES:
            own = words.dims(value) or {}
            fund = own.get("资金", "")
            if set(own) != {"资金"} or (fund in NATURES and not _all_of(pack, value, fund)):
                return None
            value = fund
        found[dim] = "上年结转" if value == "结转" else value
    return found if len(found) > 1 else None


def _all_of(pack: Pack, source: str, nature: str) -> bool:
    """Every source of this budget lies below the one: 一般公共预算补助 under 上级补助收入 is 一般公共预算 too, but not all of it."""
    return source in pack.sources and all(name in pack.below[source] for name in pack.sources if pack.nature(name) == nature)


def _narrowest(conditions: Sequence[Condition]) -> str | None:
    """The one value that all conditions on a field leave: 302 and 30201 leave 30201. None when they leave several."""
    single = [c.values[0] for c in conditions if len(c.values) == 1]
    if not single:
        return None
    value = max(single, key=len)
    return value if all(any(value.startswith(v) for v in c.values) for c in conditions) else None
