"""The import rules and sizes of the map hold (README, "The map")."""

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIB = sorted(path for path in (ROOT / "lib").rglob("*.py"))
PAGES = sorted((ROOT / "pages").glob("*.py"))


@cache
def _imports(path: Path) -> set[str]:
    """Every module a file names in an import, as `package.module`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _importers(package: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for path in [*LIB, *PAGES, ROOT / "app.py"]
        if any(name == package or name.startswith(package + ".") for name in _imports(path))
    }


def _in_ui(path: str) -> bool:
    return path.startswith(("lib/ui/", "pages/")) or path == "app.py"


def test_only_lib_ui_pages_and_the_launcher_know_streamlit() -> None:
    assert {path for path in _importers("streamlit") | _importers("lib.ui") if not _in_ui(path)} == set()


def test_httpx_is_known_only_at_the_edge() -> None:
    assert _importers("httpx") == {"lib/platform/api.py", "lib/platform/transport.py"}


def test_sqlalchemy_is_known_only_by_the_store() -> None:
    importers = _importers("sqlalchemy")
    assert importers
    assert all(re.fullmatch(r"lib/store/\w+\.py", path) for path in importers), importers


def test_the_systems_keyring_is_known_in_one_module() -> None:
    assert _importers("keyring") == {"lib/access/keyring.py"}


@pytest.mark.parametrize("engine", ["openpyxl", "fastexcel"])
def test_spreadsheet_engines_are_known_only_by_readers_and_writers(engine: str) -> None:
    importers = _importers(engine)
    assert importers
    assert all(re.fullmatch(r"lib/(workbook|results)/\w+\.py", path) for path in importers), importers


def test_the_practice_platform_shares_no_code_with_the_app() -> None:
    for path in LIB:
        if path.parent == ROOT / "lib" / "sandbox":
            shared = {
                name
                for name in _imports(path)
                if name.startswith("lib.") and not name.startswith("lib.sandbox")
            }
            assert shared == set(), path


#: The packages and modules of lib/ in their order: each may import what stands before it, and nothing behind it.
ORDER = (
    "errors", "times", "worker", "words", "contact", "platform", "workbook", "sheet", "validation", "payload", "mapping", "run", "store", "draft",
    "reconcile", "arrivals", "engine", "erasure", "results", "access", "server", "host", "tour", "ui",
)  # fmt: skip


def _ours(path: Path) -> set[tuple[str, ...]]:
    """What a file imports of lib/, as the parts of its name behind `lib`."""
    return {tuple(name.split(".")[1:]) for name in _imports(path) if name.startswith("lib.")}


def test_packages_import_downwards_only() -> None:
    """An entry point (`__main__`) is started and imported by nobody, so it may look upwards; the practice platform stands apart."""
    there = {
        path.stem for path in (ROOT / "lib").iterdir() if path.name not in ("__init__.py", "__pycache__")
    }
    assert there == {*ORDER, "sandbox"}
    wrong = []
    for path in LIB:
        home, *inside = path.relative_to(ROOT / "lib").with_suffix("").parts
        ours = _ours(path)
        assert not any("__main__" in name for name in ours), path
        if home in ("__init__", "sandbox") or inside[-1:] == ["__main__"]:
            continue
        above = {name[0] for name in ours if name[0] not in ORDER[: ORDER.index(home) + 1]}
        wrong += [(path.relative_to(ROOT).as_posix(), name) for name in sorted(above)]
    assert wrong == []


def test_the_pieces_of_a_page_import_the_frame_and_what_is_shared() -> None:
    """Never another page's: what two pages need stands in lib/ui/parts. The router puts the frame around every page."""
    wrong = []
    for path in (ROOT / "lib" / "ui").rglob("*.py"):
        *folder, stem = path.relative_to(ROOT / "lib" / "ui").with_suffix("").parts
        if stem == "router":
            continue
        mine = folder[0] if folder else ""
        for name in _ours(path):
            if name[0] != "ui" or len(name) < 2 or not (ROOT / "lib" / "ui" / name[1]).is_dir():
                continue  # not drawing, or the frame
            if name[1] not in {mine, "parts" if mine else ""}:
                wrong.append((path.relative_to(ROOT).as_posix(), ".".join(name)))
    assert wrong == []


def test_pages_do_not_import_each_other() -> None:
    assert not any(name.startswith("pages") for path in PAGES for name in _imports(path))


def test_session_state_is_spelled_in_one_module() -> None:
    spelled = {
        p.relative_to(ROOT).as_posix()
        for p in [*LIB, *PAGES, ROOT / "app.py"]
        if "session_state" in p.read_text("utf-8")
    }
    assert spelled == {"lib/ui/state.py"}


def test_nothing_lives_in_a_streamlit_cache() -> None:
    """Any visitor's browser may ask for it to be emptied."""
    spelled = {
        p.relative_to(ROOT).as_posix()
        for p in [*LIB, *PAGES, ROOT / "app.py"]
        if "st.cache_" in p.read_text("utf-8")
    }
    assert spelled == set()


