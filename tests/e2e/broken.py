"""Streamlit's command line with an app that breaks: `python tests/e2e/broken.py run app.py`; see `test_surface.py`."""

import sys
from pathlib import Path
from typing import Any, NoReturn

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from streamlit.web.cli import main  # noqa: E402

from lib.ui.history import history  # noqa: E402
from lib.ui.overview import overview  # noqa: E402
from lib.ui.privacy import do_not_call  # noqa: E402

#: What the exception carries: nothing of it may reach a screen, and the number no log.
WORD, NUMBER = "canary-of-a-bug", "13012129876"


def _break(*_: Any, **__: Any) -> NoReturn:
    """Stands for a function of ours with a bug in it."""
    raise ZeroDivisionError(f"{WORD} {NUMBER}")


if __name__ == "__main__":
    overview.attention = _break  # a page
    history.choose = _break  # a page that draws something first
    do_not_call._paste = _break  # a callback
    main()
