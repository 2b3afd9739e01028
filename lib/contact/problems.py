"""Everything that can be wrong with a contact, one entry each. Codes are stable; words live in the locales.

The sentence of a code is `problem.<code>` in `lib.words`, the one-line instruction of its group `problem.<code>.fix`.
"""

from enum import StrEnum


class Severity(StrEnum):
    """An error keeps the row back, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class ProblemCode(StrEnum):
    """What is wrong with a value, or with a row."""

    PHONE_MISSING = "phone_missing"
    PHONE_LOST_DIGITS = "phone_lost_digits"  # 1.30E+10: the spreadsheet has thrown digits away; never padded
    PHONE_TOO_SHORT = "phone_too_short"
    PHONE_TOO_LONG = "phone_too_long"
    PHONE_SEVERAL = "phone_several"  # two numbers in one cell
    PHONE_TEXT = "phone_text"  # letters or words in it
    PHONE_IMPLAUSIBLE = "phone_implausible"  # right length, no such numbering
    PHONE_REPEATED = "phone_repeated"  # suggestion column holds the row number of the first
    PHONE_LANDLINE = "phone_landline"
    PHONE_SERVICE_NUMBER = "phone_service_number"  # 400…, 800…, 95…, 96…
    PHONE_FOREIGN = "phone_foreign"  # +852 …, +1 …: nothing documented
    PHONE_UNASSIGNED = "phone_unassigned"  # a range, area code or country code that nobody has been given
    PHONE_IOT = "phone_iot"  # a machine's number
    PHONE_SATELLITE = "phone_satellite"
    PHONE_SUFFIXED = "phone_suffixed"  # 13012121211_x9k2: the platform's way round its refusal of repeats
    PHONE_UNCHECKED = "phone_unchecked"  # encryption on and not a number: cannot be checked
    PHONE_KEPT = "phone_kept"  # +86…, kept as it stood by the person's choice
    VALUE_KEPT = "value_kept"  # kept as it stood by the person's choice, and so cannot be sent
    EMAIL_INVALID = "email_invalid"
    SEX_UNKNOWN_WORD = "sex_unknown_word"
    INTEGER_INVALID = "integer_invalid"
    COMPONENT_MISSING = "component_missing"  # empty, and the platform's rule says required
    COMPONENT_NOT_INTEGER = "component_not_integer"
    DATE_INVALID = "date_invalid"
    DATE_AMBIGUOUS = "date_ambiguous"  # 03/04/2026: the day or the month first
    TEXT_LONG = "text_long"
    TEXT_TOO_LONG = "text_too_long"
    TEXT_BROKEN = "text_broken"  # lone surrogate or a replacement character: damaged before it reached us
    TEXT_MISREAD = "text_misread"  # UTF-8 that was read as something else; suggestion: what it says
    TEXT_NOTHING = "text_nothing"  # NULL, nan, ??: a word for nothing where a name should be
    DIGITS_LOST = "digits_lost"  # 4.40106E+17 in a field of text: as phone_lost_digits
    ALREADY_SENT = "already_sent"  # to this task
    SENT_ELSEWHERE = "sent_elsewhere"  # to another task, within the days that were chosen
    SENT_AGAIN = "sent_again"  # either of them, and the person wants it sent all the same
    DO_NOT_CALL = "do_not_call"


#: Why a row of a run is held back that has nothing wrong with it: its number was deleted on request.
NUMBER_DELETED = "number_deleted"

SEVERITY: dict[ProblemCode, Severity] = {
    code: Severity.WARNING
    if code
    in {
        ProblemCode.PHONE_LANDLINE,
        ProblemCode.PHONE_SERVICE_NUMBER,
        ProblemCode.PHONE_FOREIGN,
        ProblemCode.PHONE_UNASSIGNED,
        ProblemCode.PHONE_IOT,
        ProblemCode.PHONE_SATELLITE,
        ProblemCode.PHONE_SUFFIXED,
        ProblemCode.PHONE_KEPT,
        ProblemCode.PHONE_UNCHECKED,
        ProblemCode.TEXT_LONG,
        ProblemCode.TEXT_MISREAD,
        ProblemCode.TEXT_NOTHING,
        ProblemCode.DIGITS_LOST,
        ProblemCode.SENT_AGAIN,
    }
    else Severity.ERROR
    for code in ProblemCode
}


#: Warnings for which a platform might refuse a whole batch: such rows go last, in batches of their own. A number that
#: cannot be checked is not among them: where encryption is on it is what is expected. Nor is what a text says.
DOUBTFUL: frozenset[ProblemCode] = frozenset(
    code
    for code, severity in SEVERITY.items()
    if severity == Severity.WARNING
    and code
    not in (
        ProblemCode.PHONE_UNCHECKED,
        ProblemCode.TEXT_MISREAD,
        ProblemCode.TEXT_NOTHING,
        ProblemCode.DIGITS_LOST,
    )
)


class Change(StrEnum):
    """What cleaning did to a value; told before and after, never silent."""

    FULL_WIDTH = "full_width"
    SPACES = "spaces"
    INVISIBLE = "invisible"
    COUNTRY_CODE = "country_code"
    PUNCTUATION = "punctuation"
    DECIMAL = "decimal"  # a trailing .0
    APOSTROPHE = "apostrophe"
    SCIENTIFIC = "scientific"  # 1.3012121211E+10, exact
    TRUNK_ZERO = "trunk_zero"  # 013012121211
    PLACEHOLDER = "placeholder"  # 无, N/A, - in an optional field
    WORD = "word"  # 男 → 1
    DATE = "date"  # 2026/3/4 → 2026-03-04
