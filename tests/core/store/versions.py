"""A database made by an older version."""

import sqlite3
from contextlib import closing
from pathlib import Path

#: As the last program that wrote version 5 made it (dab3cc6).
VERSION_5 = Path(__file__).with_name("test_store_version_5.sql")


def version_5(path):
    path.parent.mkdir()
    key, _, sql = VERSION_5.read_text("utf-8").partition("\n")
    path.with_name("desk.db.key").write_bytes(bytes.fromhex(key.removeprefix("-- key ")))
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(sql)


def shape(path):
    with closing(sqlite3.connect(path)) as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {
            name: sorted(tuple(row[1:4]) for row in raw.execute(f"PRAGMA table_info({name})"))
            for name in tables
        }
        indexes = raw.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type IN ('index', 'trigger')"
        ).fetchall()
    return columns, sorted(indexes)
