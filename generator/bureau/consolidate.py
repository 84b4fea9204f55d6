"""Several masters of one set and year into one: a department's or the county's, to be checked and built like any other.

Every line keeps its unit's code and is listed on the sheet 汇总来源 with the file and line it came from. What one unit
spends and another receives is taken from both sides (bureau/transfers.py) and listed on 抵销清单. What was written is read
back: each unit's sums, and so the department's, must be what the units' own workbooks say less what was taken away.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from generator.audit.readback import ReadbackError
from generator.bind.bind import bind, pack_id_of
from generator.build.origins import HEADING, SHEET, Origin, listed
from generator.bureau.transfers import TAKEN_HEADING, TAKEN_SHEET, Taken, eliminated, of_transfers, transfers_in
from generator.model.amount import show
from generator.model.master import Master, Record, Value
from generator.model.problem import DataError, Level, Place, Problem, Problems, UsageError
from generator.pack.pack import Pack
from generator.pack.schema import Sheet, folded
from generator.read import RawWorkbook, read_workbook
from generator.render.blank import Appendix, Prefill, Row, blank_workbook, first_row
from generator.run import Say, get_pack
from generator.run.checking import pack_of
from generator.run.making import run_date

ZERO = Decimal(0)
ENDINGS = (".xlsx", ".xlsm", ".xls", ".et", ".ods")
Typed = dict[str, list[Record]]  # sheet, as the schema calls it → its records
Sums = dict[tuple[str, str, str], Decimal]  # unit, dataset, measure → sum in 元 (or counted)


@dataclass(frozen=True, slots=True)
class Member:
    """One workbook to be consolidated. raw: its sheets that list transfers, all else of it is in the master; problems: what its own reading said."""

    path: Path
    raw: RawWorkbook
    master: Master
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Consolidated:
    """data: the new workbook's bytes; master: it as read back; notes: what a person should know, a line each."""

    data: bytes
    pack: Pack
    master: Master
    members: tuple[Member, ...]
    taken: tuple[Taken, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Whole:
    """The unit that names the result when it is none of the members: 某某县, without figures of its own."""

    name: str
    code: str = ""


def consolidate(
    paths: Sequence[Path],
    pack_id: str = "",
    main: str = "",
    whole: Whole | None = None,
    transfers: Path | None = None,
    name: str = "汇总.xlsx",
    say: Say = lambda text: None,
    leave: Path | None = None,
) -> Consolidated:
    """The workbook of all units in `paths` (files, or folders with all in them). leave: a file that is not one of them (an earlier result).

    main: the code of the unit that names the result and comes first. DataError names every conflict with file and cell:
    other packs or years, a unit that stands in two files, cells that cannot be read, transfers that do not fit.
    """
    members, notes = read_members(paths, pack_id, say, tuple(p.resolve() for p in (leave, transfers) if p))
    pack = get_pack(pack_id or members[0].master.pack_id, members[0].path.resolve().parent)
    problems = conflicts(members)
    if problems:
        raise DataError(*problems)
    typed = _together(members, pack)
    before = sums(typed, pack)
    say("抵销内部往来")
    listed_transfers = transfers_in([m.raw for m in members], transfers, pack, {n: c for m in members for c, u in m.master.units.items() for n in (c, u.text("单位名称"), u.text("单位简称")) if n})
    taken = eliminated(typed, listed_transfers)
    typed["单位信息"] = _ordered(typed["单位信息"], main, whole)
    if whole:
        texts = next(s.name for s in pack.schema.sheets if s.dataset == "文字")
        code = typed["单位信息"][0].text("单位编码")
        typed[texts] = [*(Record({"单位编码": code, "事项": t.name}, {}, Place("")) for t in pack.file.texts), *typed[texts]]
    lines, told = _lines(members, pack)
    notes += told
    rows, origins = _rows(typed, pack, taken)
    about = (
        f"本册由 {len(members)} 个工作簿的 {len(typed['单位信息']) - bool(whole)} 个单位汇总而成；哪一行来自哪个单位的哪个文件，见“{SHEET}”。",
        "数有错，请改单位的工作簿后重新汇总，不要在这里改。",
    )
    appendix = [Appendix(SHEET, "本册每一行来自哪个单位的哪个文件、哪张表、哪一行。explain 命令会用它。", HEADING, list(listed(origins)), (22, 9, 9, 12, 28, 34, 22, 12, 9, 40))]
    if taken:
        appendix.append(Appendix(TAKEN_SHEET, "汇总时从收入和支出两边去掉的内部往来，一步一行；金额是元。", TAKEN_HEADING, [t.row() for t in taken], (8, 34, 12, 24, 44, 10, 18, 60)))
    say(f"写 {name}")
    units = {s.name: "元" for s in pack.schema.sheets if s.amount_unit}
    data = blank_workbook(pack, Prefill(lines, units, rows, about, appendix), _when(members, pack))
    master = _read_back(data, name, pack)
    _prove(before, sums(master.typed, pack), taken, name)
    if whole:
        notes.append(f"“{whole.name}”的文字说明（职能、增减原因等）还空着，请在“文字说明”里补上")
    return Consolidated(data, pack, master, tuple(members), tuple(taken), tuple(notes))


# --- what goes in -------------------------------------------------------------------------------------------------------


def workbooks_in(paths: Sequence[Path]) -> list[Path]:
    """The files themselves, and the workbooks of folders and the folders below; marked copies and programs' own files left out."""
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UsageError(f"找不到 {path}")
        if path.is_dir():
            found += sorted(p for p in path.rglob("*") if p.suffix.lower() in ENDINGS and not p.name.startswith(("~", ".")) and "（校验" not in p.name)
        else:
            found.append(path)
    return list({p.resolve(): p for p in found}.values())


def read_members(paths: Sequence[Path], pack_id: str, say: Say, leave: Sequence[Path] = ()) -> tuple[list[Member], list[str]]:
    """The masters among the files. A file in a folder that is no master is told and left out; one that was named is an error."""
    members: list[Member] = []
    problems: list[Problem] = []
    notes: list[str] = []
    named = {p.resolve() for p in paths if not p.is_dir()}
    files = [p for p in workbooks_in(paths) if p.resolve() not in leave]
    for n, path in enumerate(files, 1):
        say(f"读取 {n}/{len(files)} {path.name}")
        try:
            raw = read_workbook(path)
            if not (pack_id or pack_id_of(raw)):
                raise DataError(Problem(Level.ERROR, Place(path.name), "不是主工作簿：没有填“套表”", "用财政局发的空白主工作簿填写"))
            found = Problems()
            master = bind(raw, pack_of(raw, path, pack_id), found)
        except DataError as e:
            if path.resolve() in named or len(e.problems) != 1 or "不是主工作簿" not in e.problems[0].message:
                problems += e.problems
            else:
                notes.append(f"没有汇总 {path}：{e.problems[0].message}")
            continue
        problems += found.errors
        if master.data.get("单位"):
            members.append(Member(path, of_transfers(raw), master, tuple(found.sorted())))
    if problems:
        raise DataError(*problems)
    if not members:
        raise UsageError("没有找到主工作簿；写上要汇总的工作簿，或放着它们的文件夹")
    return members, notes


def conflicts(members: Sequence[Member]) -> list[Problem]:
    """Why the workbooks cannot be put together, each at its cell."""
    first = members[0].master
    found: list[Problem] = []
    seen: dict[str, Record] = {}
    names: dict[str, Record] = {}
    for member in members:
        master = member.master
        for line, what, own, other in (("套表", "套表", master.pack_id, first.pack_id), ("年度", "年度", master.year, first.year)):
            if own != other:
                place = master.line_places.get(line, Place(master.file))
                where = first.line_places.get(line, Place(first.file))
                found.append(Problem(Level.ERROR, place, f"{what}是 {own}，{where} 是 {other}，不能汇总在一起", f"只汇总同一{what}的工作簿；填错了就改这一格", "汇总"))
        for code, unit in master.units.items():
            if code in seen:
                hint = "同一个单位只留一份（新的那份），或改正编码"
                found.append(
                    Problem(Level.ERROR, unit.at("单位编码"), f"单位编码“{code}”（{unit.text('单位名称')}）在 {seen[code].at('单位编码')} 已经有了（{seen[code].text('单位名称')}）", hint, "汇总")
                )
            elif folded(unit.text("单位名称")) in names:
                other_unit = names[folded(unit.text("单位名称"))]
                found.append(
                    Problem(
                        Level.ERROR,
                        unit.at("单位名称"),
                        f"“{unit.text('单位名称')}”有两个编码：{code}，和 {other_unit.at('单位编码')} 的 {other_unit.text('单位编码')}",
                        "核对是不是同一个单位",
                        "汇总",
                    )
                )
            seen.setdefault(code, unit)
            names.setdefault(folded(unit.text("单位名称")), unit)
        found += _unclear_adjustments(master)
    return found


def _unclear_adjustments(master: Master) -> Iterable[Problem]:
    """An adjustment of a certain amount over several units at once: nobody knows how much of it is whose."""
    for record in master.typed.get("政府经济分类调整", ()):
        if not record.text("单位编码") and len(master.units) > 1 and record.amounts:
            yield Problem(Level.ERROR, record.at("单位编码"), "这一行没有写单位编码，又写了金额，汇总时分不清是哪个单位的", "写上单位编码；几个单位都有的，一个单位一行", "汇总")


# --- put together -------------------------------------------------------------------------------------------------------


def _together(members: Sequence[Member], pack: Pack) -> Typed:
    """All records as typed, sheet by sheet, each with its unit's code."""
    typed: Typed = {s.name: [] for s in pack.schema.sheets if s.dataset}
    for member in members:
        master = member.master
        own = master.main.text("单位编码")
        for sheet in typed:
            for record in master.typed.get(sheet, ()):
                if record.text("单位编码"):
                    typed[sheet].append(record)
                elif sheet == "政府经济分类调整" and len(master.units) > 1:
                    typed[sheet] += [_of_unit(record, code) for code in master.units if _hits(master, record, code)]
                else:  # what a workbook says of itself belongs to the unit that names it
                    typed[sheet].append(_of_unit(record, own))
    return typed


def _of_unit(record: Record, code: str) -> Record:
    return record.with_(values={**record.values, "单位编码": code})


def _hits(master: Master, adjustment: Record, code: str) -> bool:
    """Whether an adjustment for all units finds any spending of this one."""
    wanted = {k: adjustment.text(k) for k in ("部门经济编码", "功能科目编码", "项目名称") if adjustment.text(k)}
    return any(r.text("单位编码") == code and all(r.text(k).startswith(v) if k != "项目名称" else r.text(k) == v for k, v in wanted.items()) for r in master.records("支出"))


def _ordered(units: list[Record], main: str, whole: Whole | None) -> list[Record]:
    """The units, the one that names the result first: the one asked for, a row of its own, or the department itself."""
    if whole:
        like = units[0]
        code = whole.code or _free_code(units)
        if any(u.text("单位编码") == code for u in units):
            raise UsageError(f"编码 {code} 已经是一个单位的编码；用 --code 另写一个")
        values: dict[str, Value] = {"单位编码": code, "单位名称": whole.name, "单位性质": like.values.get("单位性质"), "经费拨款形式": like.values.get("经费拨款形式")}
        departments = {(u.text("主管部门编码"), u.text("主管部门名称")) for u in units}
        if len(departments) == 1:
            values |= {k: like.values.get(k) for k in ("主管部门编码", "主管部门名称")}
        return [Record(values, {}, Place("")), *units]
    if main:
        chosen = [u for u in units if main in (u.text("单位编码"), u.text("单位名称"))]
        if not chosen:
            raise UsageError(f"没有单位“{main}”；有：{'、'.join(u.text('单位编码') for u in units)}")
    else:  # 本级: the unit that bears the department's name
        chosen = [u for u in units if u.text("主管部门名称") and folded(u.text("单位名称")) == folded(u.text("主管部门名称"))][:1]
    return [*chosen, *(u for u in units if u not in chosen)]


def _free_code(units: Sequence[Record]) -> str:
    """A code for the whole: its department's when there is one and no unit has it, else zeros."""
    departments = {u.text("主管部门编码") for u in units}
    taken = {u.text("单位编码") for u in units}
    code = next(iter(departments)) if len(departments) == 1 else ""
    return code if code and code not in taken else "0" * len(next(iter(taken)))


def _lines(members: Sequence[Member], pack: Pack) -> tuple[dict[str, object], list[str]]:
    """年度, 套表, dates: what all say alike; what differs is left open and told."""
    found: dict[str, object] = {}
    notes = []
    for column in (c for s in pack.schema.sheets for c in s.lines):
        said = {m.master.lines.get(column.name) for m in members} - {None}
        if len(said) == 1:
            found[column.name] = next(iter(said))
        elif said:
            notes.append(f"各单位的“{column.name}”不一样（{'、'.join(sorted(map(str, said))[:3])}{'等' if len(said) > 3 else ''}），汇总册里空着，请填")
    found["年度"], found["套表"] = str(members[0].master.year), pack.id
    return found, notes


def _when(members: Sequence[Member], pack: Pack) -> datetime:
    return max(run_date(m.master) for m in members)


# --- as rows of the workbook --------------------------------------------------------------------------------------------


def _rows(typed: Mapping[str, Sequence[Record]], pack: Pack, taken: Sequence[Taken]) -> tuple[dict[str, list[Row]], list[Origin]]:
    """The lines of every sheet, and where each came from."""
    rows: dict[str, list[Row]] = {}
    origins: list[Origin] = []
    names = {u.text("单位编码"): u.text("单位名称") for u in typed["单位信息"]}
    notes: dict[Place, str] = {}
    for step in taken:
        notes[Place(step.place.file, step.place.sheet, step.place.row)] = f"抵销 {step.number}"
    for schema in pack.schema.sheets:
        made = rows.setdefault(schema.name, [])
        for values, record in _sheet_rows(schema, typed.get(schema.name, ())):
            made.append(values)
            if record.place.file:
                code = record.text("单位编码")
                origins.append(Origin(schema.name, first_row(schema) + len(made) - 1, code, names.get(code, ""), record.place, notes.get(record.place, "")))
    return rows, origins


def _sheet_rows(schema: Sheet, records: Sequence[Record]) -> list[tuple[dict[str | tuple[str, str], object], Record]]:
    """Records as lines: one each, in a wide sheet those of one line together again."""
    lines: dict[tuple[object, ...], tuple[dict[str | tuple[str, str], object], Record]] = {}
    labels = [c for c in schema.columns if not c.measure and not c.ignore]
    for n, record in enumerate(records):
        values: dict[str | tuple[str, str], object] = {c.name: v for c in labels if (v := record.values.get(c.name)) is not None}
        if schema.spread is None:
            values |= {c.name: record.amounts[c.measure] for c in schema.columns if c.measure in record.amounts}
            lines[(n,)] = (values, record)
            continue
        key = (record.place.file, record.place.row, *values.items())
        row, _ = lines.setdefault(key, (values, record))
        at = (record.text(schema.spread.into), record.text("子项"))
        had = row.get(at)
        row[at] = record.amounts[schema.spread.measure] + (had if isinstance(had, Decimal) else ZERO)  # two columns of one code
    return list(lines.values())


# --- proof --------------------------------------------------------------------------------------------------------------


def sums(typed: Mapping[str, Sequence[Record]], pack: Pack) -> Sums:
    """Every measure of every unit, added up; prices and the like are not added but counted all the same: a lost line shows."""
    found: Sums = {}
    for schema in pack.schema.sheets:
        for record in typed.get(schema.name, ()) if schema.dataset else ():
            for measure, amount in (*record.amounts.items(), ("行", Decimal(1))):
                if measure == "行" and schema.dataset in ("收入", "支出"):
                    continue  # a transfer may split a line; the money says enough
                key = (record.text("单位编码"), schema.dataset, measure)
                found[key] = found.get(key, ZERO) + amount
    return found


def _read_back(data: bytes, name: str, pack: Pack) -> Master:
    """The workbook as the program itself reads it. ReadbackError when it has any error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        problems = Problems()
        master = bind(read_workbook(path), pack, problems)
    if problems.errors:
        raise ReadbackError("汇总册读回来有错误：" + "；".join(map(str, problems.errors[:5])))
    return master


def _prove(before: Sums, after: Sums, taken: Sequence[Taken], name: str) -> None:
    """部门 = Σ 单位: every unit's every measure as its own workbook has it, less what was taken away."""
    expected = dict(before)
    for step in taken:
        key = (step.unit, step.dataset, step.measure)
        expected[key] = expected.get(key, ZERO) + step.change
    for key in sorted({*expected, *after}):
        if key[2] == "行" and key[1] in ("单位", "文字"):
            continue
        if expected.get(key, ZERO) != after.get(key, ZERO):
            unit, dataset, measure = key
            raise ReadbackError(f"{name} 里 {unit} 的{dataset}·{measure}应为 {show(expected.get(key, ZERO))}，写出来是 {show(after.get(key, ZERO))}")
