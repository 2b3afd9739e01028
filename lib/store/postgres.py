"""What is special about PostgreSQL: its transactions and locks, its settings, its error codes. The only place with its own SQL.

A write is READ COMMITTED behind its queue's advisory lock: a snapshot would be as old as the waiting. A read is REPEATABLE
READ: one moment. A session's lock (`lib.store.lock`) needs a session: no pooler that hands one out per transaction may stand between.
"""

import logging
import re
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event
from sqlalchemy.pool import NullPool

from lib.errors import StoreUnavailable
from lib.run.records import storable

log = logging.getLogger(__name__)

#: Connections a process keeps, and more at a rush; one more holds its lock. A server takes 100 unless told otherwise.
POOL_SIZE, POOL_RUSH = 5, 15

#: Seconds to wait for the server, for another process's lock, and for a process that stands still in its transaction.
CONNECT_SECONDS, LOCK_SECONDS, IDLE_SECONDS = 10, 30, 30

#: First half of every advisory lock of ours; the second names what is locked.
_WRITES, SESSIONS = 0x0DE5C001, 0x0DE5C002

_SETTINGS = f"""
    SET lock_timeout = '{LOCK_SECONDS}s';
    SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s';
    SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3;
    SET application_name = 'contact-desk';
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""

#: Of a table that is never made anew, but by a restore in place, which drops every one and makes it again.
_TABLE = "SELECT 'lease'::regclass::oid"

_HOME = """
    SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
        (SELECT timeline_id FROM pg_control_checkpoint()), (SELECT oid FROM pg_database WHERE datname = current_database()))
"""

#: SQLSTATE, or its first two characters, → our code.
_ERRORS: dict[str, str] = {
    "08": "server_gone",
    "57P01": "server_gone",
    "57P02": "server_gone",
    "57P03": "server_gone",
    "25P03": "server_gone",
    "28": "server_login",
    "3D": "server_database",
    "25006": "server_read_only",
    "42501": "server_rights",
    "53100": "server_full",
    "53300": "server_busy",
    "53": "server_busy",
    "40": "server_locked",
    "55P03": "server_locked",
    "57014": "server_locked",
    "58": "store_io",
    "XX001": "server_corrupt",
    "XX002": "server_corrupt",
}

#: A connection that does not come about has no SQLSTATE, only a text, in the server's language.
_REFUSALS = (
    (r"password|pg_hba|no password|authentication|认证|口令|密码", "server_login"),
    (r"role .* does not exist|角色.*不存在|not permitted to log in", "server_login"),
    (r"does not exist|不存在", "server_database"),
    (r"too many (clients|connections)|connection slots|连接.*过多", "server_busy"),
)


def made(url: URL, *, pooled: bool = True, stays: bool = False) -> Engine:
    """An engine that begins nothing by itself.

    url: of the database; its driver is chosen here, and how long to wait for the server unless it says so itself
    pooled: False for one whose connections end when they are closed
    stays: what it connects to first is what it connects to ever; raises StoreUnavailable("server_moved") where another
        server, or an earlier state of this one, answers at the address. That is for a start to look into
    """
    query = {"connect_timeout": str(CONNECT_SECONDS)} | dict(url.query)
    engine = create_engine(
        url.set(drivername="postgresql+psycopg", query=query),
        isolation_level="AUTOCOMMIT",  # of the driver: our own BEGIN says what each transaction is
        hide_parameters=True,  # an exception text must not carry a phone number
        **({"pool_size": POOL_SIZE, "max_overflow": POOL_RUSH} if pooled else {"poolclass": NullPool}),
    )
    _listen(engine)
    if stays:
        _stay(engine)
    return engine


def _stay(engine: Engine) -> None:
    first: list[str] = []

    @event.listens_for(engine, "connect")
    def same_home(raw: Any, _record: Any) -> None:
        found = str(raw.execute(_HOME).fetchone()[0])
        if (first or [found])[0] != found:
            raise StoreUnavailable("server_moved")
        first[:] = [found]


def _listen(engine: Engine) -> None:
    """Settings on every connection."""
    from psycopg.types.string import StrDumperUnknown

    class Storable(StrDumperUnknown):
        """Text as PostgreSQL can hold it: NUL and lone surrogates become a replacement character."""

        def dump(self, obj: str) -> Any:
            return super().dump(storable(obj))

    @event.listens_for(engine, "connect")
    def settings(raw: Any, _record: Any) -> None:
        raw.adapters.register_dumper(str, Storable)
        raw.execute(_SETTINGS, prepare=False)

    @event.listens_for(engine, "handle_error")
    def terse(context: Any) -> None:
        """The server's details name the values of a row: they go into no message of ours."""
        said = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
        if said:
            whole, context.original_exception.args = str(context.original_exception), (said,)
            if context.sqlalchemy_exception is not None:
                known = context.sqlalchemy_exception
                known.args = tuple(str(part).replace(whole, said) for part in known.args)


