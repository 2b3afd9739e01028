"""Checking of contacts: every column cleaned and judged, every row sendable or not, and why.

`check` is the one way in. It never drops a row: what cannot be sent is marked, counted and shown.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Protocol

import pandas as pd

from lib.contact import numbering
from lib.contact.cleaning import CIPHERTEXT, EMAIL, INTEGER, SEX, Absence, CleaningRule, clean, text_rule
from lib.contact.component_rules import is_required, rule_of
from lib.contact.fields import BY_NAME, Kind, component_id
from lib.contact.phone import ENCRYPTED_PHONE, PHONE, PRACTICE_PHONE
from lib.contact.problems import SEVERITY, ProblemCode, Severity
from lib.validation.lost_digits import has_lost_digits
from lib.validation.undo_cleaning import as_it_stood, is_kept

PROBLEM_COLUMNS = ("row", "field", "code", "severity", "value", "suggestion")
CHANGE_COLUMNS = ("row", "field", "before", "after", "kind")

#: Codes whose suggestion is no value for the cell: a row number.
NOT_A_VALUE = frozenset({ProblemCode.PHONE_REPEATED})

_KIND_RULES: dict[Kind, CleaningRule] = {
    Kind.PHONE: PHONE,
    Kind.EMAIL: EMAIL,
    Kind.SEX: SEX,
    Kind.INTEGER: INTEGER,
}

#: What becomes of texts that stand for nothing, where it is not the usual.
_ABSENCES = {"name": Absence.WARNED_OF, "company": Absence.WORDS_TOO}
_ENCRYPTED_RULES: dict[str, CleaningRule] = {"phone": ENCRYPTED_PHONE, "company": CIPHERTEXT}


class Switches(Protocol):
    """What `check` needs to know of `lib.platform.connection.Options`."""

    @property
    def encryption(self) -> bool:
        """Phone and company may be ciphertext."""

    @property
    def ignore_crm(self) -> bool:
        """Contacts stay out of the pool, so components have nowhere to go."""


@dataclass(frozen=True)
class Review:
    """What checking found.

    contacts: cleaned; same rows and columns, and always "sort". A value with an error stands as it stood.
    problems: row (int64), field, code, severity, value (what stands in the cell), suggestion ("" none; for
    PHONE_REPEATED the row number of the one that is kept). Ordered by row.
    changes: row, field, before, after, kind (`Change` codes joined by "+"). Ordered by row.
    sendable: by row, whether nothing keeps it back.
    blocked: what forbids the submission as a whole, as codes; sentence `blocked.<code>`.
    sent_before: by row whose number was sent before, what is known of that: "time|unique_id|connection", the connection
    "" for this very task.
    kept: as `changes`, for the cells that stay as they stood by the person's choice; `after` is what cleaning made.
    """

    contacts: pd.DataFrame
    problems: pd.DataFrame
    changes: pd.DataFrame
    sendable: pd.Series
    blocked: tuple[str, ...] = ()
    sent_before: pd.Series = field(default_factory=lambda: pd.Series(dtype="str"))
    kept: pd.DataFrame = field(default_factory=lambda: _stack([], CHANGE_COLUMNS))

    @cached_property
    def number_kinds(self) -> pd.Series:
        """How many numbers of each kind (`numbering.kinds`) will be sent."""
        known = "phone" in self.contacts.columns
        return numbering.kinds(self.contacts["phone"][self.sendable] if known else pd.Series(dtype="str"))

    @cached_property
    def ready(self) -> pd.Index:
        """The rows that can be sent, in the sheet's order."""
        return self.contacts.index[self.sendable]

    @cached_property
    def only_repeated(self) -> pd.Index:
        """Rows held back for no other reason than a number that stands further up."""
        errors = self.problems[self.problems["severity"].eq("error")]
        repeated = errors["code"].eq(ProblemCode.PHONE_REPEATED.value)
        found: pd.Index = pd.Index(errors.loc[repeated, "row"])
        return found.difference(pd.Index(errors.loc[~repeated, "row"]))

    @cached_property
    def changed_by(self) -> pd.Series:
        """Kind of cleaning (`Change`) → cells it changed, most first; a cell changed in two ways counts in both."""
        return by_kind(self.changes)

    @cached_property
    def counts(self) -> pd.DataFrame:
        """Problems by kind: code, severity, field, rows, suggested (cells with a value to put in). Errors first."""
        problems = self.problems
        offered = problems["suggestion"].ne("") & ~problems["code"].isin([code.value for code in NOT_A_VALUE])
        grouped = problems.assign(suggested=offered).groupby(
            ["code", "severity", "field"], sort=False, as_index=False
        )
        counted = grouped.agg(rows=("row", "size"), suggested=("suggested", "sum"))
        by_weight = counted.sort_values(
            ["severity", "rows"], ascending=[True, False], kind="stable", ignore_index=True
        )
        return by_weight.astype({"rows": "int64", "suggested": "int64"})


