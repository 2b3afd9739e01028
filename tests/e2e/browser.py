"""Finds the Chromium the browser tests drive."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

#: The shell first: the same engine without windows of its own, a seventh less of the processor for a journey.
_NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge",
)  # fmt: skip

_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)

#: Seconds Playwright may take to fetch its own Chromium.
DOWNLOAD_SECONDS = 300


@cache
def find() -> str | None:
    """Path of a Chromium: named by CHROMIUM, installed, or fetched by Playwright; None where there is none."""
    named = os.environ.get("CHROMIUM")
    installed = named or next(filter(None, map(shutil.which, _NAMES)), None)
    return installed or next((place for place in _PLACES if Path(place).exists()), None) or _fetched()


def _fetched() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if not Path(path).exists():
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        try:
            subprocess.run(command, check=False, capture_output=True, timeout=DOWNLOAD_SECONDS)
        except subprocess.TimeoutExpired:
            return None
    return path if Path(path).exists() else None