def begin(connection: Connection, *, writes: bool, queues: Sequence[str]) -> None:
    """BEGIN, and for a write its turn.

    connection: the server has begun nothing on it yet
    writes: False for a read, which sees one moment and takes no turn
    queues: what a write is alone with until it ends, none for one without a turn; whoever names several names them in
        one order
    """
    if not writes:
        connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return
    connection.exec_driver_sql("BEGIN ISOLATION LEVEL READ COMMITTED")
    for queue in queues:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITES}, {_number(queue)})")


def moment(connection: Connection) -> float:
    """Seconds since 1970 by the server's clock: the one clock that all processes share."""
    return float(connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one())


def guard_states(connection: Connection, allowed: Iterable[tuple[str, str]]) -> None:
    """Have the database itself refuse every change of a batch's state but these. Idempotent."""
    there = "SELECT 1 FROM pg_trigger WHERE tgname = 'batch_states_2' AND tgrelid = 'batch'::regclass"
    if connection.exec_driver_sql(there).first():
        return
    pairs = " OR ".join(f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, new in sorted(allowed))
    connection.exec_driver_sql(
        "CREATE OR REPLACE FUNCTION batch_states_2() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'this change of state does not exist' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    connection.exec_driver_sql(
        "CREATE TRIGGER batch_states_2 BEFORE UPDATE OF state ON batch FOR EACH ROW "
        f"WHEN (OLD.state <> NEW.state AND NOT ({pairs})) EXECUTE FUNCTION batch_states_2()"
    )


def number_on(connection: Connection, table: Table) -> None:
    """Let the database's own numbers of a table go on after those that are there."""
    for column in table.primary_key:
        if column is table.autoincrement_column:
            last = f"(SELECT coalesce(max({column.name}), 0) + 1 FROM {table.name})"
            connection.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), {last}, false)"
            )


def home(connection: Connection) -> str:
    """What this database is on its server: another one after a restore, in place, into a new database or to an earlier moment."""
    return "/".join(str(connection.exec_driver_sql(asked).scalar_one()) for asked in (_HOME, _TABLE))


def check(connection: Connection) -> None:
    """Tell where the server may lose what it has confirmed."""
    if connection.exec_driver_sql("SHOW fsync").scalar() != "on":
        log.warning(
            "this PostgreSQL server does not write through to its disk (fsync is off): marks may be lost with its power"
        )


def error_code(error: BaseException | None) -> str | None:
    """Our code for an error of the driver; None for one that is our own mistake."""
    state = getattr(error, "sqlstate", None)
    if state:
        return _ERRORS.get(state) or _ERRORS.get(state[:2])
    text = str(error)
    if type(error).__name__ != "OperationalError":
        return None
    refused = "FATAL" in text or "致命" in text
    return next((code for sign, code in _REFUSALS if refused and re.search(sign, text)), "server_gone")


def lock_session(connection: Connection, name: str) -> bool:
    """Whether this session has this lock from now on; it is free the moment the session ends."""
    return bool(
        connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({SESSIONS}, {_number(name)})").scalar()
    )


def unlock_session(connection: Connection, name: str) -> None:
    """Let go of it before the session ends, which the server may notice later."""
    connection.exec_driver_sql(f"SELECT pg_advisory_unlock({SESSIONS}, {_number(name)})").scalar()


def ping(connection: Connection) -> None:
    """Raises DBAPIError where the session has ended."""
    connection.exec_driver_sql("SELECT 1").scalar()


def _number(name: str) -> int:
    """A name as the second half of an advisory lock: a signed 32-bit number."""
    found = zlib.crc32(name.encode())
    return found - 2**32 if found >= 2**31 else found
