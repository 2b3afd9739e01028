"""Who works at the desk and what each may do. Pure: whoever asks brings what the sign-in told and what the administrator wrote.

Without sign-in there is one person, `ALONE`, who may do everything. With it nobody comes in who is not on the list.
A role is asked for where something is done (each method says which action it is: `lib.store.permission`), not only where a
button is drawn: what a browser sends back can be forged.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lib.errors import NotAdmitted, NotAllowed
from lib.run.journal import LOCAL
from lib.store.permission import Action

#: Hours a sign-in holds where the administrator says nothing: a working day.
SESSION_HOURS = 12.0

#: Seconds another computer's clock may be ahead.
CLOCK_SKEW = 300.0

#: What stands for the batch number of another team's run: that it was, and nothing else about it.
OTHER_TEAM = "*"

#: What a subject stands behind in the administrator's list.
SUBJECT = "sub:"

#: The name Streamlit gives a provider that has none of its own.
UNNAMED_PROVIDER = "default"


class Role(StrEnum):
    """What a person is here for; the word is `role.<value>`."""

    OPERATOR = "operator"  # prepares, sends, decides
    VIEWER = "viewer"  # looks, and takes masked exports


_MAY: Mapping[Role, frozenset[Action]] = {
    Role.OPERATOR: frozenset(Action),
    Role.VIEWER: frozenset({Action.LOOK}),
}


@dataclass(frozen=True)
class Person:
    """Who acts. id: what is recorded, "person" without sign-in; team: "" for the one that has no name.

    name: what the administrator calls them, "" for nothing. is_heir: what was made before there was sign-in is theirs,
    and their team's. is_alone: nobody signs in here. login: which sign-in this is, "" without.
    """

    id: str
    role: Role
    team: str = ""
    name: str = ""
    is_heir: bool = False
    is_alone: bool = False
    login: str = field(default="", repr=False)

    @property
    def owners(self) -> tuple[str, ...]:
        """Whose drafts are this person's. Drafts of nobody stay nobody's, unless they were inherited."""
        if self.is_alone:
            return ("",)
        return (self.id, "") if self.is_heir else (self.id,)

    @property
    def teams(self) -> tuple[str, ...] | None:
        """Whose runs this person sees; None: all of them."""
        if self.is_alone:
            return None
        return (self.team, "") if self.is_heir and self.team else (self.team,)

    @property
    def shown(self) -> str:
        """What others know this person by."""
        return self.name or self.id

    def sees(self, team: str) -> bool:
        """Whether what belongs to this team is this person's to see."""
        return self.teams is None or team in self.teams


#: The one person of a desk without sign-in.
ALONE = Person(LOCAL, Role.OPERATOR, is_alone=True)


def may(person: Person, action: Action) -> bool:
    """Whether this person's role allows it."""
    return action in _MAY[person.role]


def must(person: Person, action: Action) -> None:
    """Raises NotAllowed where this person's role does not allow it."""
    if not may(person, action):
        raise NotAllowed("role_not_enough")


# --- the administrator's list ------------------------------------------------------------------------------


@dataclass(frozen=True)
class RosterEntry:
    """One line of the administrator's list."""

    role: Role
    team: str = ""
    name: str = ""


@dataclass(frozen=True)
class People:
    """Everybody who may come in, by what `_key` makes of the name they stand under.

    hours: how long a sign-in holds. heir: key of the person to whom everything of before belongs, "" for nobody.
    mistaken: lines that say nothing we understand; whoever they were meant for stays outside.
    """

    listed: Mapping[str, RosterEntry] = field(default_factory=dict)
    hours: float = SESSION_HOURS
    heir: str = ""
    mistaken: tuple[str, ...] = ()

    def name_of(self, who: str) -> str:
        """What the administrator calls whoever was recorded under this id; the id itself where nothing is said."""
        found = self.listed.get(who)
        return found.name if found and found.name else who


