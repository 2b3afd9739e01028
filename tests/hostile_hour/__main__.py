"""`python -m tests.hostile_hour --minutes 60`: play it, print the figures; the exit code is 1 where something did not hold."""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e import browser as chromium
from tests.e2e.conftest import FLAGS
from tests.hostile_hour.hour import play

#: Batches a minute: several hundred in an hour.
_BATCHES = 8


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile_hour", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument(
        "--kept",
        type=int,
        default=600,
        metavar="SECONDS",
        help="for which the server keeps a visit that has ended",
    )
    given = parser.parse_args(arguments)
    batches = max(40, round(_BATCHES * given.minutes))
    with tempfile.TemporaryDirectory(prefix="hostile-hour-") as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        played = play(
            browser, Path(folder), seconds=given.minutes * 60, batches=batches, kept_seconds=given.kept
        )
    print(played)
    return 1 if played.wrong or played.grown else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
