"""Digits laid into the places that a section of a number format has for them. Parsing process only."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

#: A context that rounds nothing of what a format adds.
_CONTEXT = Context(prec=2_000, rounding=ROUND_HALF_UP)
#: What fills a place that no digit is left for; the first is taken out again.
_FILL = {"#": "\0", "0": "0", "?": " "}


@dataclass(frozen=True)
class Sign:
    """One part of a section. kind: "digit" (0 # ?), "point", "comma", "percent", "text", "general", "date" or "elapsed"."""

    kind: str
    text: str


class Layout:
    """The places of one section: before the point in runs of places with the text before each, behind it one by one."""

    def __init__(self, signs: list[Sign]) -> None:
        at = next((index for index, sign in enumerate(signs) if sign.kind == "point"), len(signs))
        self._runs, self._tail = _runs(signs[:at])
        self._behind = signs[at:]
        self._fill = "".join(_FILL[sign.text] for sign in signs[:at] if sign.kind == "digit")
        before, behind = (
            "".join(sign.text for sign in part if sign.kind in ("digit", "comma"))
            for part in (signs[:at], signs[at:])
        )
        self._is_grouped = len(self._runs) == 1 and "," in before.strip(",")
        self._places = [sign.text for sign in self._behind if sign.kind == "digit"]
        self._step = Decimal(1).scaleb(-len(self._places), _CONTEXT)
        # each comma behind the last place leaves out three digits
        left_out = sum(len(part) - len(part.rstrip(",")) for part in (before, behind))
        self._power = 2 * sum(sign.kind == "percent" for sign in signs) - 3 * left_out
        self._usual = self._usual_edges()
        #: Whether a whole number shows its own digits, with noughts before and words between them at most.
        self.is_whole = not (self._behind or self._power or self._is_grouped) and set(self._fill) == {"0"}

    def _usual_edges(self) -> tuple[str, str, str] | None:
        """Prefix, Python's own format and suffix, where the digits stand together, at least one of them before the point."""
        after = self._behind[len(self._places) + 1 :]
        together = all(sign.kind in ("point", "digit") for sign in self._behind[: len(self._places) + 1])
        if len(self._runs) != 1 or self._fill.strip("\0") != "0" or set(self._places) - {"0"} or not together:
            return None
        if any(sign.kind == "comma" for sign in after):
            return None
        words = self._tail + "".join(sign.text for sign in after)
        return self._runs[0][0], ",f" if self._is_grouped else "f", words

    def whole(self, digits: str) -> str:
        """The text of a whole number, if `is_whole`; digits: without a leading nought."""
        return self._before_point(digits)

    @property
    def has_places(self) -> bool:
        """Whether digits are shown at all."""
        return bool(self._fill or self._places)

    def text(self, value: Decimal) -> str:
        """The text of a number of at most 28 digits, without its sign."""
        amount = value.copy_abs()
        if self._power:
            amount = amount.scaleb(self._power, _CONTEXT)
        amount = amount.quantize(self._step, context=_CONTEXT)
        if self._usual:
            prefix, form, suffix = self._usual
            return f"{prefix}{amount:{form}}{suffix}"
        whole, _, fraction = f"{amount:f}".partition(".")
        return self._before_point(whole.lstrip("0")) + self._behind_point(fraction)

    def _before_point(self, digits: str) -> str:
        """Digits go into their places from the right; the first place takes what is left over."""
        if len(digits) < len(self._fill):
            digits = self._fill[: len(self._fill) - len(digits)] + digits
        if self._is_grouped:
            return self._runs[0][0] + _grouped(digits.replace("\0", "")) + self._tail
        if not self._runs:
            return self._tail + (digits if self._places else "")
        if len(self._runs) == 1:
            return self._runs[0][0] + digits.replace("\0", "") + self._tail
        texts: list[str] = []
        at, end = 0, len(digits) - len(self._fill)
        for text, places in self._runs:
            end += places
            texts += text, digits[at:end]
            at = end
        return "".join(texts).replace("\0", "") + self._tail

    def _behind_point(self, digits: str) -> str:
        """The point, and the digits behind it without the noughts that no place asks for."""
        if not self._behind:
            return ""
        left = len(self._places)
        while left and self._places[left - 1] != "0" and digits[left - 1] == "0":
            left -= 1
        texts, at = [], 0
        for sign in self._behind:
            if sign.kind == "digit":
                texts.append(digits[at] if at < left else "")
                at += 1
            elif sign.kind == "point":
                texts.append("." if left else "")
            elif sign.kind != "comma":
                texts.append(sign.text)
        return "".join(texts)


def _runs(signs: list[Sign]) -> tuple[list[tuple[str, int]], str]:
    """(text, places behind it) from left to right, and the text behind the last place."""
    runs: list[tuple[str, int]] = []
    text = ""
    for sign in signs:
        if sign.kind == "digit" and runs and not text:
            runs[-1] = runs[-1][0], runs[-1][1] + 1
        elif sign.kind == "digit":
            runs.append((text, 1))
            text = ""
        elif sign.kind != "comma":
            text += sign.text
    return runs, text


def _grouped(digits: str) -> str:
    head = len(digits) % 3 or 3
    return (
        ",".join((digits[:head], *(digits[at : at + 3] for at in range(head, len(digits), 3))))
        if digits
        else ""
    )
