"""The practice platform as a child of the app: started when first needed, ended with the app, never an orphan."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from lib.errors import NotSent

#: The token of the built-in account; no secret.
TOKEN = "practice"

#: What one of several processes keeps for itself: each has a platform of its own, and a practice run needs one.
PRACTICE = "practice"

#: What Python needs to start, and nothing else that a person has set (SEC47).
_KEPT_ENVIRONMENT = ("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "TEMP", "TMP", "TMPDIR", "LD_LIBRARY_PATH")

#: How it starts.
_START = ("--port", "0", "--token", TOKEN, "--scenario", "normal", "--exit-with-parent")

_ROOT = Path(__file__).resolve().parents[2]


class Practice:
    """One practice platform on a free loopback port."""

    def __init__(self, data: Path | None = None) -> None:
        """data: file that keeps its batches and numbers over a restart; None: they end with it."""
        self._data, self._lock = data, threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._url = ""

    def url(self) -> str:
        """Its address; starts it, or starts it again where it has ended. Raises NotSent where it cannot start."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            return self._url

    def _start(self) -> None:
        self._end()
        kept = ["--data", str(self._data)] if self._data else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "lib.sandbox", *_START, *kept],
            cwd=_ROOT,
            stdin=subprocess.PIPE,  # its end tells the child that this process is gone, kill -9 included
            stdout=subprocess.PIPE,
            text=True,
            env={name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
            | {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"},
        )
        assert self._process.stdout
        self._url = self._process.stdout.readline().strip()
        if not self._url.startswith("http://"):
            self._end()
            raise NotSent("practice_not_started")

    def close(self) -> None:
        """End it."""
        with self._lock:
            self._end()

    def forget(self) -> None:
        """End it, and keep nothing of it: what it was about to answer stays without an answer."""
        with self._lock:
            self._end()
            if self._data:
                for name in (self._data.name, f"{self._data.name}-journal"):
                    self._data.with_name(name).unlink(missing_ok=True)

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()
        process.terminate()
        process.wait(timeout=5)
