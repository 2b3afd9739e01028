"""Every regular expression of lib/ that Python runs, and texts that would make one of them slow (SEC52).

Arrow runs its own in RE2, which reads a text once whatever the pattern is; pandas gives some of its to Python.
"""

import ast
import importlib
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

#: How each function looks: at one place of a text, or at every place until one fits.
HOW = {
    "match": "match",
    "fullmatch": "fullmatch",
    **dict.fromkeys(("sub", "subn", "search", "split", "findall", "finditer"), "search"),
}

#: Functions of this module that are given a pattern with `%s` for the prefix of the elements, and as which argument.
_OF_TEMPLATES = "lib.workbook.cells"
_TEMPLATES = {"_compiled": 0, "_cells": 1}

#: Methods of a pandas column, which may run in Python, and how they look.
_OF_COLUMNS = {"match": "match", "fullmatch": "fullmatch", "contains": "search", "extract": "search"}


@dataclass
class Pattern:
    """A pattern, where it stands (`module.name`), and how it is run: values of HOW."""

    place: str
    pattern: re.Pattern[Any]
    runs: set[str] = field(default_factory=set)


# --- where they are ------------------------------------------------------------------------------------------------


def collect(examples: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[list[Pattern], set[str]]:
    """The patterns, and the places of those that cannot be known before a run.

    examples: for such a place, names and what a run would give them.
    """
    found: dict[tuple[str, Any], Pattern] = {}
    unknown: set[str] = set()
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in _modules()}
    for module, tree in trees.items():
        for scope, call in _calls(tree):
            place = f"{module}.{scope}"
            if (how := _how(call, module)) is None or not call.args:
                continue
            space = vars(importlib.import_module(module))
            for names in examples.get(place, ({},)):
                try:
                    pattern = _pattern(call, {**space, **names})
                except NameError:
                    unknown.add(f"{place}: {ast.unparse(call.args[0])}")
                    continue
                one = found.setdefault((place, pattern), Pattern(place, pattern))
                one.runs |= {how} - {"compile"}
    used = {module: _used(tree) for module, tree in trees.items()}
    for one in found.values():
        module, _, name = one.place.rpartition(".")
        looked = [used.get(module, {})] if name.startswith("_") else used.values()
        one.runs = one.runs.union(*(each.get(name, ()) for each in looked)) or {"search", "fullmatch"}
    return list(found.values()), unknown


def _used(tree: ast.Module) -> dict[str, set[str]]:
    """Name → how what goes by it is run in this module."""
    found: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in HOW:
            found.setdefault(_last(node.value), set()).add(HOW[node.attr])
    return found


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / "lib").rglob("*.py")):
        yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def _how(call: ast.Call, module: str) -> str | None:
    """How the pattern is run that this call is given, "compile" where that is not said here; None for a call without one."""
    if not isinstance(call.func, ast.Attribute):
        return "compile" if module == _OF_TEMPLATES and _last(call.func) in _TEMPLATES else None
    name, owner = call.func.attr, call.func.value
    if isinstance(owner, ast.Name) and owner.id == "re":
        return HOW.get(name) or ("compile" if name == "compile" else None)
    is_literal = any(
        key.arg == "regex" and getattr(key.value, "value", None) is False for key in call.keywords
    )
    is_column = isinstance(owner, ast.Attribute) and owner.attr == "str"
    return _OF_COLUMNS.get(name) if is_column and not is_literal else None


def _pattern(call: ast.Call, space: dict[str, Any]) -> re.Pattern[Any]:
    """Raises NameError where it is made of what only a run knows."""
    flags = [key.value for key in call.keywords if key.arg == "flags"]
    flags += [one for one in call.args[1:] if re.match(r"re\.[A-Z]+\b|flags$", ast.unparse(one))]
    which = call.args[_TEMPLATES.get(_last(call.func), 0)]
    given, *rest = (eval(compile(ast.Expression(one), "", "eval"), space) for one in (which, *flags))
    if isinstance(given, bytes):
        given = given.replace(b"%s", b"x:")
    return given if isinstance(given, re.Pattern) else re.compile(given, *rest)


def _calls(tree: ast.AST, scope: str = "") -> Iterator[tuple[str, ast.Call]]:
    """Each call, and the name of the constant or function it stands in."""
    for node in ast.iter_child_nodes(tree):
        inner = scope
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            inner = f"{scope}.{node.name}".strip(".")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if not scope or isinstance(target, ast.Attribute):
                inner = f"{scope}.{_last(target)}".strip(".")
        if isinstance(node, ast.Call):
            yield scope, node
        yield from _calls(node, inner)


