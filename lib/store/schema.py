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
    Column(
        "remains", LargeBinary
    ),  # lib.sheet.stored: the table without the rows that had to go, in place of the file
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
    Column(
        "counts", Text, nullable=False, server_default=""
    ),  # JSON: what the last review came to, and of which `updated`
    Column(
        "announced", String, nullable=False, server_default=""
    ),  # since when the overview says that it will be deleted
    Column(
        "owner", String, nullable=False, server_default=""
    ),  # a person's id; "" for nobody, as without sign-in
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
    Column(
        "overtaken", Boolean, nullable=False, server_default=false()
    ),  # undone, and something else done since
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
    Column(
        "destination", String, nullable=False
    ),  # kind, account and task in one, lower case: where repeats matter
    Column("file_name", Text, nullable=False),
    Column("file_sha256", String, nullable=False),
    Column("sheet_name", Text, nullable=False),
    Column("rows_total", Integer, nullable=False),
    Column("to_send", Integer, nullable=False),
    Column("held_back", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("why", String, nullable=False),
    Column("created", String, nullable=False),
    Column("started", String, nullable=False),
    Column("finished", String, nullable=False),
    Column("data_deleted", String, nullable=False),
    Column(
        "account", String, nullable=False, server_default=""
    ),  # keyed fingerprint of the first token, never the token
    Column(
        "hold_after", Integer, nullable=False, server_default="0"
    ),  # batches up to this seq go first; 0: no limit
    Column(
        "forgotten", String, nullable=False, server_default=""
    ),  # when the keys and masks of its numbers were deleted
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
    Column("why", String, nullable=False),
    Column("sent_at", String, nullable=False),
    Column("ended_at", String, nullable=False),
    Column("body_sha256", String, nullable=False),
    Column("held_as", String, nullable=False, server_default=""),
    Column(
        "found", Integer, nullable=False, server_default="0"
    ),  # rows that arrived though the batch is not accepted
    Column("scans_after", Integer, nullable=False, server_default="0"),  # scans up to this id no longer count
    Column("check_from", String, nullable=False, server_default=""),  # when a person asked to start over
    Column(
        "scan_asked", String, nullable=False, server_default=""
    ),  # when a person asked for a look, until it is made
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
    Column("phone_key", BigInteger, nullable=False),  # lib.contact.privacy.phone_keys
    Column("delivery", String, nullable=False, server_default=""),  # "accepted": found; "" as the batch is
    Column("arrival", String, nullable=False, server_default=""),  # RowArrival; "" while nothing is known
    Column(
        "arrival_reason", String, nullable=False, server_default=""
    ),  # ArrivalReason, of rows that did not get in
    Column(
        "withdrawal", String, nullable=False, server_default=""
    ),  # Withdrawal, where a person withdrew the batch
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
    Column("progress", String, nullable=False),
    Column("started", String, nullable=False),
    Column("wired", String, nullable=False),
    Column("ended", String, nullable=False),
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
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("what", String, nullable=False),
    Column("from_state", String, nullable=False),
    Column("to_state", String, nullable=False),
    Column("code", String, nullable=False),
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
    Column("same_since", String, nullable=False),
    Column("last_look", String, nullable=False),
    Column("due", String, nullable=False),
    Column("asked", String, nullable=False),  # when a person asked for a look, until it is made
    Column(
        "hinted", String, nullable=False, server_default=""
    ),  # from when on a callback wants one, until it is made
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
    Column(
        "unique_id", String, primary_key=True
    ),  # masked and cut where it is none of ours; "" where none is named
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
    Column("phone_key", BigInteger, primary_key=True, autoincrement=False),  # lib.contact.privacy.phone_keys
    Column("team", String, primary_key=True),
    Column("added", String, nullable=False),
    Column("source", Text, nullable=False),
    sqlite_with_rowid=False,
)

journal = Table(  # append only: what people did that belongs to no run
    "journal",
    METADATA,
    Column("id", _KEY, primary_key=True),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("team", String, nullable=False),
    Column("deed", String, nullable=False),
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
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("what", String, nullable=False),
    Column("run_id", String, nullable=False),  # "" for none; no foreign key: it outlives what it tells of
    Column("draft_id", String, nullable=False),
    Column("fingerprint", String, nullable=False),  # of one number, keyed; "" where it is not about one
    Column("facts", Text, nullable=False),  # JSON: counts and kinds
    Index("data_log_by_time", "at"),
)

erasure = Table(  # numbers that go as soon as their batch no longer needs them
    "erasure",
    METADATA,
    Column("phone_key", BigInteger, primary_key=True, autoincrement=False),  # lib.contact.privacy.phone_keys
    Column("batch_id", _KEY, ForeignKey("batch.id"), primary_key=True, autoincrement=False),
    Column("asked", String, nullable=False),
    Column("who", String, nullable=False),
)


