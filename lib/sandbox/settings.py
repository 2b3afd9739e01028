"""How the practice platform behaves: every switch, where it may stand, and the one door through which it is changed.

The command line, `running(…)` and `POST /_control` all come through `SandboxSettings.changed`.
"""

import ipaddress
import math
import random
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlsplit

#: Token of a practice platform that was given none.
DEFAULT_TOKEN = "practice"


class Repeats(StrEnum):
    """What happens to a number that is there already; the page only says that it cannot be imported."""

    ROW = "row"  # left out silently, the rest is accepted
    BATCH = "batch"  # the whole request is refused
    ACCEPT = "accept"  # taken again


class ResultShape(StrEnum):
    """How `identification/{unique_id}` tells of a batch; its answer is documented nowhere."""

    CALLBACK = "callback"  # the callback document, naming an address; what that gives is documented
    CALLBACK_NUMBERS = "callback_numbers"
    CALLBACK_HTTP = "callback_http"  # the address without https on another host, as in the manual's sample
    SINGLES = "singles"  # one callback document for each number
    FLAT_URL = "flat_url"
    FLAT_NUMBERS = "flat_numbers"
    OBJECTS = "objects"  # a list of {phone, …}
    BARE_LIST = "bare_list"
    NOTHING = "nothing"  # success, and no data
    DELETED = "deleted"  # the callback of a deletion
    STRANGE = "strange"  # a shape nobody foresaw
    NOT_JSON = "not_json"
    MISSING = "missing"  # 404


class CallbackShape(StrEnum):
    """What is said when the platform calls back about a batch."""

    BATCH = "batch"  # one document, naming an address
    SINGLE = "single"  # one document for each number
    FORGED = "forged"  # about a batch that does not exist, naming an address that must not be fetched
    LURED = "lured"  # about this batch, naming an address that must not be fetched
    DELETED = "deleted"  # the callback of a deletion
    STRANGE = "strange"  # a shape nobody foresaw, the batch's id somewhere in it
    TEXT = "text"  # no document, and no id
    HUGE = "huge"


class CallbackMethod(StrEnum):
    """How it is called; documented nowhere."""

    JSON = "json"  # POST of JSON
    FORM = "form"  # POST of a form
    QUERY = "query"  # GET


class SettingError(ValueError):
    """A switch that does not exist, or stands where it cannot."""


@dataclass(frozen=True)
class FaultRule:
    """One `NAME`, `NAME:SHARE` or `NAME@N`: which fault, and at which of the requests it concerns."""

    name: str
    share: float = 1.0
    only: int | None = None

    @classmethod
    def parse(cls, text: str, known: frozenset[str]) -> Self:
        """Raises SettingError for a name outside `known`, a share outside 0..1, an N below 1."""
        name, at, number = text.partition("@")
        name, colon, share = name.partition(":")
        if name not in known:
            raise SettingError(f"no fault is called {name!r}")
        try:
            rule = cls(name, float(share) if colon else 1.0, int(number) if at else None)
        except ValueError as error:
            raise SettingError(f"{text!r} is not NAME, NAME:SHARE or NAME@N") from error
        if not 0.0 <= rule.share <= 1.0 or (rule.only is not None and rule.only < 1):
            raise SettingError(f"{text!r}: a share lies between 0 and 1, N starts at 1")
        return rule

    def strikes(self, nth: int, seed: int) -> bool:
        """Whether the `nth` request meets the fault; the same for the same seed, in whatever order they arrive."""
        if self.only is not None and nth != self.only:
            return False
        return self.share >= 1.0 or random.Random(f"{seed}:{self.name}:{nth}").random() < self.share

    def __str__(self) -> str:
        share = f":{self.share:g}" if self.share < 1.0 else ""
        return self.name + share + (f"@{self.only}" if self.only is not None else "")


