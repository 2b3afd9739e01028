"""`python -m tests.screens --out FOLDER`: walk the app as a person does and take a picture of each page in each state.

Languages, themes and widths are chosen by options; each combination is a walk of its own with a fresh data folder.
`--readme` takes those that README and `.images/README.md` show, into `.images/`.
"""

import argparse
import itertools
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.e2e import browser
from tests.e2e.conftest import FLAGS
from tests.screens.walk import Look, walk

ROOT = Path(__file__).resolve().parents[2]

#: Picture of the walk → its name in `.images/`.
README = {
    "01-empty-overview": "overview",
    "05-upload": "upload",
    "06-mapping": "mapping",
    "07-review": "review",
    "11-submit-plan": "submit",
    "13-submit-unknown": "unknown",
    "21-history-run": "history",
    "09-connection-tested": "connection",
    "01-empty-do_not_call": "do_not_call",
    "01-empty-privacy": "privacy",
    "01-empty-help": "help",
    "01-empty-about": "about",
}


def main(arguments: list[str]) -> int:
    """Take the pictures; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.screens", description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / ".artifacts")
    parser.add_argument("--lang", nargs="+", default=["zh", "en"], choices=["zh", "en"])
    parser.add_argument("--theme", nargs="+", default=["light", "dark"], choices=["light", "dark"])
    parser.add_argument("--width", nargs="+", type=int, default=[1280])
    parser.add_argument("--readme", action="store_true")
    given = parser.parse_args(arguments)
    looks = (
        [Look("zh", "light", 1280)]
        if given.readme
        else itertools.starmap(Look, itertools.product(given.lang, given.theme, given.width))
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser.find(), args=FLAGS)
        for look in looks:
            folder = given.out / f"{look.lang}-{look.theme}-{look.width}"
            folder.mkdir(parents=True, exist_ok=True)
            for name in walk(chromium, look, folder):
                print(folder / f"{name}.png", flush=True)
            if given.readme:
                for taken, shown in README.items():
                    (ROOT / ".images" / f"{shown}.png").write_bytes((folder / f"{taken}.png").read_bytes())
        chromium.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
