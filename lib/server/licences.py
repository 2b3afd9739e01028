"""Under which licence each installed package that the app stands on may be used, read from the package itself."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata

from packaging.requirements import Requirement

_CLASSIFIER = "License :: OSI Approved :: "

#: Older ways to say it → SPDX.
_SPDX = {
    "mit license": "MIT",
    "bsd license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "apache software license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}

#: What a desk on somebody's own computer may stand on without further thought. MPL asks only that its own files stay open.
USABLE = frozenset(
    {
        "MIT",
        "MIT-0",
        "MIT-CMU",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "Apache-2.0",
        "PSF-2.0",
        "0BSD",
        "ISC",
        "HPND",
        "Zlib",
        "Unlicense",
        "CC0-1.0",
        "MPL-2.0",
    }
)

#: Packages that ask for one thing: that they be used as they come, and can be replaced by another build. An import does both.
UNCHANGED = {"psycopg": "LGPL-3.0-only", "psycopg-binary": "LGPL-3.0-only"}

#: Characters of a text that still is the name of a licence and not the licence.
_LONGEST = 60


@dataclass(frozen=True)
class InstalledPackage:
    """One installed package. licence: an SPDX expression, or the package's own words; "" where it says nothing."""

    name: str
    version: str
    licence: str


def installed(required: Iterable[str]) -> list[InstalledPackage]:
    """The packages of these lines of a requirements file, and whatever they need on this system, by name."""
    wanted = [(Requirement(text), {""}) for line in required if (text := line.partition("#")[0].strip())]
    found: dict[str, InstalledPackage] = {}
    seen: set[tuple[str, frozenset[str]]] = set()
    while wanted:
        one, asked = wanted.pop()
        name, extras = canonical(one.name), frozenset(one.extras)
        is_meant = one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in asked)
        if not is_meant or (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue  # the self-check tells what is missing
        found[name] = InstalledPackage(name, package.version, licence_of(package.metadata))
        wanted += [(Requirement(text), {"", *extras}) for text in package.requires or ()]
    return sorted(found.values(), key=lambda package: package.name)


def canonical(name: str) -> str:
    """A package's name as indexes spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def licence_of(told: metadata.PackageMetadata) -> str:
    """The expression of today's metadata, else the classifiers, else a short text of the old field."""
    if expression := told.get_all("License-Expression", [""])[0]:
        return str(expression)
    classifiers = [
        text.removeprefix(_CLASSIFIER)
        for text in told.get_all("Classifier") or ()
        if text.startswith(_CLASSIFIER)
    ]
    said = classifiers or [str(told.get_all("License", [""])[0] or "").strip()]
    short = [text for text in said if text and len(text) <= _LONGEST and "\n" not in text]
    return " AND ".join(_SPDX.get(text.lower(), text) for text in short)


def is_usable(licence: str) -> bool:
    """Whether each part of the expression, or one of each choice, is a licence known to ask nothing of the app."""
    choices = [part.strip(" ()") for part in re.split(r"\sOR\s", licence)]
    return any(
        all(each.strip(" ()") in USABLE for each in re.split(r"\sAND\s", choice))
        for choice in choices
        if choice
    )