@dataclass(frozen=True)
class SandboxSettings:
    """Every switch. Times are seconds, except `latency_ms`, which is the command line's own unit.

    latency_ms: before every answer. slow_seconds, drip_seconds, late_seconds, hang_seconds: how long the faults of that
    name take (drip: between two bytes). import_seconds: from accepted to visible in the lists.
    check_components: whether component ids must exist and required ones be there (nothing is documented).
    variants: ways to answer the look-ups whose answers are not documented, by their names in `lib.sandbox.variants`.
    refuse_every: of so many rows of a batch the last is silently not imported (25: 20 of 500), 0 for none; called_every:
    of so many numbers of a task the last has been called. mask_numbers: lists hide the middle of every number.
    callback_url: an address on this machine that is called after each import, "" for none; callback_shape, callback_method: how.
    words: what the platform says instead of its own messages and names, in turn; see `lib.sandbox.words`.
    half_characters: every one of them ends in half a character, which JSON can carry and UTF-8 cannot.
    """

    token: str = DEFAULT_TOKEN
    faults: tuple[FaultRule, ...] = ()
    latency_ms: float = 0.0
    repeats: Repeats = Repeats.ROW
    seed: int = 0
    slow_seconds: float = 3.0
    drip_seconds: float = 0.2
    late_seconds: float = 2.0
    hang_seconds: float = 300.0
    import_seconds: float = 0.0
    check_components: bool = False
    variants: tuple[str, ...] = ()
    refuse_every: int = 0
    called_every: int = 0
    mask_numbers: bool = False
    result_shape: ResultShape = ResultShape.CALLBACK
    callback_url: str = ""
    callback_shape: CallbackShape = CallbackShape.BATCH
    callback_method: CallbackMethod = CallbackMethod.JSON
    words: tuple[str, ...] = ()
    half_characters: bool = False

    def changed(
        self, changes: dict[str, Any], known: frozenset[str], variants: frozenset[str] = frozenset()
    ) -> Self:
        """A copy with some switches changed. Raises SettingError and changes nothing where one is wrong.

        changes: switch → value as JSON has it, faults as texts (`NAME@N`); a switch that is not named stays as it is
        known: names that a fault may have
        variants: names that a variant may have; without any every variant is refused
        """
        strangers = changes.keys() - {entry.name for entry in fields(self)}
        if strangers:
            raise SettingError(f"no switch is called {', '.join(sorted(strangers))}")
        named = changes.get("variants", ())
        if not isinstance(named, list | tuple) or not variants.issuperset(map(str, named)):
            raise SettingError(f"no list of variants: {named!r}")
        return replace(self, **{name: self._value(name, value, known) for name, value in changes.items()})

    def shown(self) -> dict[str, Any]:
        """The switches as JSON, without the token and the address of callbacks, which holds a secret; of the words only how many."""
        shown = asdict(self) | {"faults": [str(rule) for rule in self.faults], "words": len(self.words)}
        del shown["token"], shown["callback_url"]
        return shown

    def _value(self, name: str, value: Any, known: frozenset[str]) -> Any:
        if name == "faults" and isinstance(value, list | tuple):
            return tuple(FaultRule.parse(str(text), known) for text in value)
        if name == "variants" or (name == "words" and _is_texts(value)):
            return tuple(map(str, value))
        if name in _WORDS and value in list(_WORDS[name]):
            return _WORDS[name](value)
        if name == "callback_url" and isinstance(value, str) and (not value or _is_here(value)):
            return value
        if name == "token" and isinstance(value, str) and value:
            return value
        if name in ("check_components", "mask_numbers", "half_characters") and isinstance(value, bool):
            return value
        if name == "seed" and isinstance(value, int) and not isinstance(value, bool):
            return value
        if name.endswith("_every") and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        if name.endswith(("_ms", "_seconds")) and _is_duration(value):
            return float(value)
        raise SettingError(f"{name} cannot be {type(value).__name__} of that kind")


#: Switches that hold one word.
_WORDS: dict[str, type[StrEnum]] = {
    "repeats": Repeats,
    "result_shape": ResultShape,
    "callback_shape": CallbackShape,
    "callback_method": CallbackMethod,
}


def is_loopback(host: str) -> bool:
    """Whether this is a number of this machine, and no name that could be another's."""
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


def _is_here(address: str) -> bool:
    """Whether an address is plain HTTP on this machine."""
    try:
        parts = urlsplit(address)
        is_plain = (
            parts.scheme == "http" and "@" not in parts.netloc and parts.port != 0 and address.isascii()
        )
    except ValueError:
        return False
    return is_plain and address.isprintable() and " " not in address and is_loopback(parts.hostname or "")


def _is_duration(value: Any) -> bool:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    )


def _is_texts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)