def test_sec33_the_desk_as_a_whole_is_taken_only_at_the_door() -> None:
    """A page that took it from elsewhere would show whatever it likes to whoever reaches it."""
    spelled = {
        p.relative_to(ROOT).as_posix()
        for p in [*LIB, *PAGES, ROOT / "app.py"]
        if "services.get(" in p.read_text("utf-8")
    }
    assert spelled == {
        "lib/ui/gate.py",
        "lib/ui/web/callback.py",
        "lib/ui/web/health.py",
    }  # the routes draw nothing
    assert all("gate.desk()" in page.read_text("utf-8") for page in PAGES)


#: Modules that may write SQL themselves: what is special about each database, and the steps of the schema.
_OWN_SQL = {"lib/store/sqlite.py", "lib/store/postgres.py", "lib/store/schema.py"}


#: What stands in PostgreSQL's: numbers of ours, names of tables and columns, and of states.
_OWN_NUMBERS = {
    "LOCK_SECONDS",
    "IDLE_SECONDS",
    "SESSIONS",
    "_WRITES",
    "_number(queue)",
    "_number(name)",
    "number",
    "int(epoch)",
    "column.name",
    "table.name",
    "last",
}


def test_sec37_sql_is_built_from_parameters_only() -> None:
    """SEC37: SQL as a text stands in three modules, and what is put into it there are names of ours, never a value."""
    spelled = {
        path.relative_to(ROOT).as_posix()
        for path in LIB
        if re.search(
            r"\btext\(|exec_driver_sql|literal_column|literal_binds|sqlite3\.connect", path.read_text("utf-8")
        )
        and path.parent == ROOT / "lib" / "store"
    }
    assert spelled <= _OWN_SQL
    for name in _OWN_SQL:
        tree = ast.parse((ROOT / name).read_text("utf-8"))
        parts = {
            ast.unparse(part.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for part in node.values
            if isinstance(part, ast.FormattedValue)
        }
        assert parts <= {
            "name",
            "table",
            "binary",
            "old",
            "new",
            "pairs",
            "pragma",
            "BUSY_TIMEOUT_MS",
            "'FULL' if wal_is_safe() else 'EXTRA'",
            "'WAL' if wal_is_safe() else _ROLLBACK",
            "VACUUM_TIMEOUT_MS",
            "_ROLLBACK",
            *_OWN_NUMBERS,
        }, name


@pytest.mark.parametrize("page", [*PAGES, ROOT / "app.py"], ids=lambda path: path.stem)
def test_pages_are_thin(page: Path) -> None:
    assert len(page.read_text(encoding="utf-8").splitlines()) <= (60 if page.name == "app.py" else 80)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_pages_hold_no_words_of_their_own(page: Path) -> None:
    """A sentence in a page would be a sentence in one language: only keys go to t()."""
    tree = ast.parse(page.read_text(encoding="utf-8"))
    texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    docstring = ast.get_docstring(tree, clean=False)
    assert [text for text in texts if text != docstring and (" " in text or not text.isascii())] == []


@pytest.mark.parametrize("path", LIB + PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_module_renders_raw_html_or_swallows_everything(path: Path) -> None:
    """SEC35. A handler of everything may only tidy up and raise again."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"unsafe_allow_html|st\.html\(", text)
    for handler in (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ExceptHandler)):
        if handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException"):
            assert isinstance(handler.body[-1], ast.Raise), f"{path}:{handler.lineno}"


def test_no_two_classes_have_the_same_name() -> None:
    """A name read in one module must not mean something else in another."""
    names = Counter(
        node.name
        for path in LIB
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    )
    assert [name for name, count in names.items() if count > 1] == []


def _public_functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef]:
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public_functions(node.body)
        elif isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def test_from_three_parameters_on_a_docstring_gives_each_its_line() -> None:
    untold = []
    for path in LIB:
        for function in _public_functions(ast.parse(path.read_text(encoding="utf-8")).body):
            every = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
            names = {one.arg for one in every} - {"self", "cls"}
            lines = re.findall(r"(?m)^(\w+(?:, \w+)*): ", ast.get_docstring(function) or "")
            if len(names) > 2 and (missing := names - {name for line in lines for name in line.split(", ")}):
                untold.append(
                    f"{path.relative_to(ROOT)}:{function.lineno} {function.name}: {sorted(missing)}"
                )
    assert untold == []


def test_what_tests_share_stands_in_no_test_module() -> None:
    shared = {path: _imports(path) for path in (ROOT / "tests").rglob("*.py")}
    assert {str(path): name for path, names in shared.items() for name in names if ".test_" in name} == {}


def test_git_does_not_ignore_the_library() -> None:
    """GitHub's stock Python .gitignore hides lib/."""
    asked = subprocess.run(
        ["git", "check-ignore", "lib/platform/api.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert asked.stdout == ""
