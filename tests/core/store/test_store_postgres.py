"""PostgreSQL behind the store's seam: what it is told, how its troubles are named, what it keeps and where its key is."""

import threading
import traceback
from contextlib import closing, suppress

import pytest
from sqlalchemy import make_url, select, text, update
from sqlalchemy.exc import IntegrityError, ProgrammingError

from lib.access import settings
from lib.engine import __main__ as engine_command
from lib.errors import StoreUnavailable
from lib.platform.connection import practice
from lib.run.records import Fenced
from lib.store import Store, lock, postgres, schema, transitions
from lib.store.database import Database
from lib.words import t
from tests import databases
from tests.core import store_scenes as scenes
from tests.core.store_scenes import Scripted, states, steps
from tests.waiting import PATIENCE, until


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "desk.db"


@pytest.fixture
def url(path):
    return databases.at(path)


@pytest.fixture
def name(url):
    return make_url(url).database


@pytest.fixture
def server():
    return databases.EVERY.server


@pytest.fixture
def store(url):
    with closing(Store(url)) as opened:
        yield opened


@pytest.fixture
def joe(server, url):
    """The same database for a user without special rights; (url, role)."""
    server.ask("CREATE ROLE joe LOGIN")
    yield url.replace("desk@", "joe@")
    server.ask("DROP ROLE joe")


def shown(tx, setting):
    return tx.exec_driver_sql(f"SHOW {setting}").scalar()


# --- transactions -----------------------------------------------------------------------------------------------


def test_a_write_has_its_turn_and_a_read_sees_one_moment(url):
    with closing(Database(url)) as db:
        with db.read() as tx:
            assert (shown(tx, "transaction_isolation"), shown(tx, "transaction_read_only")) == (
                "repeatable read",
                "on",
            )
        with db.write() as tx:
            assert shown(tx, "transaction_isolation") == "read committed"
            assert {name: shown(tx, name) for name in ("synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout")} == {
                "synchronous_commit": "on", "lock_timeout": "30s", "idle_in_transaction_session_timeout": "30s",
            }  # fmt: skip


def test_writers_of_two_processes_come_one_after_the_other(url):
    order = []
    with closing(Database(url)) as one, closing(Database(url)) as other:
        waiting = threading.Event()

        def second():
            waiting.set()
            with other.write():
                order.append("second")

        with one.write():
            thread = threading.Thread(target=second)
            thread.start()
            waiting.wait(PATIENCE)
            with other.write("drafts"), other.write_unqueued():
                order.append("in another queue")
            order.append("first")
        thread.join(PATIENCE)
    assert order == ["in another queue", "first", "second"]


def test_one_that_waits_too_long_for_its_turn_is_told(url, monkeypatch):
    monkeypatch.setattr(postgres, "_SETTINGS", "SET lock_timeout = '20ms'")
    with (
        closing(Database(url)) as one,
        closing(Database(url)) as other,
        one.write(),
        pytest.raises(StoreUnavailable, match="server_locked"),
    ):
        other.write().__enter__()


def test_connections_the_server_has_dropped_are_replaced_where_nothing_was_done_on_them(store, server, name):
    draft = store.drafts.create({})
    server.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    assert store.drafts.get(draft) is not None
    server.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    assert store.drafts.create({})


def test_a_server_that_goes_in_the_middle_is_told(store, server, name):
    def cut_off():
        with store._db.write() as tx:
            server.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
            tx.execute(text("SELECT 1"))

    with pytest.raises(StoreUnavailable, match="server_gone"):
        cut_off()
    assert store.drafts.latest() == []


def test_a_sender_whose_server_was_restarted_goes_on(store, server, name):
    run_id = store.runs.create(scenes.plan(batches=2))
    sender = scenes.engine(store, Scripted())
    sender.step()
    server.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    steps(sender, 5)
    assert states(store, run_id) == ["accepted"] * 2
    with store._db.read() as tx:
        assert tx.execute(select(schema.sender.c.epoch)).scalars().all() == [sender._epoch]


