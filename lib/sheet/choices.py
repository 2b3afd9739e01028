"""Rows that may or may not be contacts: hidden in the file, adding up the ones above, or an example. A person decides."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from lib.sheet.header import MAKERS, is_total
from lib.workbook.cell_kinds import kind_of
from lib.workbook.columns import letter
from lib.workbook.notes import Note, NoteCode, note
from lib.workbook.typed_lines import SPEAKER, is_speaker

#: Options of `sheet.read` that only let rows or columns in or out, with their default. What a filter hides was taken out by
#: whoever filtered; what is hidden by hand may only be out of the way.
IN_OR_OUT = {
    "hidden_rows": True,
    "filtered_rows": False,
    "hidden_columns": True,
    "total_lines": False,
    "example_lines": False,
    "chat_lines": False,
}

#: Everything let in: nothing that stands in the file may be passed over.
EVERYTHING: dict[str, Any] = dict.fromkeys(IN_OR_OUT, True)

#: The kinds of row that are asked about, and the option of each.
ROW_CHOICES = {
    NoteCode.HIDDEN_ROWS: "hidden_rows",
    NoteCode.FILTERED_ROWS: "filtered_rows",
    NoteCode.TOTAL_LINE: "total_lines",
    NoteCode.EXAMPLE_LINE: "example_lines",
    NoteCode.CHAT_LINE: "chat_lines",
}

#: What stands somewhere in the first filled cell of a line that adds up; full-width letters may spell one of the words.
_MAY_ADD_UP = r"(?i)计|总|汇|total|sum|[\x{FF21}-\x{FF5A}]"

#: Nothing, or what any reader takes for a space.
_BLANK = r"^[\s\v\x1c-\x1f\x85\p{Z}]*$"

#: A cell that may say that its row adds up; every row with one is looked at as a whole.
_ADDS_UP = (
    r"(?i)^\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|汇\s*总|总\s*数|(?:sub|grand)?\s*total|sum)\s*[:：]?\s*$"
)


#: Rows at the top and at the end of a list among which examples and instructions are looked for.
_EDGE_ROWS = 20

#: Characters of a cell that are searched for the words of an example or an instruction.
_SEARCHED = 200

_EXAMPLE_WORDS = "示例|样例|范例|范本|样本|举例|例子"
#: A cell that says its row is an example, whatever else stands in the row.
_EXAMPLE = re.compile(
    rf"^\s*[\[(（【<]?\s*(?:(?:{_EXAMPLE_WORDS})(?:行|数据|\s?\d{{1,2}})?\s*(?:[:：,，)）】\]>]|$)|例如|例\s*\d{{0,2}}\s*[:：)）】\]]|例$"
    r"|e\.g\.|(?:example|sample)\s*\d{0,2}\s*(?:[:：)\]]|row\b|$))"
    rf"|[\[(（【]\s*(?:{_EXAMPLE_WORDS}|例|仅供参考|example|sample)\s*[,，;；)）】\]]"
    rf"|(?:[此本该这]一?行|以[上下]|[上下]面)[为是].{{0,4}}(?:{_EXAMPLE_WORDS})"
    r"|请(?:先|务必|在.{0,8}前|.{0,4}前)?删除(?![我他她您]|客户|号码|信息|联系)|删除[此本该这](?:一?行|条|示例)|(?:delete|remove) (?:this|the) (?:example |sample )?(?:row|line)",
    re.IGNORECASE,
)
#: The same where it begins the row: 示例张三, but no remark, 样本已寄.
_EXAMPLE_FIRST = re.compile(rf"\s*[\[(（【<]?\s*(?:{_EXAMPLE_WORDS})")
#: A line below the list with somebody's number who is not in it: who made the list, whom to ask.
_NAMES_OTHERS = re.compile(
    rf"\s*(?:{MAKERS})\s*[:：]|\s*(?:(?:咨询|客服|服务|投诉|报名|监督|举报)(?:电话|热线)|如(?:有|需).{{0,10}}(?:请|可)(?:联系|咨询|拨打|致电))"
)
#: What explains how to fill the sheet in, where it begins the row, and in any cell; such a row holds no number.
_INSTRUCTION_FIRST = re.compile(
    r"^\s*[\[(（【*※]{0,2}\s*(?:(?:填写|填表|导入|使用|操作|字段|模板)(?:说明|须知|要求|规则|指南|提示)"
    r"|(?:注意|注意事项|温馨提示|说明|提示|注|备注)\s*\d{0,2}\s*[:：]"
    r"|(?:instructions?|notes?|remarks?|hints?)\s*[:：]|(?:required|optional|mandatory)\b)",
    re.IGNORECASE,
)
_INSTRUCTION = re.compile(
    r"(?:请勿|不要|不得)(?:修改|改动|更改|删除|编辑|调整|合并)|[必选]填|请(?:填写|输入|选择)|please (?:do not|fill|enter)|do not (?:change|edit|delete|modify)",
    re.IGNORECASE,
)


def without_unwanted(
    body: pa.Table,
    notes: list[Note],
    names: Mapping[str, str],
    wanted: Mapping[str, bool],
) -> tuple[pa.Table, list[Note]]:
    """Without the rows and columns that are not wanted; their notes say how many there are, wanted or not.

    body: row numbers first, then the named columns of text; what stands under the header
    notes: what was noticed so far; those of hidden rows and columns name each of them, and come back as counts
    names: column letters → name of the column, for the columns that are read at all
    wanted: every option of `IN_OR_OUT`
    """
    for code, rows in (
        (NoteCode.TOTAL_LINE, total_rows(body)),
        (NoteCode.EXAMPLE_LINE, example_rows(body)),
        (NoteCode.CHAT_LINE, chat_rows(body)),
    ):
        if rows:
            notes = [*notes, note(code, count=len(rows), row=rows[0])]
            body = body if wanted[ROW_CHOICES[code]] else _without_rows(body, rows)
    told = []
    for one in notes:
        if one.code in ROW_CHOICES and "rows" in one.params:
            hidden = set(one.params["rows"]) & set(body.column(0).to_pylist())
            if not hidden:
                continue  # above the header, or left out for another reason
            body = body if wanted[ROW_CHOICES[one.code]] else _without_rows(body, hidden)
            one = note(one.code, count=len(hidden), row=min(hidden))
        elif one.code == NoteCode.HIDDEN_COLUMNS:
            hidden_names = [
                names[letters] for letters in map(letter, one.params["columns"]) if letters in names
            ]
            if not hidden_names:
                continue
            if not wanted["hidden_columns"]:  # by place: a person's own column may be called "row" too
                kept = [at for at, name in enumerate(body.column_names) if not at or name not in hidden_names]
                body = body.select(kept)
            one = note(one.code, count=len(hidden_names), first=hidden_names[0])
        told.append(one)
    return body, told


def example_rows(body: pa.Table) -> list[int]:
    """Row numbers of the lines at the top and at the end that are examples or say how to fill the sheet in."""
    edges = [body.slice(0, _EDGE_ROWS)]
    if body.num_rows > _EDGE_ROWS:
        edges.append(body.slice(max(_EDGE_ROWS, body.num_rows - _EDGE_ROWS)))
    columns = [column.to_pylist() for column in pa.concat_tables(edges).columns]
    return [row for row, *cells in zip(*columns, strict=True) if _explains(cells)]


def _explains(cells: list[str]) -> bool:
    starts = [cell[:_SEARCHED] for cell in cells if cell]
    if starts and _NAMES_OTHERS.match(starts[0]):
        return True
    if any(map(_EXAMPLE.search, starts)) or (starts and _EXAMPLE_FIRST.match(starts[0])):
        return True
    says = bool(starts) and (_INSTRUCTION_FIRST.match(starts[0]) or any(map(_INSTRUCTION.search, starts)))
    return bool(says) and "phone" not in map(kind_of, cells)


def chat_rows(body: pa.Table) -> list[int]:
    """Row numbers of the lines of a copied chat that say who spoke, and when."""
    if body.num_columns == 1:
        return []
    found = body.filter(pc.match_substring_regex(body.column(1), SPEAKER))
    columns = [column.to_pylist() for column in found.columns]
    return [row for row, *cells in zip(*columns, strict=True) if is_speaker(cells)]


def total_rows(body: pa.Table) -> list[int]:
    """Row numbers of the lines that add up, at the end or in between. body: `row`, then text columns."""
    rows = _may_add_up(body)
    said = None
    for column in rows.columns[1:]:
        says = pc.match_substring_regex(column, _ADDS_UP)
        said = says if said is None else pc.or_(said, says)
    if said is None or not pc.any(said).as_py():
        return []
    columns = [column.to_pylist() for column in rows.filter(said).columns]
    return sorted(row for row, *cells in zip(*columns, strict=True) if is_total(cells))


def _may_add_up(body: pa.Table) -> pa.Table:
    """The few rows whose first filled cell may say so."""
    found = [body.slice(0, 0)]
    rest = body
    for at in range(1, body.num_columns):
        found.append(rest.filter(pc.match_substring_regex(rest.column(at), _MAY_ADD_UP)))
        blank = pc.match_substring_regex(rest.column(at), _BLANK)
        if not pc.any(blank).as_py():
            break
        rest = rest if pc.all(blank).as_py() else rest.filter(blank)
    return pa.concat_tables(found)


def _without_rows(body: pa.Table, rows: Iterable[int]) -> pa.Table:
    """The table without the rows of these numbers."""
    gone = pa.array(sorted(rows), pa.int64())
    return body.filter(pc.invert(pc.is_in(body.column(0), gone))) if len(gone) else body
