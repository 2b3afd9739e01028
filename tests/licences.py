"""`python -m tests.licences` writes `.locks/licences.txt`: every package of the lock with its licence.

Of a package that is not installed on this system the line that stands there is kept; a new one is written with "?".
"""

import re
from importlib import metadata
from pathlib import Path

from lib.server.licences import canonical, installed

ROOT = Path(__file__).resolve().parent.parent
LOCK, LISTED, REQUIRED = (
    ROOT / ".locks" / "requirements.lock",
    ROOT / ".locks" / "licences.txt",
    ROOT / "requirements.txt",
)


def locked() -> dict[str, list[str]]:
    """Package → its versions in the lock: another one for another system or Python."""
    found: dict[str, list[str]] = {}
    for name, version in re.findall(
        r"^([\w.-]+)(?:\[[^]]*\])?==([^ ;\\]+)", LOCK.read_text("utf-8"), re.MULTILINE
    ):
        found.setdefault(canonical(name), []).append(version)
    return found


def listed() -> dict[str, str]:
    """Package → licence, as the file has it."""
    lines = LISTED.read_text("utf-8").splitlines() if LISTED.exists() else []
    return dict(line.split(maxsplit=1) for line in lines if line and not line.startswith("#"))


#: SPDX → words that stand in the text of that licence, in any case and however its lines are broken.
WORDS = {
    "MIT": "permission is hereby granted, free of charge, to any person",
    "MIT-0": "permission is hereby granted, free of charge, to any person",
    "MIT-CMU": "permission to use, copy, modify and distribute this software",
    "Apache-2.0": "apache license version 2.0",
    "BSD-2-Clause": "redistribution and use in source and binary forms",
    "BSD-3-Clause": "redistribution and use in source and binary forms",
    "PSF-2.0": "python software foundation license",
    "MPL-2.0": "mozilla public license",
    "LGPL-3.0-only": "gnu lesser general public license version 3",
    "0BSD": "permission to use, copy, modify, and/or distribute",
    "Zlib": "this software is provided 'as-is'",
    "CC0-1.0": "cc0 1.0",
}

#: Of these, and of what they bring along, a copyleft licence is the heading of a text.
COPYLEFT = re.compile(r"gnu (?:lesser |library |affero )?general public license version")

#: Files in which a package tells its licence.
_TEXTS = re.compile(r"licen[cs]e|copying|notice", re.IGNORECASE)


def text_of(name: str) -> str:
    """All that an installed package says about its licences in texts of its own, made `plain`; "" where it brings none."""
    files = metadata.distribution(name).files or ()
    own = [one for one in files if ".dist-info" in str(one) and _TEXTS.search(one.name)]
    texts = " ".join(one.read_text("utf-8") for one in own)
    return plain(texts)


def plain(text: str) -> str:
    """A text without what differs from one copy of a licence to the next: breaks of lines, commas, signs of comments."""
    return re.sub(r"[\s,#*]+", " ", text.lower())


def main() -> None:
    """Write the file anew."""
    here = {package.name: package.licence for package in installed(REQUIRED.read_text("utf-8").splitlines())}
    before = listed()
    lines = [f"{name:<28}{here.get(name) or before.get(name, '?')}" for name in sorted(locked())]
    LISTED.write_text(
        "\n".join(
            ["# Licence of every package of the lock, written by `python -m tests.licences`.", *lines, ""]
        ),
        "utf-8",
    )


if __name__ == "__main__":
    main()
