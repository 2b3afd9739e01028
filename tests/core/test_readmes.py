"""Each package says in its README what it is for and why it is so; what the source refers to can be found."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = sorted(path for path in (ROOT / "lib").iterdir() if (path / "__init__.py").exists())
READMES = sorted((ROOT / "lib").rglob("README.md"))

#: Transitions, invariants, and the faults of the network, answers, processes, storage, credentials, pages and files; SEC: safety.
_CODE = re.compile(r"\b(?:SEC\d{2}|T[12]?\d|I[1-8]|A[012]\d|[NPSX]\d{2}|[CU]0\d)\b")


def _sources() -> Iterator[tuple[str, str]]:
    for folder in ("lib", "pages", "tests"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".md", ".toml", ".ini") and "corpus" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
    yield "app.py", (ROOT / "app.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_each_package_says_on_one_page_what_it_is_for(package: Path) -> None:
    lines = (package / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith(f"# lib/{package.name}")
    assert 5 < len(lines) <= 80


def test_the_readme_is_a_screen_and_a_half() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 110
    assert [line for line in lines if len(line) > 200] == []


def test_every_code_is_defined_once() -> None:
    """The cell or item that begins with a code in bold defines it."""
    defined = Counter(
        code
        for path in READMES
        for code in re.findall(r"\*\*(\w+)\*\*", path.read_text(encoding="utf-8"))
        if _CODE.fullmatch(code)
    )
    assert [code for code, times in defined.items() if times > 1] == []
    used = {code: name for name, text in _sources() for code in _CODE.findall(text)}
    assert {code: name for code, name in used.items() if code not in defined} == {}


def test_every_document_that_is_named_is_in_the_repository() -> None:
    there = {path.name for path in ROOT.rglob("*.md") if ".venv" not in path.parts}
    named = {(name, one) for name, text in _sources() for one in re.findall(r"[\w.-]+\.md\b", text)}
    assert {(name, one) for name, one in named if one not in there} == set()
    bare = re.compile(r"\b(?:reliability|api-contract|(?:streamlit|performance)-facts)\b, |shared/\w")
    assert [
        name for name, text in _sources() if name != "tests/core/test_readmes.py" and bare.search(text)
    ] == []


def test_sec62_the_readme_says_whom_a_desk_without_sign_in_trusts_in_both_languages() -> None:
    told = (ROOT / "README.md").read_text(encoding="utf-8")
    for words in (
        "没有登录时，程序相信能使用这台电脑的每一个人",
        "the desk trusts everybody who can use this computer",
    ):
        assert words in told
