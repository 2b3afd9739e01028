"""The person's own sheet with what became of every row: same columns, same order, nothing left out.

The rule a newcomer would break: an unknown outcome is its own word. It never counts as failed, and never as accepted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pandas as pd

from lib.contact.masking import mask_column, mask_seen
from lib.contact.problems import NUMBER_DELETED, ProblemCode
from lib.results import marks as results_marks
from lib.results.clock import local_times, zone_of
from lib.results.split_rows import per_file_row, worst_per_file_row
from lib.results.xlsx import Page, Tone, texts_of, workbook
from lib.run.states import LEFT_OUT, BatchState, HeldAs, called
from lib.sheet.row_numbers import is_made, row_name, rows_of_file
from lib.words import t


class RowOutcome(StrEnum):
    """What became of a row."""

    ACCEPTED = "accepted"  # the platform gave a receipt; whether the number got in is its own affair
    UNKNOWN = "unknown"
    HELD = "held"  # as unknown, and a person is asked to decide
    NOT_AGAIN = "not_again"  # as unknown, and a person decided not to send it again
    REJECTED = "rejected"
    SENDING = "sending"
    NOT_SENT = "not_sent"
    HELD_BACK = "held_back"
    REPEATED = "repeated"
    LEFT_OUT = "left_out"


TONES: dict[RowOutcome, Tone] = {
    RowOutcome.ACCEPTED: Tone.GOOD,
    RowOutcome.UNKNOWN: Tone.UNSURE,
    RowOutcome.HELD: Tone.UNSURE,
    RowOutcome.NOT_AGAIN: Tone.UNSURE,
    RowOutcome.REJECTED: Tone.BAD,
    RowOutcome.SENDING: Tone.UNSURE,
    RowOutcome.NOT_SENT: Tone.QUIET,
    RowOutcome.HELD_BACK: Tone.BAD,
    RowOutcome.REPEATED: Tone.QUIET,
    RowOutcome.LEFT_OUT: Tone.QUIET,
}

#: What a batch is called (`lib.run.states.called`) → what became of its rows. What stayed in a split one had arrived.
_OF_BATCH = {
    "": RowOutcome.NOT_SENT,
    BatchState.PLANNED.value: RowOutcome.NOT_SENT,
    BatchState.SENDING.value: RowOutcome.SENDING,
    BatchState.ACCEPTED.value: RowOutcome.ACCEPTED,
    BatchState.REJECTED.value: RowOutcome.REJECTED,
    BatchState.UNKNOWN.value: RowOutcome.UNKNOWN,
    BatchState.HELD.value: RowOutcome.HELD,
    BatchState.SPLIT.value: RowOutcome.ACCEPTED,
    BatchState.CANCELLED.value: RowOutcome.NOT_SENT,
    LEFT_OUT: RowOutcome.NOT_AGAIN,
}

#: What stands beside the person's own columns.
ADDED = ("number_sent", "outcome", "reason", "batch_number", "arrival", "withdrawal", "time")

#: Outcomes of which the platform's own text, and in which batch it was, are told.
_ANSWERED = (RowOutcome.REJECTED, RowOutcome.UNKNOWN, RowOutcome.HELD, RowOutcome.NOT_AGAIN)
_KEPT = {kept.value: kept for kept in (RowOutcome.HELD_BACK, RowOutcome.REPEATED, RowOutcome.LEFT_OUT)}
_PROBLEMS = {code.value for code in ProblemCode}

#: What is taken from `rows`, and what each may be called there.
_FACTS: dict[str, tuple[str, ...]] = {
    "disposition": ("disposition",),
    "reason": ("reason",),
    "batch": ("batch", "batch_seq", "seq"),
    "batch_state": ("batch_state", "state"),
    "held_as": ("held_as",),
    "unique_id": ("unique_id",),
    "message": ("message",),
    "sent_at": ("sent_at",),
    "arrival": ("arrival",),
    "withdrawal": ("withdrawal",),
}


def outcome_of(disposition: str, batch_state: str, held_as: str = "") -> RowOutcome:
    """What became of a row: kept back here, or what its batch says; a batch that has not left is NOT_SENT.

    Raises KeyError for a disposition or a state nobody knows.

    disposition: Disposition; only of a row that was to be sent the batch is asked
    batch_state: BatchState, "" for a row of no batch
    held_as: HeldAs where the batch was held, "" for never; tells rows a person left out from those of a run cancelled
    """
    return _OF_BATCH[called(batch_state, held_as)] if disposition == "to_send" else _KEPT[disposition]


@dataclass(frozen=True)
class RowsTold:
    """What became of the rows of a sheet. order: they, then those made from them; facts: as in `rows`, in this order."""

    order: pd.Index
    facts: Mapping[str, list[str]]
    outcomes: list[RowOutcome]
    lang: str

    def titles(self, zone: str, taken: Iterable[str]) -> list[str]:
        """What the columns of ADDED are called beside the person's own."""
        shown = zone_of(zone)[1]
        return free_names((t(f"results.column.{name}", self.lang, zone=shown) for name in ADDED), taken)

    def columns(self, numbers: Mapping[int, str], zone: str) -> list[list[str]]:
        """The columns of ADDED, a text for each row of the sheet. numbers: row → number that left with it. zone: IANA name for the times."""
        words = {outcome: t(f"results.outcome.{outcome}", self.lang) for outcome in RowOutcome}
        columns = (
            [numbers.get(row, "") for row in self.order],
            [words[outcome] for outcome in self.outcomes],
            _reasons(self.facts, self.outcomes, self.lang),
            self.facts["unique_id"],
            [t(f"arrival.row.{one}", self.lang) if one else "" for one in self.facts["arrival"]],
            [t(f"withdrawal.row.{one}", self.lang) if one else "" for one in self.facts["withdrawal"]],
            local_times(self.facts["sent_at"], zone_of(zone)[0]),
        )
        return per_file_row(self.order, columns, self.lang)

    def tones(self) -> list[Tone]:
        """How the outcome of each row of the sheet looks."""
        return worst_per_file_row(self.order, [TONES[outcome] for outcome in self.outcomes])


