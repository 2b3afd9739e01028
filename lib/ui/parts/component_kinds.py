"""Which components are judged and sent as dates, or as whole numbers: said before anything goes."""

from lib.contact.component_rules import RULE_OF_KIND
from lib.draft import Draft
from lib.mapping import components
from lib.ui.parts import column_titles
from lib.ui.words import plain, t


def lines(draft: Draft) -> list[str]:
    """A sentence for each kind there is, harmless in Markdown."""
    found = {kind: components.of_kind(draft.component_rows, kind) for kind in RULE_OF_KIND}
    return [
        t(
            f"components.as_{kind}",
            names=plain(t("components.join").join(column_titles.titles(draft, columns).values())),
        )
        for kind, columns in found.items()
        if columns
    ]
