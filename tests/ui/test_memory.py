"""What the server's memory holds of a number that was deleted: what pages that are open still show, and after the sweep nothing."""

import os
import signal
from contextlib import closing
from pathlib import Path

import pytest

from lib.erasure.forget_number import forget
from lib.store import Store
from tests.e2e.line import Line, shown
from tests.e2e.server import WATCHED, AppServer
from tests.waiting import until

CANARY = "13987650123"

NOBODY = "nobody"

#: In a column of its own, in a remark, and as the name of a column.
SHEET = f"姓名,手机号,{CANARY}\n张伟,{CANARY},\n王芳,13012121212,也可打{CANARY}\n李娜,1301212,\n"


class Memory:
    """The memory of a server that was started to tell who holds the number."""

    def __init__(self, app: AppServer, told: Path) -> None:
        self._app, self._told = app, told

    def holders(self) -> str:
        before = self._lines()
        os.kill(self._app.pid, signal.SIGUSR1)
        until(lambda: self._lines() > before, "it does not say who holds the number")
        return self._told.read_text(encoding="utf-8").splitlines()[-1]

    def _lines(self) -> int:
        return self._told.read_text(encoding="utf-8").count("\n") if self._told.exists() else 0


@pytest.mark.long
def test_sec60_after_the_sweep_no_memory_holds_a_number_that_was_deleted(tmp_path: Path) -> None:
    """SEC60: a page that was open meanwhile held it, and the certificate says so."""
    told = tmp_path / "holders"
    watched = {"PYTHONPATH": str(WATCHED), "WATCHED_HOLDERS": str(told), "WATCHED_TEXT": CANARY[::-1]}
    data = tmp_path / "data"
    with AppServer(data, ["--server.disconnectedSessionTTL=1"], **watched) as app:
        memory = Memory(app, told)
        with Line(app.url) as line:
            line.open("upload")
            line.choose(SHEET.encode(), "名单甲.csv")
            assert "名单甲" in shown(line.drawn())
            for page in ("mapping", "review"):
                line.open(page)
            with closing(Store(data / "desk.db")) as store:
                assert forget(store, CANARY, block=True).counts["file_rows"]
            assert memory.holders() != NOBODY, "a page is open, and something can be found"
        until(lambda: memory.holders() == NOBODY, lambda: memory.holders())