@pytest.fixture
def elder(store):
    """A sender that holds one batch; (store, run id, epoch, claim)."""
    run_id = store.runs.create(scenes.plan(batches=1))
    epoch = store.sender.take_over()
    [claim] = store.sender.claim(epoch, run_id, 1)
    return store, run_id, epoch, claim


def is_waiting(server, name):
    """Whether a transaction of this database waits for another's lock."""
    waiting = f"SELECT pid FROM pg_stat_activity WHERE datname = '{name}' AND wait_event_type = 'Lock'"
    return bool(server.ask(waiting))


def stopped_before_its_commit(monkeypatch, which):
    """That step of the sender, held inside its transaction once it has done everything: (has come so far, may commit)."""
    real, came, may_go = getattr(transitions, which), threading.Event(), threading.Event()

    def held(*facts, **more):
        done = real(*facts, **more)
        came.set()
        assert may_go.wait(PATIENCE)
        return done

    monkeypatch.setattr(transitions, which, held)
    return came, may_go


def test_a_mark_that_is_being_made_while_its_batch_is_settled_counts(elder, server, name, monkeypatch):
    """The settling waits for the mark's transaction and sees the mark: unknown, where a moment earlier it was "planned"."""
    store, run_id, epoch, claim = elder
    came, may_go = stopped_before_its_commit(monkeypatch, "wire")
    marking = threading.Thread(target=lambda: store.sender.wire(epoch, claim))
    settling = threading.Thread(target=store.sender.take_over)
    marking.start()
    assert came.wait(PATIENCE)
    settling.start()
    until(lambda: is_waiting(server, name), "the settling did not wait for the mark")
    may_go.set()
    marking.join(PATIENCE)
    settling.join(PATIENCE)
    assert states(store, run_id) == ["unknown"]


def test_a_mark_that_comes_while_its_batch_is_settled_is_refused(elder, server, name, monkeypatch):
    """The mark waits for the settling and finds its attempt ended: no byte leaves, and the batch is planned."""
    store, run_id, epoch, claim = elder
    came, may_go = stopped_before_its_commit(monkeypatch, "take_over")
    refused = []

    def mark():
        try:
            store.sender.wire(epoch, claim)
        except Fenced as error:
            refused.append(error.code)

    settling, marking = threading.Thread(target=store.sender.take_over), threading.Thread(target=mark)
    settling.start()
    assert came.wait(PATIENCE)
    marking.start()
    until(lambda: is_waiting(server, name), "the mark did not wait for the settling")
    may_go.set()
    settling.join(PATIENCE)
    marking.join(PATIENCE)
    assert (states(store, run_id), refused) == (["planned"], ["fenced"])


# --- troubles ---------------------------------------------------------------------------------------------------


def test_a_database_or_a_user_that_is_not_there_is_told(url, name):
    with pytest.raises(StoreUnavailable, match="server_database"):
        Store(url.replace(name, "nowhere"))
    with pytest.raises(StoreUnavailable, match="server_login"):
        Store(url.replace("desk@", "nobody@"))


def test_a_user_without_rights_is_told(joe):
    with pytest.raises(StoreUnavailable, match="server_rights"):
        Store(joe)


def test_a_server_without_a_free_connection_is_told(joe, server):
    server.ask("ALTER ROLE joe CONNECTION LIMIT 0")
    with pytest.raises(StoreUnavailable, match="server_busy"):
        Store(joe)