def check(
    contacts: pd.DataFrame,
    options: Switches,
    known: pd.DataFrame | pd.Series | None = None,
    *,
    practice: bool = False,
    keep: Set[str] = frozenset(),
    rules: Mapping[str, tuple[str, ...]] | None = None,
) -> Review:
    """Clean and judge every contact.

    contacts: text columns named by field or `component:<id>`, "" for empty; index = spreadsheet row number
    options: of the connection; `encryption` decides how phone and company are judged, `ignore_crm` whether components
        block the submission
    known: numbers already sent, phone → text: a Series indexed by phone, or a DataFrame with the phone in its index or
        its column "phone" and the text in its first other column; None to mark none
    practice: nobody is called, so the app's own example numbers are as good as any
    keep: kinds of `Change` a person does not want; see `undo_cleaning`
    rules: contacts column of a component → the platform's rules of it, None for none; see `component_rules`
    """
    rules = rules or {}
    contacts = _storable(contacts).rename_axis(None)  # a sheet's index is called "row", a column of ours too
    cleaned, problems, changes, kept = _clean_columns(contacts, options, practice, keep, rules)
    problems += [*_missing(cleaned, rules), *_lost_digits(cleaned)]
    phones = _numbers(cleaned, problems)
    same = _as_cleaned(phones, kept)
    if (shared := same[same.duplicated(keep=False)]).size:
        problems.append(_repeats(contacts, shared, _error_rows(problems)))
    review = Review(
        contacts=cleaned,
        problems=_stack(problems, PROBLEM_COLUMNS),
        changes=_stack(changes, CHANGE_COLUMNS),
        sendable=pd.Series(~cleaned.index.isin(_error_rows(problems)), index=cleaned.index),
        blocked=("components_ignored",)
        if options.ignore_crm and any(map(component_id, contacts.columns))
        else (),
        kept=_stack(kept, CHANGE_COLUMNS),
    )
    return review if known is None else marked(review, contacts, ProblemCode.ALREADY_SENT, _texts(known))


def marked(review: Review, contacts: pd.DataFrame, code: ProblemCode, known: pd.Series) -> Review:
    """The review with one more problem in every row whose number is known from elsewhere, ahead of the row's others.

    Rows that repeat such a number have the problem too: otherwise the next of them would be sent in its place.

    review: as `check` gave it; left as it is
    contacts: as mapped, for the value shown; may hold more rows than the review
    code: the problem; one whose severity is an error keeps its rows from being sent
    known: phone → text, phones as cleaned; the text goes into `sent_before`, unless it is empty
    """
    if not len(known) or "phone" not in review.contacts.columns:
        return review
    phones = review.contacts["phone"]
    found = phones[phones.isin(known.index)]
    if found.empty:
        return review
    values = contacts.loc[found.index, "phone"].rename_axis(None)
    sendable = review.sendable.copy()
    if SEVERITY[code] == Severity.ERROR:
        sendable[found.index] = False
    texts = found.map(known[~known.index.duplicated()]).astype("str")
    told = [part for part in (review.sent_before, texts[texts.ne("")]) if len(part)]
    return replace(
        review,
        problems=_stack([_phone_problems(code, values), review.problems], PROBLEM_COLUMNS),
        sendable=sendable,
        sent_before=pd.concat(told) if told else review.sent_before,
    )


