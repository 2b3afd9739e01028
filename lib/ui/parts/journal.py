"""Who did what, in plain words: names of people, and what a team did that belongs to no single submission."""

import streamlit as st

from lib.access.person_store import PersonStore
from lib.run.journal import LOCAL, Deed, JournalRecord
from lib.store.events import SENDER
from lib.ui import services
from lib.ui.words import moment, t

#: Lines shown.
SHOWN = 200

#: What a setting without a value is called.
_NOTHING = ("None", "0", "0.0")


def name(who: str) -> str:
    """What a person recorded under this id is called; the program and the one person of a desk without sign-in have words."""
    if who in (LOCAL, SENDER):
        return t(f"who.{who}")
    return services.administration().people.name_of(who) if who else t("who.other_team")


def lines(store: PersonStore) -> None:
    """The latest lines, as plain text: names and files are other people's words."""
    st.caption(t("journal.means"))
    found = store.journal.latest(SHOWN)
    if found:
        st.text("\n".join(f"{moment(line.at)}  {_who(line)}  {_sentence(line)}" for line in found))
    else:
        st.info(t("journal.empty"))


def _who(line: JournalRecord) -> str:
    """Somebody who was turned away only claims to be somebody: no name of ours is put to it."""
    return line.who if line.deed == Deed.REFUSED else name(line.who)


def _sentence(line: JournalRecord) -> str:
    """What was done."""
    if line.deed == Deed.REFUSED:
        return t(f"deed.{line.deed}", why=t(f"refused.{line.code}"))
    if line.deed == Deed.SETTING_CHANGED:
        before, after = (
            t("setting.none") if value in _NOTHING else value for value in line.code.split("/", 1)
        )
        return t(f"deed.{line.deed}", name=t(f"setting.{line.about}"), before=before, after=after)
    if line.deed in (Deed.DO_NOT_CALL_ADDED, Deed.DO_NOT_CALL_REMOVED, Deed.DO_NOT_CALL_CLEARED):
        return t(f"deed.{line.deed}", count=int(line.code), source=line.about or t("dnc.paste_source"))
    if line.deed == Deed.CONNECTION_CHANGED:
        fields = t("journal.join").join(_value(one) for one in line.code.split(","))
        return t(f"deed.{line.deed}", name=line.about or t("practice.name"), fields=fields)
    return t(f"deed.{line.deed}", name=line.about or t("practice.name"))


def _value(field: str) -> str:
    """What a value of a connection is called."""
    is_option = field in ("ignore_crm", "number_add_suffix", "encryption")
    return t(f"option.{field}" if is_option else f"connection.{field}")
