"""SEC38: what is installed is what was tried: bounds for every requirement, a lock with hashes, a licence for every package."""

import ast
import re
import sys
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from lib.server.licences import UNCHANGED, InstalledPackage, canonical, installed, is_usable, licence_of
from tests.licences import COPYLEFT, LISTED, LOCK, REQUIRED, ROOT, WORDS, listed, locked, plain, text_of

#: Its package says "Apache-2.0" and brings no text.
WITHOUT_TEXT = {"streamlit"}

#: Libraries inside that may be used all the same: GCC's runtime, whose exception frees programs; FreeType, by the other of its two licences.
BRINGS_COPYLEFT = {"numpy", "pillow"}


def requirements(name: str) -> list[Requirement]:
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [Requirement(text) for line in lines if (text := line.partition("#")[0].strip())]


@pytest.mark.parametrize("name", ["requirements.txt", "tests/requirements.txt"])
def test_sec38_every_requirement_has_a_floor_and_a_ceiling(name: str) -> None:
    for one in requirements(name):
        signs = {each.operator for each in one.specifier}
        assert signs == {"=="} or (">=" in signs and "<" in signs), one


def test_sec38_every_package_the_app_imports_is_named_with_its_bounds() -> None:
    """A package that only comes with another could change under us."""
    named = {canonical(one.name) for one in requirements("requirements.txt")}
    providers = metadata.packages_distributions()
    for path in [ROOT / "app.py", *(ROOT / "lib").rglob("*.py"), *(ROOT / "pages").glob("*.py")]:
        tree = ast.parse(path.read_text("utf-8"))
        names = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
        names |= {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
        }
        for top in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"lib"}:
            assert {canonical(provider) for provider in providers[top]} & named, f"{path.name} imports {top}"


def test_sec38_the_lock_satisfies_the_requirements_and_whatever_those_need() -> None:
    have = locked()
    for one in requirements("requirements.txt"):
        assert any(
            one.specifier.contains(Version(version), prereleases=True)
            for version in have[canonical(one.name)]
        ), one
    needed = {package.name for package in installed(REQUIRED.read_text("utf-8").splitlines())}
    assert needed - have.keys() == set()


def test_sec38_every_line_of_the_lock_has_a_hash_and_none_names_an_index() -> None:
    text = LOCK.read_text("utf-8")
    blocks = re.split(r"^(?=[\w.-]+(?:\[[^]]*\])?==)", text, flags=re.MULTILINE)[1:]
    assert len(blocks) == sum(map(len, locked().values()))
    for block in blocks:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", block), block
    assert not re.search(r"https?:|file:|index-url|find-links|trusted-host", text)


def test_sec38_every_package_has_a_licence_that_asks_nothing_of_the_app() -> None:
    """A package without a licence, or with one that is not known to be harmless, does not come in unnoticed."""
    told = listed()
    assert told.keys() == locked().keys()
    assert {name: licence for name, licence in told.items() if not is_usable(licence)} == UNCHANGED
    for package in installed(REQUIRED.read_text("utf-8").splitlines()):
        assert told[package.name] == package.licence, f"run `python -m tests.licences` ({LISTED.name})"


def test_sec61_the_text_that_comes_with_a_package_is_the_licence_that_is_listed() -> None:
    """SEC61: what a package says of itself in one word is checked against the text it brings along; copyleft is noticed there too."""
    without_text, copyleft, others = set(), set(), {}
    for package in installed(REQUIRED.read_text("utf-8").splitlines()):
        text = text_of(package.name)
        parts = set(re.split(r"\s(?:AND|OR)\s", package.licence))
        if not text:
            without_text.add(package.name)
        elif missing := {part for part in parts if plain(WORDS[part]) not in text}:
            others[package.name] = missing
        if COPYLEFT.search(text):
            copyleft.add(package.name)
    assert others == {}
    assert without_text == WITHOUT_TEXT
    assert copyleft == UNCHANGED.keys() | BRINGS_COPYLEFT


@pytest.mark.parametrize(
    ("licence", "usable"),
    [("MIT", True), ("Apache-2.0 OR GPL-3.0-only", True), ("MIT AND GPL-3.0-only", False), ("GPL-3.0-only", False),
     ("LGPL-2.1", False), ("", False), ("Proprietary", False), ("(MIT OR Apache-2.0)", True)],
)  # fmt: skip
def test_a_copyleft_licence_is_noticed(licence: str, usable: bool) -> None:
    assert is_usable(licence) is usable


@pytest.mark.parametrize(
    ("lines", "licence"),
    [
        ("License-Expression: MIT", "MIT"),
        ("Classifier: License :: OSI Approved :: MIT License", "MIT"),
        (
            "Classifier: License :: OSI Approved :: GNU General Public License v3 (GPLv3)",
            "GNU General Public License v3 (GPLv3)",
        ),
        ("License: BSD License", "BSD-3-Clause"),
        ("License: Permission is hereby granted, free of charge, to any person obtaining a copy", ""),
        ("Name: x", ""),
    ],
)
def test_the_licence_is_read_as_the_package_tells_it(lines: str, licence: str) -> None:
    from email import message_from_string

    assert licence_of(message_from_string(lines + "\n\n")) == licence  # type: ignore[arg-type]


def test_a_package_that_is_missing_is_left_to_the_self_check() -> None:
    found = installed(["surely-not-installed>=1,<2", "pytest>=9,<10", 'xlrd>=2; python_version < "3"'])
    assert "surely-not-installed" not in {package.name for package in found}
    assert "xlrd" not in {package.name for package in found}
    assert InstalledPackage("pytest", metadata.version("pytest"), "MIT") in found
