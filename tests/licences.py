"""`python -m tests.licences` writes `.locks/licences.txt`: every package of the lock with its licence.

Of a package that is not installed on this system the line that stands there is kept; a new one is written with "?".
"""

import re
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
