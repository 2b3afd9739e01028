"""What the columns of contacts are called on screen."""

from collections.abc import Iterable
from itertools import count

from lib.contact.fields import component_id
from lib.draft import Draft
from lib.ui.words import t


def titles(draft: Draft, columns: Iterable[str]) -> dict[str, str]:
    """What contacts columns are called on screen, each once: the field, or the person's own name of the component."""
    found: dict[str, str] = {}
    used = ours()
    for column in columns:
        component = component_id(column)
        title = t(f"field.{column}.label") if component is None else draft.component_label(component)
        found[column] = unused(title or t("field.component.label"), used)
        used.add(found[column])
    return found


def ours() -> set[str]:
    """What the grid's own columns are called."""
    return {t("grid.row"), t("fixing.pick"), t("grid.goes"), t("grid.status")}


def unused(title: str, used: set[str]) -> str:
    """The title, numbered where it is taken: a person may call a component what a column of ours is called."""
    numbered = (f"{title} ({at})" for at in count(2))
    return title if title not in used else next(one for one in numbered if one not in used)
