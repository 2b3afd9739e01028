"""Figures as tables for tests/bench/README.md, and two sets of figures beside each other."""

import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

#: Packages whose version changes what is measured.
_PACKAGES = ("streamlit", "pandas", "fastexcel", "SQLAlchemy")


def machine() -> dict[str, Any]:
    """When and on what this is measured."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in _PACKAGES},
    }


def line(facts: dict[str, Any]) -> str:
    """The machine in one line."""
    packages = ", ".join(f"{name} {facts[name]}" for name in _PACKAGES)
    return (
        f"{facts['date']} on {facts['cores']} cores, {facts['system']}, Python {facts['python']}, {packages}"
    )


def table(name: str, rows: list[dict[str, Any]]) -> str:
    """Markdown: one table for each set of columns among the rows."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(tuple(row), []).append(row)
    lines = [f"\n**{name}**"]
    for columns, members in groups.items():
        lines += ["", "| " + " | ".join(column.replace("_", " ") for column in columns) + " |"]
        lines.append("|" + "---|" * len(columns))
        lines += ["| " + " | ".join(map(_shown, member.values())) + " |" for member in members]
    return "\n".join(lines)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def compared(old: dict[str, Any], new: dict[str, Any]) -> str:
    """Every figure of both, and the new one as a share of the old one."""
    before, after = dict(_flat(old)), dict(_flat(new))
    lines = ["| figure | old | new | new / old |", "|---|---|---|---|"]
    for name in before.keys() & after.keys():
        was, now = before[name], after[name]
        share = f"{now / was:.2f}" if was else "–"
        lines.append(f"| {name} | {_shown(was)} | {_shown(now)} | {share} |")
    lines[2:] = sorted(lines[2:])
    lines += [f"only in the old one: {name}" for name in sorted(before.keys() - after.keys())]
    lines += [f"only in the new one: {name}" for name in sorted(after.keys() - before.keys())]
    return "\n".join(lines)


def _flat(figures: dict[str, Any]) -> Iterator[tuple[str, float]]:
    for part, rows in figures.items():
        if part == "machine":
            continue
        for row in rows:
            label = next((str(value) for value in row.values()), "")
            for name, value in row.items():
                if isinstance(value, float):
                    yield f"{part}, {label}: {name.replace('_', ' ')}", value