def test_a_server_that_may_not_write_is_told(store, url, server, name):
    server.ask(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    with pytest.raises(StoreUnavailable, match="server_read_only"):
        Store(url)


def test_a_sender_alone_ends_with_a_sentence_where_the_server_may_not_write(
    store, url, server, name, tmp_path, monkeypatch, capsys
):
    server.ask(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on')
    monkeypatch.setattr("signal.signal", lambda *_: None)
    assert engine_command.main(["--database", url, "--secrets", str(tmp_path / "none")]) == 1
    assert t("error.server_read_only", "zh") in capsys.readouterr().err


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("08006", "server_gone"), ("57P01", "server_gone"), ("57P03", "server_gone"), ("28P01", "server_login"), ("3D000", "server_database"),
        ("53100", "server_full"), ("53200", "server_busy"), ("53300", "server_busy"), ("40001", "server_locked"), ("40P01", "server_locked"),
        ("57014", "server_locked"), ("58030", "store_io"), ("XX001", "server_corrupt"), ("25006", "server_read_only"), ("42501", "server_rights"),
        ("23505", None), ("42601", None), ("22021", None),
    ],
)  # fmt: skip
def test_every_family_of_states_has_its_code_and_our_own_mistakes_have_none(state, code):
    error = Exception()
    error.sqlstate = state
    assert postgres.error_code(error) == code


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('connection failed: FATAL:  password authentication failed for user "x"', "server_login"),
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4"', "server_login"),
        ('致命错误:  用户 "x" Password 认证失败', "server_login"),
        ("fe_sendauth: no password supplied", "server_gone"),
        ('FATAL:  database "x" does not exist', "server_database"),
        ('致命错误:  数据库 "x" 不存在', "server_database"),
        ("FATAL:  sorry, too many clients already", "server_busy"),
        ("Connection refused", "server_gone"),
        ("FATAL:  the database system is starting up", "server_gone"),
    ],
)
def test_a_connection_that_does_not_come_about_is_told_by_its_text(said, code):
    kind = type("OperationalError", (Exception,), {})
    assert postgres.error_code(kind(said)) == code
    assert postgres.error_code(ValueError(said)) is None


def test_mistakes_in_our_sql_stay_loud(store):
    with pytest.raises(ProgrammingError), store._db.read() as tx:
        tx.execute(text("SELECT nothing FROM nowhere"))


def test_the_database_itself_refuses_a_change_of_state_that_does_not_exist(store):
    store.runs.create(scenes.plan(batches=1))
    with pytest.raises(IntegrityError, match="does not exist"), store._db.write() as tx:
        tx.execute(update(schema.batch).values(state="accepted"))


def test_text_that_postgresql_cannot_hold_becomes_a_replacement_character(store):
    connection = practice("http://127.0.0.1:9")
    draft = store.drafts.create({"name": "a\0b\ud800"})
    store.edits.add(draft, [(2, "na\0me", "a\0", "\ud800")])
    assert store.drafts.get(draft).state == {"name": "a\0b\ud800"}
    [edit] = store.edits.of_draft(draft)
    assert (edit.field, edit.before, edit.after) == ("na\ufffdme", "a\0", "\ud800")
    assert store.batches.table(search="\0").empty
    store.connections.save(connection)
    assert store.connections.all() == [connection]


def test_a_search_does_not_mind_capitals(store):
    store.runs.create(scenes.plan(batches=1))
    assert len(store.batches.table(search="客户.XLSX")) == 1


# --- schema, key, home --------------------------------------------------------------------------------------------


def test_a_newer_schema_is_refused(url):
    with closing(Database(url)) as db, db.write() as tx:
        tx.execute(update(schema.meta).where(schema.meta.c.name == "schema_version").values(value="99"))
    with pytest.raises(StoreUnavailable, match="schema_newer"):
        Store(url)


def test_a_step_that_breaks_leaves_the_database_as_it_was(url, monkeypatch):
    def broken(tx):
        tx.execute(text("ALTER TABLE draft ADD COLUMN note TEXT"))
        raise StoreUnavailable("store_error")

    monkeypatch.setattr(schema, "STEPS", {schema.schema_version() + 1: broken})
    with pytest.raises(StoreUnavailable, match="store_error"):
        Store(url)
    monkeypatch.undo()
    with closing(Store(url)) as again:
        assert again.drafts.latest() == []