def _last(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


# --- what makes them slow ------------------------------------------------------------------------------------------

_REPEATS = {op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT}
_GROUPS = {op.SUBPATTERN, op.ATOMIC_GROUP, op.BRANCH, op.ASSERT, op.ASSERT_NOT}
_NOTHING = {op.AT, op.ASSERT, op.ASSERT_NOT, op.GROUPREF}

#: Repetitions from which on a bounded repeat is looked at.
_MANY = 9

#: Characters that no pattern names, one of each kind that `\w`, `\s`, `\d` and `.` tell apart.
_ANY = "q5 \n好-"


@dataclass
class _Repeat:
    """What comes before a repeat in its pattern, what it repeats, and how often at most."""

    before: str
    body: Any
    most: int


def hostile(pattern: re.Pattern[Any]) -> Iterator[Callable[[int], str]]:
    """Makers of texts by their length, of the pattern's own pieces: a run that ends wrong, beginnings without an end."""
    tree = _parsed(pattern)
    letters = _alphabet(tree)
    seen: set[tuple[str, str, str]] = set()
    for repeat in _repeats(tree, letters):
        fit = [one for one in letters if _fits(repeat.body, one)]
        unfit = next((one for one in letters if one not in fit), "")
        for piece in dict.fromkeys((_sample(repeat.body, letters), *fit[:3], *fit[-3:])):
            for text in (
                (repeat.before, piece, unfit + "\0"),
                (repeat.before, piece, ""),
                ("", repeat.before, "\0"),
                ("", repeat.before + piece, "\0"),
            ):
                if text[1] and text not in seen:
                    seen.add(text)
                    yield partial(_text, *text)


def _text(once: str, again: str, end: str, size: int) -> str:
    return once + again * (size // len(again)) + end


def nested(pattern: re.Pattern[Any]) -> bool:
    """Whether a run of one character can be shared out between a repeat and the repeat around it, in ever more ways."""
    tree = _parsed(pattern)
    letters = _alphabet(tree)
    around = [repeat.body for repeat in _repeats(tree, letters) if repeat.most == op.MAXREPEAT]
    return any(
        _fits(body, one) and _fits(inner.body, one)
        for body in around
        for inner in _repeats(body, letters)
        if inner.most == op.MAXREPEAT
        for one in letters
    )


def bound(pattern: re.Pattern[Any]) -> int:
    """How often a piece of it is repeated at most, of those that have a bound: up to there the time may grow faster."""
    tree = _parsed(pattern)
    bounds = (repeat.most for repeat in _repeats(tree, _alphabet(tree)) if repeat.most != op.MAXREPEAT)
    return max(bounds, default=0)


def _parsed(pattern: re.Pattern[Any]) -> Any:
    return parser.parse(pattern.pattern, pattern.flags)


def _repeats(tree: Any, letters: str, before: str = "") -> Iterator[_Repeat]:
    """Those without a bound, and those that may go on for long."""
    for code, value in tree:
        if code in _REPEATS:
            _, most, body = value
            if most >= _MANY:
                yield _Repeat(before, body, most)
            yield from _repeats(body, letters, before)
        elif code in _GROUPS:
            for part in _parts(code, value):
                yield from _repeats(part, letters, before)
        before += _sample([(code, value)], letters)


def _parts(code: Any, value: Any) -> list[Any]:
    if code == op.BRANCH:
        return list(value[1])
    return [value if code == op.ATOMIC_GROUP else value[-1]]


def _alphabet(tree: Any) -> str:
    found: dict[str, None] = {}

    def look(items: Any) -> None:
        for code, value in items:
            if code in (op.LITERAL, op.NOT_LITERAL):
                found[chr(value)] = None
            elif code == op.RANGE:
                found.update({chr(value[0]): None, chr(value[1]): None})
            elif code == op.IN:
                look(value)
            elif code in _REPEATS:
                look(value[2])
            elif code in _GROUPS:
                for part in _parts(code, value):
                    look(part)

    look(tree)
    return "".join(dict.fromkeys([*found, *_ANY]))


_CATEGORIES = {
    op.CATEGORY_DIGIT: str.isdecimal,
    op.CATEGORY_SPACE: str.isspace,
    op.CATEGORY_WORD: lambda one: one.isalnum() or one == "_",
}
_OTHERS = {
    op.CATEGORY_NOT_DIGIT: op.CATEGORY_DIGIT,
    op.CATEGORY_NOT_SPACE: op.CATEGORY_SPACE,
    op.CATEGORY_NOT_WORD: op.CATEGORY_WORD,
}


def _is(item: Any, one: str) -> bool:
    """Whether one item of a pattern takes this character."""
    code, value = item
    if code == op.LITERAL:
        return chr(value) == one
    if code == op.NOT_LITERAL:
        return chr(value) != one
    if code == op.RANGE:
        return bool(value[0] <= ord(one) <= value[1])
    if code == op.CATEGORY:
        return not _CATEGORIES[_OTHERS[value]](one) if value in _OTHERS else bool(_CATEGORIES[value](one))
    if code == op.IN:
        is_not = value[0][0] == op.NEGATE
        return any(_is(each, one) for each in value[is_not:]) != is_not
    return bool(code == op.ANY)


def _fits(items: Any, one: str) -> bool:
    """Whether the items take this character alone: each does, or needs none."""
    taken = 0
    for code, value in items:
        if code in _REPEATS:
            fits = _fits(value[2], one)
            if value[0] and not fits:
                return False
            taken += fits
        elif code in (op.SUBPATTERN, op.ATOMIC_GROUP, op.BRANCH):
            if not any(_fits(part, one) for part in _parts(code, value)):
                return False
            taken += 1
        elif code not in _NOTHING:
            if not _is((code, value), one):
                return False
            taken += 1
    return taken > 0


def _sample(items: Any, letters: str) -> str:
    """A short text that fits, where it can be told without trying."""
    text = ""
    for code, value in items:
        if code in _REPEATS:
            text += _sample(value[2], letters) * min(value[0], 40)
        elif code in (op.SUBPATTERN, op.ATOMIC_GROUP):
            text += _sample(_parts(code, value)[0], letters)
        elif code == op.BRANCH:
            text += _sample(value[1][0], letters)
        elif code not in _NOTHING:
            text += next((one for one in letters if _is((code, value), one)), "")
    return text


# --- how slow ------------------------------------------------------------------------------------------------------

#: Lengths of short texts, on which what doubles with each character is seen before it takes for ever; and of longer ones.
SHORT, STEP, LONGEST = (8, 16, 24, 32), 4, 1_024

#: A time that grows so many times from one text to the next, and to the next, grows faster than the length; or so many at once.
LINEAR, _EXPLODES = 8.0, 100.0

#: Seconds below which the clock of a thread says little.
_CLOCK = 2e-6


def slow_text(one: Pattern) -> str:
    """The beginning of a text for which the time grows faster than the length, twice measured; "" where none was found."""
    is_bytes = isinstance(one.pattern.pattern, bytes)
    for make in hostile(one.pattern):

        def made(size: int, make: Callable[[int], str] = make) -> Any:
            return make(size).encode("latin-1", "replace") if is_bytes else make(size)

        for how in one.runs:
            if all(_grows_faster(one.pattern, how, made) for _ in range(2)):
                return make(20)
    return ""


def _grows_faster(pattern: re.Pattern[Any], how: str, make: Callable[[int], Any]) -> bool:
    before, ratios = _seconds(pattern, how, make(SHORT[0])), [0.0]
    for size in SHORT[1:]:
        now = _seconds(pattern, how, make(size))
        ratios.append(now / before)
        if ratios[-1] > _EXPLODES or min(ratios[-2:]) > LINEAR:
            return True
        before = now
    bounded, ratios = bound(pattern), [0.0]
    while size < max(LONGEST, bounded * STEP):
        size *= STEP
        now = _seconds(pattern, how, make(size))
        ratios.append(now / before)
        if size > bounded * STEP**2 and min(ratios[-2:]) > LINEAR:
            return True
        before = now
    return ratios[-1] > LINEAR


def _seconds(pattern: re.Pattern[Any], how: str, text: Any) -> float:
    """Of the processor, the least of three times; `search` looks on behind what it finds, as most callers do."""
    run = pattern.findall if how == "search" else getattr(pattern, how)
    spent = []
    for _ in range(3):
        began = time.thread_time()
        run(text)
        spent.append(time.thread_time() - began)
        if spent[-1] > 0.002:  # long enough to be measured once
            break
    return max(min(spent), _CLOCK)
