"""Moments in a file as they stand on the clock of the person who downloads it."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from lib.results.xlsx import texts_of


def local_times(times: list[str], zone: ZoneInfo) -> list[str]:
    """Moments as UTC ISO text, "" for none, as they stand on a clock there."""
    moments = pd.to_datetime(pd.Series(times, dtype="str").replace("", None), utc=True, format="ISO8601")
    return texts_of(moments.dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M:%S"))


def zone_of(name: str) -> tuple[ZoneInfo, str]:
    """The zone and its name; UTC, said so in the header, where this machine does not know it."""
    try:
        return ZoneInfo(name), name
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC"), "UTC"