def test_processes_that_start_at_the_same_moment_make_one_schema(server):
    url, opened = server.create("desk_together"), []
    try:
        threads = [threading.Thread(target=lambda: opened.append(Store(url))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({store._db.key for store in opened}) == 1
        assert len(opened) == 3
    finally:
        for store in opened:
            store.close()
        server.drop("desk_together")


def test_a_key_that_is_given_is_not_kept_in_the_database_and_another_is_refused(server):
    url, key = server.create("desk_keyed"), bytes(range(32))
    try:
        with closing(Store(url, key=key)) as store:
            assert store._db.key == key
            with store._db.read() as tx:
                assert key.hex() not in tx.execute(select(schema.meta.c.value)).scalars().all()
        for other in (None, b"x" * 32):
            with pytest.raises(StoreUnavailable, match="server_key"):
                Store(url, key=other)
    finally:
        server.drop("desk_keyed")


def test_settings_come_from_the_environment_or_the_file_of_secrets(tmp_path):
    file = tmp_path / "desk.db"
    assert settings.database(file, {}, {}) == settings.DatabaseSetting(file)
    assert settings.database(file, {"DATABASE_URL": " "}, {"CONTACT_DESK_INSTALL_KEY": "no"}).where == file
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(
        f'DATABASE_URL = "postgresql://a:b@c/d"\nCONTACT_DESK_INSTALL_KEY = "{"0f" * 32}"\n', "utf-8"
    )
    found = settings.database(file, {}, settings.secrets([tmp_path / "none.toml", secrets]))
    assert (found.where, found.key, found.is_shared) == ("postgresql://a:b@c/d", b"\x0f" * 32, True)
    assert "a:b" not in repr(found)
    assert (
        settings.database(
            file,
            {"DATABASE_URL": "postgresql://e"},
            settings.secrets([tmp_path / "none.toml", secrets]),
        ).where
        == "postgresql://e"
    )
    with pytest.raises(StoreUnavailable, match="server_key_form"):
        settings.database(file, {"DATABASE_URL": "postgresql://e", "CONTACT_DESK_INSTALL_KEY": "12345"}, {})


@pytest.mark.parametrize(
    "address",
    ["desk:s3cr3t@db.example/desk", "s3cr3t", "/var/s3cr3t.db", "sqlite:///s3cr3t.db", "mysql://desk:s3cr3t@db/desk", "postgresql:s3cr3t",
     "postgresql://", "POSTGRES//s3cr3t"],
)  # fmt: skip
def test_sec46_what_is_no_address_of_a_postgresql_is_neither_used_nor_shown(tmp_path, monkeypatch, address):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreUnavailable, match="server_address") as refused:
        settings.database(tmp_path / "desk.db", {}, {"DATABASE_URL": address})
    told = "".join(traceback.format_exception(refused.value)) + repr(refused.value.params)
    assert "s3cr3t" not in told
    assert list(tmp_path.iterdir()) == []
    for fine in ("postgresql://a@b/c", "postgresql+psycopg://a@b/c", "postgres://a@b/c"):
        assert settings.database(tmp_path / "desk.db", {"DATABASE_URL": fine}, {}).where == fine


def restored(server, name):
    """The database as a dump would bring it back: under another name."""
    server.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    return server.create(f"{name}_restored", name)


def test_a_database_restored_elsewhere_sends_nothing_of_what_may_have_gone_out(url, server, name):
    with closing(Store(url)) as store:
        run_id = store.runs.create(scenes.plan(batches=3))
        steps(scenes.engine(store, Scripted()), 1)
    elsewhere = restored(server, name)
    try:
        platform = Scripted()
        with closing(Store(elsewhere)) as store:
            sender = scenes.engine(store, platform)
            steps(sender, 3)
            assert states(store, run_id) == ["accepted", "unknown", "unknown"]
        assert platform.posts == 0
        with closing(Store(elsewhere)) as again:
            fresh = again.runs.create(scenes.plan(batches=1, first_phone=14000000000))
            steps(scenes.engine(again, platform), 2)
            assert states(again, fresh) == ["accepted"]
    finally:
        server.drop(f"{name}_restored")


def test_a_database_restored_in_place_sends_nothing_of_what_may_have_gone_out(url):
    """pg_restore --clean drops every table and makes it again; all that the backup held is planned there."""
    with closing(Store(url)) as store:
        store.sender.resign(store.sender.take_over())
        run_id = store.runs.create(scenes.plan(batches=3))
        scenes.restore_in_place(store)
    with closing(Store(url)) as store:
        platform = Scripted()
        steps(scenes.engine(store, platform), 3)
        assert states(store, run_id) == ["unknown"] * 3
        assert platform.posts == 0


def test_an_attempt_the_database_does_not_know_any_more_is_seen_by_the_mark_of_its_process(url, path):
    mark = path.with_name("server.mark")
    with closing(Store(url, second_mark=mark)) as store:
        run_id = store.runs.create(scenes.plan(batches=3))
        steps(scenes.engine(store, Scripted()), 1)
        with store._db.write() as tx:  # as a restore in place would leave it
            tx.exec_driver_sql("UPDATE batch SET attempt_id = NULL WHERE attempt_id IS NOT NULL")
            tx.exec_driver_sql("DELETE FROM attempt")
    with closing(Store(url, second_mark=mark)) as store:
        store.sender.take_over()
        assert states(store, run_id) == ["accepted", "unknown", "unknown"]


def test_an_ordinary_restart_and_a_process_without_a_mark_doubt_nothing(url, path):
    for mark in (
        path.with_name("server.mark"),
        path.with_name("server.mark"),
        None,
        path.with_name("other.mark"),
    ):
        with closing(Store(url, second_mark=mark)) as store:
            run_id = store.runs.create(scenes.plan(batches=1))
            steps(scenes.engine(store, Scripted()), 2)
            assert states(store, run_id) == ["accepted"]


def test_a_server_that_becomes_another_one_stops_everything_until_a_restart(url, monkeypatch, server, name):
    with closing(Store(url)) as store:
        monkeypatch.setattr(postgres, "_HOME", "SELECT 'elsewhere'")
        store.drafts.latest()
        server.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        with pytest.raises(StoreUnavailable, match="server_moved"):
            store.drafts.latest()


def test_a_server_that_does_not_write_through_is_told(url, caplog):
    Store(url).close()
    assert "fsync is off" in caplog.text


def test_after_a_restart_of_the_server_the_one_that_sent_has_the_lock_first(monkeypatch):
    clock = scenes.Clock()
    monkeypatch.setattr(lock.time, "monotonic", clock)
    server = databases.Server("max_connections=50")
    try:
        url = server.create("desk")
        with closing(Store(url)) as first, closing(Store(url)) as second:
            monkeypatch.setattr(lock, "GRACE_SECONDS", 3.0)
            epoch = first.sender.take_over()
            assert second.sender.take_over() == 0
            server.stop("fast")
            for store, act in (
                (first, lambda: first.sender.attend(epoch)),
                (second, second.sender.take_over),
            ):
                with pytest.raises(StoreUnavailable):
                    act()
                assert store._db.is_shared
            server.start()
            assert second.sender.take_over() == 0
            first.sender.attend(epoch)
            clock.now += 60
            assert second.sender.take_over() == 0
            server.stop("fast")
            with suppress(StoreUnavailable):
                second.sender.take_over()
            server.start()
            assert second.sender.take_over() == 0
            clock.now += 60
            assert second.sender.take_over() > epoch
    finally:
        server.close()
