"""Counts in Prometheus's text form (version 0.0.4 of the exposition format): one page for an administrator's monitoring."""

from collections.abc import Iterator, Mapping

from lib.run.records import Health
from lib.run.states import UNSETTLED, BatchState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_PREFIX = "contact_desk_"


def metrics(found: Health) -> str:
    """Every count by name. Labels are states of ours; nothing in it comes from a sheet or a person."""
    lines = [
        *_by_state("batches", "Batches by state.", found.batches),
        *_by_state("runs", "Submissions by state.", found.runs),
        *_gauge(
            "unknown_open",
            "Batches whose outcome is not known.",
            sum(found.batches[one] for one in UNSETTLED),
        ),
        *_gauge(
            "oldest_unknown_seconds",
            "Seconds since the oldest of them ended; 0 without any.",
            found.oldest_open_seconds,
        ),
        *_gauge("queue_batches", "Planned batches of running submissions.", found.queue),
        *_gauge(
            "requests_in_flight",
            "Batches being sent now, from every process.",
            found.batches[BatchState.SENDING],
        ),
        *_gauge("senders", "Processes registered to send.", found.senders),
    ]
    return "\n".join(lines) + "\n"


def _head(name: str, text: str) -> Iterator[str]:
    yield f"# HELP {_PREFIX}{name} {text}"
    yield f"# TYPE {_PREFIX}{name} gauge"


def _by_state(name: str, text: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield from _head(name, text)
    yield from (f'{_PREFIX}{name}{{state="{state}"}} {count}' for state, count in counts.items())


def _gauge(name: str, text: str, value: float) -> Iterator[str]:
    yield from _head(name, text)
    yield f"{_PREFIX}{name} {value:g}" if isinstance(value, float) else f"{_PREFIX}{name} {value}"