def _to_version_2(open_connection: Connection) -> None:
    """Evidence about unknown outcomes: what was looked for, found, held and decided."""
    texts = ("held_as", "check_from", "scan_asked", "decided_by", "decided_at")
    for name in texts:
        open_connection.execute(text(f"ALTER TABLE batch ADD COLUMN {name} VARCHAR DEFAULT '' NOT NULL"))
    for name in ("found", "scans_after"):
        open_connection.execute(text(f"ALTER TABLE batch ADD COLUMN {name} INTEGER DEFAULT '0' NOT NULL"))
    open_connection.execute(text("ALTER TABLE batch ADD COLUMN decision TEXT DEFAULT '' NOT NULL"))
    open_connection.execute(text("ALTER TABLE contact_row ADD COLUMN delivery VARCHAR DEFAULT '' NOT NULL"))
    open_connection.execute(text("DROP INDEX batch_by_state"))
    open_connection.execute(text("CREATE INDEX batch_by_state ON batch (run_id, state, seq, rows, found)"))
    _SCAN_OF_VERSION_2.create(open_connection)


#: As it was before looks told how much time passed.
_SCAN_OF_VERSION_2 = Table(
    "scan",
    MetaData(),
    Column("id", _KEY, primary_key=True),
    Column("batch_id", _KEY, ForeignKey(batch.c.id), nullable=False),
    *(Column(name, String, nullable=False) for name in ("started", "ended")),
    Column("pages", Integer, nullable=False),
    Column("complete", Boolean, nullable=False, server_default=false()),
    *(Column(name, Integer, nullable=False) for name in ("found", "missing")),
    Column("note", String, nullable=False),
    Column("control", Boolean, nullable=False, server_default=false()),
    Column("lag", Float),
    Index("scan_by_batch", "batch_id", "id"),
)


def _add_run_account(open_connection: Connection) -> None:
    """By what a run knows its token again."""
    open_connection.execute(text("ALTER TABLE run ADD COLUMN account VARCHAR DEFAULT '' NOT NULL"))


def _add_arrivals(open_connection: Connection) -> None:
    """What became of accepted batches and of each of their rows."""
    for name in ("arrival", "arrival_reason", "withdrawal"):
        open_connection.execute(
            text(f"ALTER TABLE contact_row ADD COLUMN {name} VARCHAR DEFAULT '' NOT NULL")
        )
    _ARRIVAL_OF_VERSION_3.create(open_connection)


#: As it was before callbacks could bring a look forward.
_ARRIVAL_OF_VERSION_3 = Table(
    "arrival",
    MetaData(),
    Column("batch_id", _KEY, ForeignKey(batch.c.id), primary_key=True, autoincrement=False),
    *(Column(name, String, nullable=False) for name in ("state", "note")),
    *(Column(name, Integer, nullable=False) for name in ("looks", "imported", "same_looks")),
    *(Column(name, String, nullable=False) for name in ("same_since", "last_look", "due", "asked")),
    Column("raw", Text, nullable=False),
    Column("withdraw_asked", String, nullable=False),
    Column("withdraw_by", Text, nullable=False),
    *(Column(name, String, nullable=False) for name in ("withdraw_begun", "withdraw_note")),
    Index("arrival_by_due", "state", "due"),
)


def _add_edit_who(open_connection: Connection) -> None:
    """Who made an edit, and whether one that was taken back can still be made again."""
    open_connection.execute(text("ALTER TABLE edit ADD COLUMN who VARCHAR DEFAULT 'person' NOT NULL"))
    open_connection.execute(text("ALTER TABLE edit ADD COLUMN overtaken BOOLEAN DEFAULT 0 NOT NULL"))


def _add_start_small(open_connection: Connection) -> None:
    """Runs that send a first part and then wait."""
    open_connection.execute(text("ALTER TABLE run ADD COLUMN hold_after INTEGER DEFAULT '0' NOT NULL"))


def _add_do_not_call(open_connection: Connection) -> None:
    """Numbers nobody may be called on."""
    open_connection.execute(
        text(
            "CREATE TABLE do_not_call (phone_key BIGINT NOT NULL, added VARCHAR NOT NULL, source TEXT NOT NULL, "
            "PRIMARY KEY (phone_key))" + _without_rowid(open_connection)
        )
    )


def _add_draft_counts(open_connection: Connection) -> None:
    """What a draft's last review came to."""
    open_connection.execute(text("ALTER TABLE draft ADD COLUMN counts TEXT DEFAULT '' NOT NULL"))


def _to_version_3(open_connection: Connection) -> None:
    """Runs that know their account and may start small, the do-not-call list, how far drafts are, who edited them, what arrived."""
    _add_run_account(open_connection)
    _add_draft_counts(open_connection)
    _add_start_small(open_connection)
    _add_do_not_call(open_connection)
    _add_edit_who(open_connection)
    _add_arrivals(open_connection)


def _add_callbacks(open_connection: Connection) -> None:
    """What the platform called back with, and which looks it brings forward."""
    open_connection.execute(text("ALTER TABLE arrival ADD COLUMN hinted VARCHAR DEFAULT '' NOT NULL"))
    callback.create(open_connection)  # a later step that changes it puts a copy of this version here