def people(table: Mapping[str, Any], sign_in: Mapping[str, Any]) -> People:
    """From the tables `[people]` and `[sign_in]` of the administrator's file.

    `[people]`: e-mail, or "sub:" and the provider's subject → "operator" or "viewer", or {role, team, name}.
    `[sign_in]`: hours, heir. A line that cannot be understood lets nobody in.
    """
    keys = Counter(_key(str(who)) for who in table)
    read = {str(who): _listed(said) if _is_name(who, keys) else None for who, said in table.items()}
    mistaken = tuple(who for who, said in read.items() if said is None)
    hours, heir = sign_in.get("hours", SESSION_HOURS), sign_in.get("heir", "")
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not hours > 0:
        mistaken, hours = (*mistaken, "hours"), SESSION_HOURS
    listed = {_key(who): said for who, said in read.items() if said}
    return People(listed, float(hours), _key(str(heir)), mistaken)


def _is_name(who: str, keys: Mapping[str, int]) -> bool:
    """Whether this can name somebody, and nobody twice: two lines for one person would leave their role to chance."""
    key = _key(str(who))
    return keys[key] == 1 and ("@" in key or key.removeprefix(SUBJECT) not in ("", key))


def _listed(said: Any) -> RosterEntry | None:
    line = {"role": said} if isinstance(said, str) else said
    if not isinstance(line, Mapping) or line.keys() - {"role", "team", "name"}:
        return None
    texts = {key: value.strip() for key, value in line.items() if isinstance(value, str)}
    if len(texts) != len(line) or texts.get("role") not in set(Role):
        return None
    return RosterEntry(Role(texts["role"]), texts.get("team", ""), texts.get("name", ""))


def _key(who: str) -> str:
    """E-mail addresses do not care about case; a subject does. Letters that only look like ASCII stay what they are."""
    bare = who.strip()
    return bare if bare.startswith(SUBJECT) or not bare.isascii() else bare.lower()


# --- coming in ---------------------------------------------------------------------------------------------


def admitted(identity: Mapping[str, Any], known: People, now: float) -> Person:
    """The person behind an identity the provider has confirmed.

    Raises NotAdmitted: "signed_out", "identity_expired", "email_missing", "email_unverified", "not_listed". The token's
    own `exp` says until when it may be used to sign in (Authlib has looked); how long a visit lasts is `People.hours`.

    identity: what the sign-in told: the claims of its token, `is_logged_in` and the provider's name; {} for none
    known: the administrator's list, by subject first, else by e-mail address; and for how many hours a sign-in holds
    now: seconds since 1970, compared with when the token was issued
    """
    if identity.get("is_logged_in") is not True:
        raise NotAdmitted("signed_out")
    _must_be_fresh(identity, known.hours, now)
    key = subject(identity)
    if key not in known.listed:
        key = _email(identity)
    found = known.listed.get(key)
    if found is None:
        raise NotAdmitted("not_listed")
    return Person(
        key, found.role, found.team, found.name, is_heir=key == known.heir, login=login_of(identity)
    )


def _must_be_fresh(identity: Mapping[str, Any], hours: float, now: float) -> None:
    issued = identity.get("iat")
    first, last = now - hours * 3600, now + CLOCK_SKEW
    if not isinstance(issued, int | float) or isinstance(issued, bool) or not first < issued <= last:
        raise NotAdmitted("identity_expired")


def subject(identity: Mapping[str, Any]) -> str:
    """As the administrator writes it; of a provider with a name, behind that name: subjects are one provider's own."""
    provider = str(identity.get("provider") or UNNAMED_PROVIDER)
    inside = "" if provider == UNNAMED_PROVIDER else f"{provider}:"
    return f"{SUBJECT}{inside}{identity.get('sub')}" if identity.get("sub") else ""


def _email(identity: Mapping[str, Any]) -> str:
    """The e-mail address, if the provider vouches for it: anybody may type another's into their own account."""
    email = identity.get("email")
    if not isinstance(email, str) or "@" not in email or _key(email).startswith(SUBJECT):
        raise NotAdmitted("email_missing")
    if identity.get("email_verified") not in (True, "true"):
        raise NotAdmitted("email_unverified")
    return _key(email)


def claimed(identity: Mapping[str, Any]) -> str:
    """Whom an identity claims to be, for the record of a refusal; not proved."""
    email = identity.get("email")
    return email.strip() if isinstance(email, str) and email.strip() else subject(identity)


def login_of(identity: Mapping[str, Any]) -> str:
    """What tells this sign-in from every other, also of the same person; the same in every tab of the browser."""
    told = [str(identity.get(name, "")) for name in ("provider", "iss", "sub", "iat")]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]
