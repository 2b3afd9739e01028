"""`python -m tests.words`: every sentence the app can say, with where it is said, as a table to be read aloud (CSV)."""

import ast
import csv
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from lib.words import LANGUAGES, words

ROOT = Path(__file__).resolve().parents[1]


def _sources() -> Iterator[Path]:
    yield from (path for path in (ROOT / "lib").rglob("*.py") if path.parent.name not in LANGUAGES)
    yield from (ROOT / "pages").glob("*.py")


def _asked(path: Path) -> tuple[set[str], list[re.Pattern[str]]]:
    """Keys a module writes out, and patterns of those it builds."""
    written: set[str] = set()
    built: list[re.Pattern[str]] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            written.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = [
                re.escape(str(one.value)) if isinstance(one, ast.Constant) else r"[\w.]+"
                for one in node.values
            ]
            if any(isinstance(one, ast.Constant) and "." in str(one.value) for one in node.values):
                built.append(re.compile("".join(parts)))
    return written, built


def places() -> dict[str, list[str]]:
    """Key → the modules that say it: the ones that write the key out, else the ones that build it."""
    asked = {path.relative_to(ROOT).as_posix(): _asked(path) for path in sorted(_sources())}
    found = {}
    for key in words("zh"):
        written = [name for name, (keys, _) in asked.items() if key in keys]
        found[key] = written or [
            name for name, (_, built) in asked.items() if any(one.fullmatch(key) for one in built)
        ]
    return found


def main() -> int:
    """Write the table to standard output."""
    table = csv.writer(sys.stdout)
    table.writerow(["key", "said by", *LANGUAGES])
    for key, said_by in places().items():
        sentences = [words(lang)[key] for lang in LANGUAGES]
        table.writerow(
            [
                key,
                " ".join(said_by),
                *(" | ".join(one.values()) if isinstance(one, dict) else one for one in sentences),
            ]
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