def by_kind(cells: pd.DataFrame) -> pd.Series:
    """Cells of `Review.changes` or `Review.kept` by kind of cleaning, most first."""
    together = (
        cells["kind"].value_counts().rename_axis("kind").reset_index()
    )  # few: split these, not every cell
    single = together.assign(kind=together["kind"].str.split("+")).explode("kind")
    return single.groupby("kind", sort=False)["count"].sum().sort_values(ascending=False, kind="stable")


def _storable(contacts: pd.DataFrame) -> pd.DataFrame:
    """Arrow text throughout, nothing missing: a cell that was cleared in a grid arrives as None and is empty.

    A lone surrogate has no UTF-8 form; it becomes U+FFFD, which is a problem of its own.
    """
    odd = [name for name, values in contacts.items() if getattr(values.dtype, "storage", "") != "pyarrow"]
    missing = [name for name, values in contacts.items() if values.hasnans]
    mended = {str(name): _mended(contacts[name].fillna("")) for name in {*odd, *missing}}
    return contacts.assign(**mended) if mended else contacts


def _mended(values: pd.Series) -> pd.Series:
    # Through UTF-16 two surrogates that belong together become the one character they spell.
    texts = [text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace") for text in values]
    return pd.Series(texts, index=values.index, dtype="str")


@cache
def _rule(name: str, encryption: bool, practice: bool, rules: tuple[str, ...] = ()) -> CleaningRule:
    if encryption and name in _ENCRYPTED_RULES:
        return _ENCRYPTED_RULES[name]
    if practice and name == "phone":
        return PRACTICE_PHONE
    if component_id(name) is not None:
        return rule_of(rules)
    known = BY_NAME[name]
    return _KIND_RULES.get(known.kind) or text_rule(known.sane_length, _ABSENCES.get(name, Absence.LEFT_OUT))


def _clean_columns(
    contacts: pd.DataFrame,
    options: Switches,
    practice: bool,
    keep: Set[str],
    rules: Mapping[str, tuple[str, ...]],
) -> tuple[pd.DataFrame, list[pd.DataFrame], list[pd.DataFrame], list[pd.DataFrame]]:
    """Cleaned contacts with "sort" filled in; frames of problems, changes and kept cells per column that has any."""
    columns, problems, changes, kept = {}, [], [], []
    for name in contacts.columns:
        columns[name], told = clean(
            contacts[name], _rule(name, options.encryption, practice, rules.get(name, ()))
        )
        if told is None:
            continue
        told = told.assign(row=told.index.astype("int64"), field=name)
        if (stays := is_kept(told, keep)).any():
            kept.append(told.loc[stays, list(CHANGE_COLUMNS)])
            told = as_it_stood(told, stays, name, encryption=options.encryption)
            columns[name] = columns[name].mask(
                stays.reindex(contacts.index, fill_value=False), contacts[name]
            )
        problems.append(_with_severity(told[told["code"].ne("")].rename(columns={"before": "value"})))
        changes.append(told.loc[told["before"].ne(told["after"]), list(CHANGE_COLUMNS)])
    if "phone" not in columns:
        problems.append(
            _phone_problems(ProblemCode.PHONE_MISSING, pd.Series("", index=contacts.index, dtype="str"))
        )
    default = BY_NAME["sort"].default
    sort = columns.get("sort", pd.Series(default, index=contacts.index, dtype="str"))
    columns["sort"] = sort.mask(sort.eq(""), default)
    return pd.DataFrame(columns, index=contacts.index), problems, changes, kept


def _phone_problems(code: ProblemCode, values: pd.Series, suggestion: pd.Series | str = "") -> pd.DataFrame:
    """The same problem of the phone for all these rows; values: what stands there, by row."""
    rows = pd.DataFrame(
        {"row": values.index.astype("int64"), "field": "phone", "code": code.value, "value": values}
    )
    return _with_severity(rows.assign(suggestion=suggestion))


def _missing(cleaned: pd.DataFrame, rules: Mapping[str, tuple[str, ...]]) -> list[pd.DataFrame]:
    """One frame per component that the platform requires and that is empty in some rows."""
    found = []
    for name in (name for name, given in rules.items() if name in cleaned.columns and is_required(given)):
        empty = cleaned.index[cleaned[name].eq("")]
        rows = pd.DataFrame(
            {"row": empty.astype("int64"), "field": name, "code": ProblemCode.COMPONENT_MISSING.value}
        )
        found.append(_with_severity(rows.assign(value="", suggestion="")))
    return found


def _lost_digits(cleaned: pd.DataFrame) -> list[pd.DataFrame]:
    """One frame per column of any text in which digits are missing; the other kinds have their own word for it."""
    found = []
    for name in (
        name for name in cleaned.columns if name not in BY_NAME or BY_NAME[name].kind not in _KIND_RULES
    ):
        values = cleaned.loc[has_lost_digits(cleaned[name]), name]
        rows = pd.DataFrame(
            {
                "row": values.index.astype("int64"),
                "field": name,
                "code": ProblemCode.DIGITS_LOST.value,
                "value": values,
            }
        )
        found.append(_with_severity(rows.assign(suggestion="")))
    return found


def _with_severity(problems: pd.DataFrame) -> pd.DataFrame:
    severity = problems["code"].map({code.value: severity.value for code, severity in SEVERITY.items()})
    return problems.assign(severity=severity)[list(PROBLEM_COLUMNS)]


def _stack(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    """One frame in the order of the rows; within a row in the order of the frames."""
    dtypes = {name: "int64" if name == "row" else "str" for name in columns}
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame(columns=list(columns)).astype(dtypes)
    return pd.concat(filled).astype(dtypes).sort_values("row", kind="stable", ignore_index=True)


def _error_rows(problems: list[pd.DataFrame], name: str | None = None) -> set[int]:
    """Rows with an error, in one column or in any."""
    wanted = (frame if name is None else frame[frame["field"].eq(name)] for frame in problems)
    return {row for frame in wanted for row in frame.loc[frame["severity"].eq(Severity.ERROR.value), "row"]}


def compared_numbers(review: Review) -> pd.Series:
    """By row, what makes two rows the same number; where the phone has an error, the cell as it stands."""
    return _as_cleaned(review.contacts["phone"], [review.kept] if len(review.kept) else [])


def clean_numbers(phones: pd.Series, options: Switches) -> pd.Series:
    """What `compared_numbers` will say of these cells, as mapped, once they are checked."""
    mended = _storable(phones.to_frame("phone"))["phone"]
    return clean(mended, _rule("phone", options.encryption, False)).values  # practice changes warnings only


def _numbers(cleaned: pd.DataFrame, problems: list[pd.DataFrame]) -> pd.Series:
    """The numbers that could be dialled, by row."""
    if "phone" not in cleaned.columns:
        return pd.Series(dtype="str")
    return cleaned.loc[~cleaned.index.isin(_error_rows(problems, "phone")), "phone"]


def _as_cleaned(phones: pd.Series, kept: list[pd.DataFrame]) -> pd.Series:
    """The numbers with kept ones as cleaning wrote them: +86130… is the same person as 130…"""
    for frame in kept:
        made = frame[frame["field"].eq("phone")].set_index("row")["after"]
        phones = phones.mask(phones.index.isin(made.index), made.reindex(phones.index))
    return phones


def _texts(known: pd.DataFrame | pd.Series) -> pd.Series:
    """phone → text, in whichever form `check` takes it."""
    if isinstance(known, pd.DataFrame):
        return (known.set_index("phone") if "phone" in known.columns else known).iloc[:, 0]
    return known


def _repeats(contacts: pd.DataFrame, shared: pd.Series, bad: set[int]) -> pd.DataFrame:
    """Every row whose number another row keeps. shared: by row, numbers that stand in more than one row.

    The first row without an error keeps it; where all have one, the first row, which then waits for its own error only.
    """
    rows = pd.DataFrame({"phone": shared, "row": shared.index, "bad": shared.index.isin(bad)})
    rows = rows.sort_values(["bad", "row"])
    keeper = rows.groupby("phone")["row"].transform("first")
    repeated = keeper[keeper.ne(rows["row"])]
    return _phone_problems(
        ProblemCode.PHONE_REPEATED, contacts.loc[repeated.index, "phone"], repeated.astype("str")
    )
