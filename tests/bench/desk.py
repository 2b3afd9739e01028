"""The desk's own path from a file to the bodies of its batches, and the drafts the other measurements start from."""

from collections.abc import Iterator
from pathlib import Path

from lib import payload
from lib.draft import Draft
from lib.mapping import apply, components, suggest
from lib.mapping.components import ComponentRow
from lib.platform.connection import PRACTICE_TASK_ID, PRACTICE_USER_ID, Connection, Options, practice
from lib.sheet import read
from lib.store import Store
from lib.validation import check
from tests.bench.components import DUE, PRODUCT

COMPONENTS = (
    ComponentRow(id=PRODUCT, label="产品", column="产品"),
    ComponentRow(id=DUE, label="到期日", column="到期日"),
)


def bodies(path: Path) -> Iterator[bytes]:
    """The file as the bodies of its batches, one at a time, as `store.runs.create` takes them."""
    sheet = read(path.read_bytes(), path.name)
    mapping = components.merged(suggest(sheet), COMPONENTS)
    review = check(apply(sheet, mapping), Options())
    for batch in payload.batches(review, Options()):
        yield payload.encoded(payload.body(batch))


def saved_draft(store: Store, path: Path, connection: Connection) -> Draft:
    """A draft of this file, mapped, as a person leaves it before the review."""
    draft = Draft(store)
    draft.choose_connection(connection.id)
    draft.load_sheet(path.read_bytes(), path.name)
    draft.change_components(COMPONENTS)
    return draft


def destination(url: str) -> Connection:
    """The practice platform at this address."""
    return practice(url)


def address(url: str) -> str:
    """Where the reference posts to: the endpoint itself."""
    return f"{url}/agent-api/user/{PRACTICE_USER_ID}/task/{PRACTICE_TASK_ID}/async_number"
