"""A made-up unit for previews: a little money in every corner of a pack, so that every table shows something.

Balanced by source; names and texts say that they are samples. No real unit's data.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from generator.model.master import Master, Record, Value
from generator.model.problem import Place
from generator.pack.pack import Pack

FILE = "示例数据"
UNIT, DEPARTMENT = "999001", "999"


def specimen(pack: Pack) -> Master:
    """A master of one administrative unit with two projects; amounts are small round numbers that tell columns apart."""
    year = int(pack.file.year) if pack.file.year.isdigit() else date.today().year
    place = Place(FILE, "示例")
    choice = next((c.value for c in pack.choices("单位性质") if c.kind == "行政参公"), "行政")
    unit: dict[str, Value] = {
        "单位编码": UNIT,
        "单位名称": "某某县示例单位",
        "单位简称": "示例单位",
        "主管部门编码": DEPARTMENT,
        "主管部门名称": "某某县示例部门",
        "单位性质": choice,
        "归口": "01 示例口",
    }
    functions = [c for c in ("2010301", "2010302", "2080505", "2210201") if c in pack.functional] or [c for c in pack.functional if len(c) == 7][:4]
    sources = [s.name for s in pack.sources.values() if not s.group and not any(o.under == s.name for o in pack.sources.values())]
    projects = [f"示例项目{n}" for n in "一二"]
    spent: list[Record] = []

    def spend(kind: str, code: str, function: str, source: str, yuan: int, project: str = "", item: str = "") -> None:
        gov = next((pack.mapping[k, "行政参公"] for k in (code, code[:3]) if (k, "行政参公") in pack.mapping), "")
        values: dict[str, Value] = {**{k: unit[k] for k in ("单位编码", "单位性质", "主管部门编码", "归口")}, "支出类型": kind, "部门经济编码": code, "功能科目编码": function}
        values |= {"资金来源": source, "资金性质": pack.nature(source), "项目名称": project, "子项": item, "政府经济编码": gov}
        values |= {name: pack.file.defaults.get(name) for name in ("拨款方式", "资金级次", "经费性质")}
        if project:
            values |= {"项目类别": next((c.value for c in pack.choices("项目类别")), None), "项目属性": "新增项目"}
        spent.append(Record(values, {"本年": Decimal(yuan), "上年": Decimal(yuan) * Decimal("0.9")}, place))

    n = 0
    for group in ("301", "302", "303"):
        for listed in pack.department.under(group, 5):
            n += 1
            spend("基本支出", listed.code, functions[n % len(functions)], sources[0], 10000 * n)
    for code, items in pack.file.sub_items.items():
        for item in items:
            n += 1
            spend("基本支出", code, functions[0], sources[0], 10000 * n, item=item)
    for i, code in enumerate(("30201", "30213", "30305", "30701", "30902", "31002", "31204", "31302", "39908")):
        if code in pack.department:
            n += 1
            spend("项目支出", code, functions[1 % len(functions)], sources[i % len(sources)], 10000 * n, projects[i % 2])
    for i, source in enumerate(sources):
        spend("项目支出", "30299", functions[1 % len(functions)], source, 10000 * (i + 1), projects[1])
    income: dict[str, list[Decimal]] = {}
    for record in spent:
        sums = income.setdefault(record.text("资金来源"), [Decimal(0), Decimal(0)])
        sums[0] += record.amounts["本年"]
        sums[1] += record.amounts["上年"]
    data: dict[str, tuple[Record, ...]] = dict.fromkeys(pack.schema.datasets, ())
    data["单位"] = (Record(unit, {}, place),)
    data["支出"] = tuple(spent)
    data["收入"] = tuple(
        Record({"单位编码": UNIT, "资金来源": s, "收入来源": s, "资金性质": pack.nature(s), "主管部门编码": DEPARTMENT}, {"本年": a, "上年": b}, place) for s, (a, b) in income.items()
    )
    for dataset in ("项目", "测算", "进度", "指标", "人员", "采购", "购买服务", "非税", "资产"):
        data[dataset] = tuple(_sample(pack, dataset, unit, place, projects, sources[0], year))
    texts = {("", t.name): (f"（示例）{t.name}的内容。", place) for t in pack.file.texts}
    lines: dict[str, Value] = {"年度": str(year), "套表": pack.id, "单位负责人": "单位负责人", "填报人": "填报岗位", "联系电话": ""}
    return Master(FILE, pack.id, year, lines, data, texts)


def _sample(pack: Pack, dataset: str, unit: dict[str, Value], place: Place, projects: list[str], source: str, year: int) -> list[Record]:
    """One or two records of a dataset, every field filled with a word of its own."""
    fields, measures = pack.schema.fields(dataset), pack.schema.measures(dataset)
    records = []
    for n, project in enumerate(projects, 1):
        values: dict[str, Value] = {}
        for name, column in fields.items():
            match column.type:
                case "单位":
                    values[name] = unit["单位编码"]
                case "来源":
                    values[name] = source
                case "项目":
                    values[name] = project
                case "选项":
                    allowed = [c.value for c in pack.choices(column.choice_list or name)] or list(column.choices)
                    values[name] = column.blank or (allowed[(n - 1) % len(allowed)] if allowed else None)
                case "日期":
                    values[name] = date(year, 1, 1) if "开始" in name else date(year, 12, 31)
                case "功能科目" | "部门经济" | "政府经济":
                    values[name] = None
                case _:
                    values[name] = f"{name}示例{n}"
        if dataset == "项目":
            values["项目名称"], values["单位编码"] = project, unit["单位编码"]
            values["申报名称"] = None
        if dataset == "指标":
            values |= {"一级指标": "产出指标", "二级指标": "数量指标", "指标值": str(n), "计量单位": "项", "计算符号": "≥"}
        values |= {"资金性质": pack.nature(source), "资金来源": values.get("资金来源", source), "主管部门编码": unit["主管部门编码"], "单位性质": unit["单位性质"], "归口": unit["归口"]}
        amounts = {m: Decimal(10000 * n) if column is None or column.type == "金额" else Decimal(n) for m, column in measures.items()}
        records.append(Record(values, amounts, place))
    if dataset == "指标":  # the unit's own indicators, and more kinds for the projects
        records.append(Record({**records[0].values, "项目名称": None}, {}, place))
        records.append(Record({**records[0].values, "一级指标": "满意度指标", "二级指标": "服务对象满意度", "三级指标": "服务对象满意率", "指标值": "95", "计量单位": "%"}, {}, place))
    return records