def rows_told(source: pd.Index, rows: pd.DataFrame, lang: str) -> RowsTold:
    """What became of these rows of a sheet.

    source: their row numbers, in the sheet's order; a row that `rows` does not know was left out
    rows: as for `run_workbook`; rows made from one of `source` are added behind, all others are passed over
    lang: of every text that is made of them later
    """
    order = _with_made_rows(source, rows)
    facts = _aligned(rows, order)
    said = zip(facts["disposition"], facts["batch_state"], facts["held_as"], strict=True)
    return RowsTold(order, facts, [outcome_of(*one) for one in said], lang)


def run_workbook(
    source: pd.DataFrame,
    rows: pd.DataFrame,
    lang: str,
    *,
    problems: pd.DataFrame | None = None,
    columns: Mapping[str, Sequence[str]] | None = None,
    title: str = "",
    hidden: bool = False,
    why_new: str = "",
    numbers: Mapping[int, str] | None = None,
    zone: str = "UTC",
) -> bytes:
    """The person's sheet as xlsx, every cell text, with ADDED as last columns.

    A second worksheet tells what each outcome means.

    source: text columns, index = spreadsheet row number; a row that `rows` does not know was left out
    rows: index or column `row`, disposition, and where there are such reason (problem code or text), batch (number in
        the run), batch_state, held_as, unique_id, message (the platform's text), sent_at, arrival, withdrawal; rows
        made from one with several numbers are told in it
    lang: of the added columns and of the second worksheet
    problems: what was wrong when the run began (row, field, code, severity, value, suggestion), None for nothing
    columns: field name → columns of the sheet; by it bad cells are coloured and carry comments, and phones are hidden
    title: the person's own name of the worksheet, "" for one of ours
    hidden: phone numbers of the sheet without their middle digits, for a file that goes to others
    why_new: a sentence on why this is not the person's own workbook, if they asked for that; "" for none
    numbers: row → number that left with it, masked already where `hidden`; None where nobody knows any
    zone: IANA name for the times, which their title names; one that this computer does not know counts as UTC
    """
    columns = columns or {}
    marks = (
        None
        if problems is None
        else results_marks.describe_problems(_of(source, problems), source, columns, lang, hidden=hidden)
    )
    tones = {} if marks is None else results_marks.tones(marks, source)
    comments = {} if marks is None else results_marks.comments(marks, source)
    source = hidden_numbers(source, columns) if hidden else source  # columns may have other names then
    told = rows_told(source.index, rows, lang)
    own = [str(name) for name in source.columns]
    page = Page(
        title=title or t("results.sheet.result", lang),
        headers=(*own, *told.titles(zone, own)),
        columns=(
            *(texts_of(source.iloc[:, at]) for at in range(source.shape[1])),
            *told.columns(numbers or {}, zone),
        ),
        tones=tones | {len(own) + ADDED.index("outcome"): told.tones()},
        comments=comments,
    )
    notes = _notes(told.outcomes, lang, made=len(told.order) > len(source), why_new=why_new)
    return workbook((page, notes), lang)


