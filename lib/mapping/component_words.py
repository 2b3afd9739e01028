"""The platform's type and rules of a component in a person's words; what nobody documents stands as it is spelled."""

from collections.abc import Sequence

from lib.contact.component_rules import KNOWN_RULES
from lib.words import t

#: Types the manual shows.
KNOWN_TYPES = ("text", "number", "date")


def describe_rules(kind: str, rules: Sequence[str], lang: str) -> str:
    """Type and rules in one line, "" where there are none.

    kind: the type as the platform spells it, "" for none
    rules: as the platform spells them, in its order; one said twice is told once
    lang: one of `lib.words.LANGUAGES`
    """
    words = [t(f"component_type.{kind}", lang) if kind in KNOWN_TYPES else kind]
    words += [t(f"rule.{rule}", lang) if rule in KNOWN_RULES else rule for rule in rules]
    return t("components.join", lang).join(dict.fromkeys(filter(None, words)))
