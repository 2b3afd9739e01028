"""Tables, and how an older database becomes a current one. No SQL of one vendor.

A new database gets `METADATA` as it stands; an older one goes through the numbered steps after its version. A step
never changes once it is released, and leaves what `METADATA` describes.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    false,
    insert,
    inspect,
    select,
    text,
    update,
)

from lib.errors import StoreUnavailable

METADATA = MetaData()

#: A row of a result, whatever its columns.
AnyRow: TypeAlias = Row[*tuple[Any, ...]]

_KEY = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for INTEGER


def _strings(*names: str) -> list[Column[str]]:
    """Columns of text that is always there."""
    return [Column(name, String, nullable=False) for name in names]


meta = Table(
    "meta", METADATA, Column("name", String, primary_key=True), Column("value", Text, nullable=False)
)

connection = Table(
    "connection",
    METADATA,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("user_id", String, nullable=False),
    Column("task_id", String, nullable=False),
    Column("options", Text, nullable=False),  # JSON; never a token
    Column("created", String, nullable=False),
    Column("team", String, nullable=False, server_default=""),
)

upload = Table(
    "upload",
    METADATA,
    Column("id", String, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sha256", String, nullable=False),
    Column("created", String, nullable=False),
    Column("data", LargeBinary, nullable=False),  # as the file came; b"" where only `remains` is kept
    # lib.sheet.stored: the table without the rows that had to go, in place of the file
    Column("remains", LargeBinary),
    Column("owner", String, nullable=False, server_default=""),
)

draft = Table(
    "draft",
    METADATA,
    Column("id", String, primary_key=True),
    Column("created", String, nullable=False),
    Column("updated", String, nullable=False),
    Column("upload_id", String, ForeignKey("upload.id")),
    Column("run_id", String),
    Column("state", Text, nullable=False),  # JSON
    # JSON: what the last review came to, and of which `updated`
    Column("counts", Text, nullable=False, server_default=""),
    # since when the overview says that it will be deleted
    Column("announced", String, nullable=False, server_default=""),
    # a person's id; "" for nobody, as without sign-in
    Column("owner", String, nullable=False, server_default=""),
    Index("draft_by_time", "updated"),
)

edit = Table(
    "edit",
    METADATA,
    Column("draft_id", String, ForeignKey("draft.id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("row", Integer, nullable=False),
    Column("field", Text, nullable=False),
    Column("before", Text, nullable=False),  # JSON strings: a damaged cell may hold what UTF-8 cannot
    Column("after", Text, nullable=False),
    Column("at", String, nullable=False),
    Column("undone", Boolean, nullable=False),
    Column("who", String, nullable=False, server_default="person"),
    # undone, and something else done since
    Column("overtaken", Boolean, nullable=False, server_default=false()),
)

mapping_memory = Table(
    "mapping_memory",
    METADATA,
    Column("fingerprint", String, primary_key=True),
    Column("mapping", Text, nullable=False),  # JSON
    Column("used", String, nullable=False),
)

run = Table(
    "run",
    METADATA,
    Column("id", String, primary_key=True),
    Column("draft_id", String, unique=True),  # one run for a draft: a double click finds the first
    Column("connection_id", String, nullable=False),
    Column("connection_name", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("user_id", String, nullable=False),
    Column("task_id", String, nullable=False),
    Column("options", Text, nullable=False),
    # kind, account and task in one, lower case: where repeats matter
    Column("destination", String, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_sha256", String, nullable=False),
    Column("sheet_name", Text, nullable=False),
    Column("rows_total", Integer, nullable=False),
    Column("to_send", Integer, nullable=False),
    Column("held_back", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
    *_strings("state", "why", "created", "started", "finished", "data_deleted"),
    # keyed fingerprint of the first token, never the token
    Column("account", String, nullable=False, server_default=""),
    # batches up to this seq go first; 0: no limit
    Column("hold_after", Integer, nullable=False, server_default="0"),
    # when the keys and masks of its numbers were deleted
    Column("forgotten", String, nullable=False, server_default=""),
    Column("list_source", Text, nullable=False, server_default=""),  # whence the person says the list comes
    Column("team", String, nullable=False, server_default=""),
    Column("created_by", String, nullable=False, server_default="person"),
    Index("run_by_time", "created"),
    Index("run_by_state", "state"),
    Index("run_by_destination", "destination"),
)

batch = Table(
    "batch",
    METADATA,
    Column("id", _KEY, primary_key=True),
    Column("run_id", String, ForeignKey("run.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("parent_id", _KEY, ForeignKey("batch.id")),  # of a child with the missing rows; it has its own seq
    Column("rows", Integer, nullable=False),
    Column("first_row", Integer, nullable=False),
    Column("last_row", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("attempt_id", _KEY),  # the latest; no foreign key: it would point in a circle
    Column("unique_id", String, nullable=False),
    Column("http_status", Integer),
    Column("envelope_code", Integer),
    Column("code", String, nullable=False),
    Column("message", Text, nullable=False),
    Column("raw", Text, nullable=False, server_default=""),  # the latest answer: masked, cut
    *_strings("why", "sent_at", "ended_at", "body_sha256"),
    Column("held_as", String, nullable=False, server_default=""),
    # rows that arrived though the batch is not accepted
    Column("found", Integer, nullable=False, server_default="0"),
    Column("scans_after", Integer, nullable=False, server_default="0"),  # scans up to this id no longer count
    Column("check_from", String, nullable=False, server_default=""),  # when a person asked to start over
    # when a person asked for a look, until it is made
    Column("scan_asked", String, nullable=False, server_default=""),
    Column("decided_by", String, nullable=False, server_default=""),
    Column("decided_at", String, nullable=False, server_default=""),
    Column("decision", Text, nullable=False, server_default=""),
    UniqueConstraint("run_id", "seq"),
    Index("batch_by_state", "run_id", "state", "seq", "rows", "found"),
    Index("batch_by_end", "state", "ended_at"),
    Index("batch_by_unique_id", "unique_id"),
)

batch_body = Table(  # apart from `batch`, so that counting batches does not read bodies
    "batch_body",
    METADATA,
    Column("batch_id", _KEY, ForeignKey("batch.id"), primary_key=True),
    Column("body", LargeBinary, nullable=False),  # zlib
)

contact_row = Table(
    "contact_row",
    METADATA,
    Column("run_id", String, ForeignKey("run.id"), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("disposition", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("batch_seq", Integer),
    Column("extra", Text, nullable=False),
    Column("phone_masked", String, nullable=False),
    Column("phone_key", BigInteger, nullable=False),  # lib.contact.keys.phone_keys
    Column("delivery", String, nullable=False, server_default=""),  # "accepted": found; "" as the batch is
    Column("arrival", String, nullable=False, server_default=""),  # RowArrival; "" while nothing is known
    # ArrivalReason, of rows that did not get in
    Column("arrival_reason", String, nullable=False, server_default=""),
    # Withdrawal, where a person withdrew the batch
    Column("withdrawal", String, nullable=False, server_default=""),
    ForeignKeyConstraint(["run_id", "batch_seq"], ["batch.run_id", "batch.seq"]),
    Index("contact_row_by_phone", "phone_key"),
    sqlite_with_rowid=False,
)

attempt = Table(
    "attempt",
    METADATA,
    Column("id", _KEY, primary_key=True),
    Column("batch_id", _KEY, ForeignKey("batch.id"), nullable=False),
    Column("epoch", Integer, nullable=False),
    *_strings("progress", "started", "wired", "ended"),
    Column("outcome", String),
    Column("http_status", Integer),
    Column("envelope_code", Integer),
    Column("code", String, nullable=False),
    Index("attempt_by_batch", "batch_id"),
)

event = Table(  # append only
    "event",
    METADATA,
    Column("id", _KEY, primary_key=True),
    Column("run_id", String, ForeignKey("run.id"), nullable=False),
    Column("batch_id", _KEY, ForeignKey("batch.id")),
    *_strings("at", "who", "what", "from_state", "to_state", "code"),
    Index("event_by_run", "run_id", "id"),
)

scan = Table(  # append only: what each look at the platform's list saw
    "scan",
    METADATA,
    Column("id", _KEY, primary_key=True),
    Column("batch_id", _KEY, ForeignKey("batch.id"), nullable=False),
    Column("started", String, nullable=False),
    Column("ended", String, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("complete", Boolean, nullable=False, server_default=false()),
    Column("found", Integer, nullable=False),
    Column("missing", Integer, nullable=False),
    Column("note", String, nullable=False),
    Column("control", Boolean, nullable=False, server_default=false()),
    Column("lag", Float),
    Column("passed", Float, nullable=False, server_default="0"),  # seconds of looking since the look before
    Index("scan_by_batch", "batch_id", "id"),
)

arrival = Table(  # what became of an accepted batch, as far as the platform says
    "arrival",
    METADATA,
    Column("batch_id", _KEY, ForeignKey("batch.id"), primary_key=True, autoincrement=False),
    Column("state", String, nullable=False),
    Column("note", String, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("imported", Integer, nullable=False),  # rows that were known to be in after the latest look
    Column("same_looks", Integer, nullable=False),  # looks in a row that came to the same
    *_strings("same_since", "last_look", "due"),
    Column("asked", String, nullable=False),  # when a person asked for a look, until it is made
    # from when on a callback wants one, until it is made
    Column("hinted", String, nullable=False, server_default=""),
    Column("raw", Text, nullable=False),  # the answer nobody could read: masked, cut
    Column("withdraw_asked", String, nullable=False),
    Column("withdraw_by", Text, nullable=False),
    Column("withdraw_begun", String, nullable=False),
    Column("withdraw_note", String, nullable=False),
    Index("arrival_by_due", "state", "due"),
)

callback = Table(  # what the platform called back with: a hint, believed in nothing
    "callback",
    METADATA,
    # masked and cut where it is none of ours; "" where none is named
    Column("unique_id", String, primary_key=True),
    Column("times", Integer, nullable=False),
    Column("first_at", String, nullable=False),
    Column("last_at", String, nullable=False),
    Column("document", Text, nullable=False),  # the latest: masked, cut
)

lease = Table(  # one row: the last epoch that was given to a sender
    "lease",
    METADATA,
    Column("k", Integer, primary_key=True),
    Column("epoch", Integer, nullable=False),
)

sender = Table(  # the process that may send: one row, or none
    "sender",
    METADATA,
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("since", String, nullable=False),
)

do_not_call = Table(  # keys, not numbers; a list for each team, and a number on any of them is not called
    "do_not_call",
    METADATA,
    Column("phone_key", BigInteger, primary_key=True, autoincrement=False),  # lib.contact.keys.phone_keys
    Column("team", String, primary_key=True),
    Column("added", String, nullable=False),
    Column("source", Text, nullable=False),
    sqlite_with_rowid=False,
)

journal = Table(  # append only: what people did that belongs to no run
    "journal",
    METADATA,
    Column("id", _KEY, primary_key=True),
    *_strings("at", "who", "team", "deed"),
    Column("about", Text, nullable=False),
    Column("code", String, nullable=False),
    Index("journal_by_team", "team", "id"),
)

login = Table(  # one row for each sign-in, whatever number of tabs it has
    "login",
    METADATA,
    Column("id", String, primary_key=True),  # lib.access.people.login_of
    Column("who", String, nullable=False),
    Column("at", String, nullable=False),
    Column("ended", String, nullable=False),  # "" as long as the person has not signed out
)

run_source = Table(
    "run_source",
    METADATA,
    Column("run_id", String, ForeignKey("run.id"), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

data_log = Table(  # append only: what was done with people's data as a whole; no number
    "data_log",
    METADATA,
    Column("id", _KEY, primary_key=True),
    *_strings("at", "who", "what"),
    Column("run_id", String, nullable=False),  # "" for none; no foreign key: it outlives what it tells of
    Column("draft_id", String, nullable=False),
    Column("fingerprint", String, nullable=False),  # of one number, keyed; "" where it is not about one
    Column("facts", Text, nullable=False),  # JSON: counts and kinds
    Index("data_log_by_time", "at"),
)

erasure = Table(  # numbers that go as soon as their batch no longer needs them
    "erasure",
    METADATA,
    Column("phone_key", BigInteger, primary_key=True, autoincrement=False),  # lib.contact.keys.phone_keys
    Column("batch_id", _KEY, ForeignKey("batch.id"), primary_key=True, autoincrement=False),
    Column("asked", String, nullable=False),
    Column("who", String, nullable=False),
)

#: What senders told each other while several could send at once.
_OF_SHARING = (("lease", "next_post"), ("run", "ever_unknown"), ("run", "rests_until"), ("sender", "beat"))


def _to_version_6(open_connection: Connection) -> None:
    """Looks that know how much time passed, and one sender. What was looked before counts none: nobody measured it."""
    open_connection.execute(text("ALTER TABLE scan ADD COLUMN passed FLOAT DEFAULT '0' NOT NULL"))
    for table, name in _OF_SHARING:
        open_connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {name}"))
    open_connection.execute(delete(meta).where(meta.c.name == "home"))  # it says more from now on


def _to_version_7(open_connection: Connection) -> None:
    """Batches that keep the answer they were refused with."""
    open_connection.execute(text("ALTER TABLE batch ADD COLUMN raw TEXT DEFAULT '' NOT NULL"))


#: Version a database reaches by this step → the step. What stood before version 5 was in nobody's hands.
STEPS: Mapping[int, Callable[[Connection], None]] = {6: _to_version_6, 7: _to_version_7}

_VERSION = "schema_version"


def schema_version() -> int:
    """The version this program writes."""
    return max(STEPS)


def found_version(open_connection: Connection) -> int:
    """The version of this database, 0 for an empty one. Raises StoreUnavailable: "schema_newer", "schema_older"."""
    if not inspect(open_connection).has_table(meta.name):
        return 0
    value = open_connection.execute(select(meta.c.value).where(meta.c.name == _VERSION)).scalar()
    version = int(value) if value else 0
    if version > schema_version():
        raise StoreUnavailable("schema_newer", found=version, known=schema_version())
    if 0 < version < min(STEPS) - 1:
        raise StoreUnavailable("schema_older", found=version)
    return version


def migrate(open_connection: Connection) -> None:
    """Bring this database to `schema_version()`, inside the caller's transaction."""
    version = found_version(open_connection)
    if version == 0:
        METADATA.create_all(open_connection)
        open_connection.execute(insert(lease).values(k=1, epoch=0))
        open_connection.execute(insert(meta).values(name=_VERSION, value=str(schema_version())))
        return
    for number in range(version + 1, schema_version() + 1):
        STEPS[number](open_connection)
    open_connection.execute(update(meta).where(meta.c.name == _VERSION).values(value=str(schema_version())))