def hidden_numbers(table: pd.DataFrame, columns: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """A person's sheet with the middle digits of every phone number hidden. columns: field name → columns of the sheet."""
    phones = columns.get("phone", ())
    cells = [
        mask_column(texts_of(table.iloc[:, at]), is_phone=name in phones)
        for at, name in enumerate(table.columns)
    ]
    hidden = pd.DataFrame(dict(enumerate(cells)), index=table.index, dtype=object)
    return hidden.set_axis([mask_seen(str(name)) for name in table.columns], axis=1)


def bare_table(rows: pd.DataFrame, lang: str) -> pd.DataFrame:
    """What stands in for a sheet that is no longer kept: its row numbers, and the masked numbers as long as these are kept."""
    own = rows[~is_made(pd.Index(rows["row"])).to_numpy()]
    table = pd.DataFrame(
        {t("results.column.row", lang): [row_name(row) for row in own["row"]]}, index=own["row"], dtype=object
    )
    if own["phone_masked"].ne("").any():
        table[t("results.column.phone_masked", lang)] = own["phone_masked"].tolist()
    return table


def _of(source: pd.DataFrame, problems: pd.DataFrame) -> pd.DataFrame:
    """Those of rows of the sheet; what is wrong with a row made from a cell with several numbers is wrong with that cell."""
    told = problems.assign(row=rows_of_file(pd.Index(problems["row"].astype("int64"))))
    return told[told["row"].isin(source.index)]


def free_names(wanted: Iterable[str], taken: Iterable[str]) -> list[str]:
    """Column names that do not clash with the person's own, who may have uploaded such a file again."""
    used, free = set(taken), []
    for name in wanted:
        at, candidate = 2, name
        while candidate in used:
            at, candidate = at + 1, f"{name} ({at})"
        used.add(candidate)
        free.append(candidate)
    return free


def _with_made_rows(source: pd.Index, rows: pd.DataFrame) -> pd.Index:
    """The rows of the sheet, then those made from them; of a row that was deleted on request nothing is told."""
    numbers = pd.Index(rows["row"] if "row" in rows.columns else rows.index)
    made = numbers[is_made(numbers).to_numpy()]
    return source.append(made[rows_of_file(made).isin(source)])


def _aligned(rows: pd.DataFrame, order: pd.Index) -> dict[str, list[str]]:
    """Facts as texts in the order of the source; made text first, because aligning turns 3 into 3.0."""
    by_row = rows.set_index("row") if "row" in rows.columns else rows
    facts = pd.DataFrame(
        {name: _texts(by_row, names) for name, names in _FACTS.items()}, by_row.index, dtype=object
    )
    facts = facts.reindex(order)
    return {
        name: texts_of(facts[name].fillna("left_out" if name == "disposition" else "")) for name in _FACTS
    }


def _texts(rows: pd.DataFrame, names: tuple[str, ...]) -> list[str]:
    found = next((name for name in names if name in rows.columns), None)
    return [""] * len(rows) if found is None else texts_of(rows[found])


def _reasons(facts: Mapping[str, list[str]], outcomes: list[RowOutcome], lang: str) -> list[str]:
    """Most rows of a run share a few reasons: each is worded once."""
    made: dict[tuple[str, ...], str] = {}
    reasons = []
    for key in zip(
        outcomes, facts["reason"], facts["batch"], facts["message"], facts["batch_state"], facts["held_as"],
        strict=True,
    ):  # fmt: skip
        if key not in made:
            made[key] = _reason(*key, lang=lang)
        reasons.append(made[key])
    return reasons


def _reason(
    outcome: RowOutcome, reason: str, batch: str, message: str, batch_state: str, held_as: str, *, lang: str
) -> str:
    if outcome in _KEPT.values():
        return reason_words(reason, lang)
    if outcome == RowOutcome.ACCEPTED:
        return ""
    why = outcome.value
    if outcome == RowOutcome.NOT_AGAIN:
        why = "not_again_blind" if held_as == HeldAs.NO_EVIDENCE else "not_again"
    elif batch_state == BatchState.CANCELLED:
        why = "cancelled"
    parts = [t(f"results.why.{why}", lang), *([reason_words(reason, lang)] if reason else [])]
    if message and outcome in _ANSWERED:
        parts.append(t("results.platform_says", lang, message=message))
    if outcome in _ANSWERED and batch:
        parts.insert(0, t("results.in_batch", lang, batch=batch))
    return t("results.join", lang).join(parts)


def reason_words(reason: str, lang: str) -> str:
    """A problem code in words; any other text as it stands."""
    if reason == NUMBER_DELETED:
        return t(f"results.why.{reason}", lang)
    return t(f"problem.{reason}.name", lang) if reason in _PROBLEMS else reason


def _notes(outcomes: list[RowOutcome], lang: str, made: bool, why_new: str) -> Page:
    counts = pd.Series(outcomes, dtype=object).value_counts()
    lines = [
        (
            t(f"results.outcome.{outcome}", lang),
            str(counts.get(outcome, 0)),
            t(f"results.meaning.{outcome}", lang),
        )
        for outcome in RowOutcome
    ]
    total = t("structure.total_with_made" if made else "results.meaning.total", lang)
    lines.append(("", str(len(outcomes)), total))
    more = [t("results.meaning.receipt", lang), *([why_new] if why_new else [])]
    lines += [("", "", text) for text in more]
    return Page(
        title=t("results.sheet.notes", lang),
        headers=[t(f"results.column.{name}", lang) for name in ("outcome", "rows", "meaning")],
        columns=list(zip(*lines, strict=True)),
        tones={
            0: [*(TONES[outcome] for outcome in RowOutcome), *[Tone.PLAIN] * (1 + len(more))],
            2: [Tone.WRAPPED] * len(lines),
        },
    )