def _add_retention(open_connection: Connection) -> None:
    """How long people's data is kept, what was deleted, and whence a list comes."""
    binary = LargeBinary().compile(dialect=open_connection.dialect)
    open_connection.execute(text(f"ALTER TABLE upload ADD COLUMN remains {binary}"))
    open_connection.execute(text("ALTER TABLE draft ADD COLUMN announced VARCHAR DEFAULT '' NOT NULL"))
    open_connection.execute(text("ALTER TABLE run ADD COLUMN forgotten VARCHAR DEFAULT '' NOT NULL"))
    open_connection.execute(text("ALTER TABLE run ADD COLUMN list_source TEXT DEFAULT '' NOT NULL"))
    for table in (data_log, erasure):
        table.create(open_connection)  # a later step that changes one puts a copy of this version here


def _without_rowid(open_connection: Connection) -> str:
    """As SQLAlchemy says it for `sqlite_with_rowid=False`."""
    return " WITHOUT ROWID" if open_connection.dialect.name == "sqlite" else ""


def _add_people(open_connection: Connection) -> None:
    """Whose drafts, runs, connections and do-not-call lists these are; who came in, and who did what."""
    for table, name in (("draft", "owner"), ("upload", "owner"), ("connection", "team"), ("run", "team")):
        open_connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {name} VARCHAR DEFAULT '' NOT NULL"))
    open_connection.execute(text("ALTER TABLE run ADD COLUMN created_by VARCHAR DEFAULT 'person' NOT NULL"))
    # a later step that changes one of these tables puts a copy of this version here
    do_not_call.to_metadata(MetaData(), name="do_not_call_4").create(open_connection)
    open_connection.execute(
        text(
            "INSERT INTO do_not_call_4 (phone_key, team, added, source) SELECT phone_key, '', added, source FROM do_not_call"
        )
    )
    open_connection.execute(text("DROP TABLE do_not_call"))
    open_connection.execute(text("ALTER TABLE do_not_call_4 RENAME TO do_not_call"))
    journal.create(open_connection)
    login.create(open_connection)


def _to_version_4(open_connection: Connection) -> None:
    """What the platform calls back with; what is kept of people goes when its time has come; a desk that several people share."""
    _add_callbacks(open_connection)
    _add_retention(open_connection)
    _add_people(open_connection)


def _add_senders(open_connection: Connection) -> None:
    """Several processes that send from one database."""
    open_connection.execute(text("ALTER TABLE lease ADD COLUMN next_post FLOAT DEFAULT '0' NOT NULL"))
    open_connection.execute(text("ALTER TABLE run ADD COLUMN ever_unknown INTEGER DEFAULT '0' NOT NULL"))
    open_connection.execute(text("ALTER TABLE run ADD COLUMN rests_until FLOAT DEFAULT '0' NOT NULL"))
    _SENDER_OF_VERSION_5.create(open_connection)


#: As it was while several could send at once.
_SENDER_OF_VERSION_5 = Table(
    "sender",
    MetaData(),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("beat", BigInteger, nullable=False),
    *(Column(name, String, nullable=False) for name in ("host", "since")),
    Column("pid", Integer, nullable=False),
)


def _to_version_5(open_connection: Connection) -> None:
    """Senders that share their work. A PostgreSQL begins here: steps after this one have to run on both."""
    _add_senders(open_connection)


def _add_time_of_looking(open_connection: Connection) -> None:
    """How much time passed between two looks. What was looked before counts none: nobody measured it."""
    open_connection.execute(text("ALTER TABLE scan ADD COLUMN passed FLOAT DEFAULT '0' NOT NULL"))


def _end_sharing(open_connection: Connection) -> None:
    """One process sends and the others stand by: what senders told each other goes."""
    for table, name in (
        ("lease", "next_post"),
        ("run", "ever_unknown"),
        ("run", "rests_until"),
        ("sender", "beat"),
    ):
        open_connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {name}"))


def _to_version_6(open_connection: Connection) -> None:
    """Looks that know how much time passed, and one sender."""
    _add_time_of_looking(open_connection)
    _end_sharing(open_connection)
    open_connection.execute(delete(meta).where(meta.c.name == "home"))  # it says more from now on


#: Version a database reaches by this step → the step. Version 1 is where databases begin.
STEPS: Mapping[int, Callable[[Connection], None]] = {
    2: _to_version_2,
    3: _to_version_3,
    4: _to_version_4,
    5: _to_version_5,
    6: _to_version_6,
}

FIRST_VERSION = 1
_VERSION = "schema_version"


def schema_version() -> int:
    """The version this program writes."""
    return max(STEPS, default=FIRST_VERSION)


def found_version(open_connection: Connection) -> int:
    """The version of this database, 0 for an empty one. Raises StoreUnavailable("schema_newer")."""
    if not inspect(open_connection).has_table(meta.name):
        return 0
    value = open_connection.execute(select(meta.c.value).where(meta.c.name == _VERSION)).scalar()
    version = int(value) if value else 0
    if version > schema_version():
        raise StoreUnavailable("schema_newer", found=version, known=schema_version())
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
