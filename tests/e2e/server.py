"""The app as a person starts it: `streamlit run app.py`, in a process of its own."""

import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.ports import free_port
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[2]

#: Put on PYTHONPATH together with WATCHED_CONNECTIONS (a file), it writes down whom the app talks to.
WATCHED = ROOT / "tests" / "e2e" / "watched"

#: Every app that was started and may still run; one that has ended keeps its log.
STARTED: list["AppServer"] = []


@dataclass(frozen=True)
class Held:
    """What a process holds: megabytes of memory, open files and lines, threads."""

    megabytes: float
    descriptors: int
    threads: int

    @classmethod
    def by(cls, pid: int) -> "Held":
        """Linux only."""
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        told = dict(line.split(":", 1) for line in lines)
        return cls(
            int(told["VmRSS"].split()[0]) / 1024,
            len(list(Path(f"/proc/{pid}/fd").iterdir())),
            int(told["Threads"]),
        )

    def __str__(self) -> str:
        return f"{self.megabytes:.0f} MB, {self.descriptors} descriptors, {self.threads} threads"


class AppServer:
    """One running app. `url` has no slash at its end.

    flags: further arguments of `streamlit run`. started_by: the arguments of Python that stand for Streamlit's command
    line. cwd: the folder of the app. settings: further variables of its environment.
    """

    def __init__(
        self,
        data: Path,
        flags: Sequence[str] = (),
        *,
        started_by: Sequence[str] = ("-m", "streamlit"),
        script: str = "app.py",
        cwd: Path = ROOT,
        **settings: str,
    ) -> None:
        self.data, self._flags, self._settings, self._cwd = data, flags, settings, cwd
        self._started_by = (*started_by, "run", script)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the server
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [sys.executable, *self._started_by, f"--server.port={self.port}", *self._flags],
            cwd=self._cwd,
            env=os.environ
            | {"CONTACT_DESK_DATA": str(self.data), "CONTACT_DESK_KEYRING": "off"}
            | self._settings,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        STARTED.append(self)
        until(self._answers, lambda: f"the app does not answer:\n{self.log()}")

    def _answers(self) -> bool:
        if not self.runs:
            raise RuntimeError(f"the app did not start:\n{self.log()}")
        try:
            with urllib.request.urlopen(self.url + "/_stcore/health", timeout=PATIENCE):
                return True
        except urllib.error.HTTPError as answered:
            answered.close()
            return True  # it answers, and refuses: the self-check
        except OSError:
            return False

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process, "not started"
        return self._process.pid

    def held(self) -> Held:
        """What its process holds now, without its children."""
        return Held.by(self.pid)

    def stop(self, *, kill: bool = False) -> None:
        """End it, by SIGTERM or by SIGKILL."""
        if self._process:
            (self._process.kill if kill else self._process.terminate)()
            self._process.wait(timeout=PATIENCE)
            self._process = None

    def log(self) -> str:
        """Everything it has printed so far."""
        if self._log.closed:
            return self._last_log
        file = (
            self._log.fileno()
        )  # the server writes where this file stands: moving that would write over what it said
        return os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace")

    def practice_url(self) -> str:
        """Address of the practice platform this app has started, found among its child processes."""
        assert self._process
        children = Path(f"/proc/{self._process.pid}/task").glob("*/children")
        for pid in {pid for path in children for pid in path.read_text().split()}:
            if "lib.sandbox" in Path(f"/proc/{pid}/cmdline").read_text():
                return f"http://127.0.0.1:{_listening_port(int(pid))}"
        raise RuntimeError("no practice platform is running")

    def __enter__(self) -> "AppServer":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._last_log = self.log()
        self._log.close()


def _listening_port(pid: int) -> int:
    """The port a process listens on, by its sockets (Linux)."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes |= set(re.findall(r"socket:\[(\d+)\]", os.readlink(link)))
        except FileNotFoundError:
            continue
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and fields[9] in inodes:
            return int(fields[1].split(":")[1], 16)
    raise RuntimeError("the practice platform does not listen")
