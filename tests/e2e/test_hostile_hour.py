"""Half a minute of the hour that `python -m tests.hostile_hour` plays."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.hostile_hour.hour import play


@pytest.mark.long
def test_sec64_ten_hostile_visitors_stop_no_submission_and_nobody_at_work(
    browser: Browser, tmp_path: Path
) -> None:
    """SEC64: nothing lost, nothing twice, nothing taken from strangers, and everybody is answered."""
    hour = play(browser, tmp_path, seconds=30, batches=40, kept_seconds=2)
    assert hour.wrong == [], str(hour)
