"""Moments as text: ISO in UTC with microseconds, in the database and in every record alike; "" for none. One form, and it sorts."""

from datetime import UTC, datetime


def utc_now() -> str:
    """This moment."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def as_text(moment: float) -> str:
    """Seconds since 1970, as text."""
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")


def as_seconds(text: str) -> float:
    """The reverse of `as_text`; 0 for ""."""
    return datetime.fromisoformat(text).timestamp() if text else 0.0
