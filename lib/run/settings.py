"""What an administrator or a person may set for sending and keeping, and how far each may go."""

from dataclasses import dataclass

from lib.run.retention_rules import (
    FINGERPRINT_DAYS,
    KEEP_DAYS,
    LONGEST_FINGERPRINT_DAYS,
    LONGEST_KEPT_DAYS,
)

#: Requests in flight at once, at most.
HIGHEST_CONCURRENCY = 16


#: Seconds that the answer to one batch may be waited for.
SHORTEST_ANSWER_SECONDS, LONGEST_ANSWER_SECONDS = 10, 600


#: Days back a number sent to another task may count as recent.
LONGEST_RECENT_DAYS = 365


#: Characters kept of whence a list comes.
LIST_SOURCE_LIMIT = 200


@dataclass(frozen=True)
class Settings:
    """What may be changed while sending. concurrency: requests in flight, 1 to 16; requests_per_second: None for no limit.

    answer_seconds: from the start of a request to the last byte of its answer, 10 to 600; what takes longer is unknown.
    least_imported: percent of a batch's numbers that must have got in, or its run pauses; 0 for never.
    recent_days: a number sent to any task within so many days is held back until a person decides; 0: it is not asked.
    A week is the careful start: holding back wrongly costs one press, not holding back calls a person again.
    keep_days: what a run needs of people is deleted so long after its end, and a draft nobody touches for so long.
    fingerprint_days: so long after its end the history check knows the numbers of a run.
    """

    concurrency: int = 4
    requests_per_second: float | None = None
    least_imported: int = 50
    recent_days: int = 7
    keep_days: int = KEEP_DAYS
    fingerprint_days: int = FINGERPRINT_DAYS
    answer_seconds: int = 120

    def __post_init__(self) -> None:
        if not 1 <= self.concurrency <= HIGHEST_CONCURRENCY:
            raise ValueError(f"1 to {HIGHEST_CONCURRENCY} requests in flight, not {self.concurrency}")
        rate = self.requests_per_second
        if rate is not None and not 0 < rate < float("inf"):
            raise ValueError("requests per second is a positive number")
        if not SHORTEST_ANSWER_SECONDS <= self.answer_seconds <= LONGEST_ANSWER_SECONDS:
            raise ValueError(
                f"{SHORTEST_ANSWER_SECONDS} to {LONGEST_ANSWER_SECONDS} seconds, not {self.answer_seconds}"
            )
        if not 0 <= self.least_imported <= 100:
            raise ValueError("a share is 0 to 100 percent")
        if not 0 <= self.recent_days <= LONGEST_RECENT_DAYS:
            raise ValueError(f"0 to {LONGEST_RECENT_DAYS} days, not {self.recent_days}")
        if not 0 <= self.keep_days <= LONGEST_KEPT_DAYS:
            raise ValueError(f"0 to {LONGEST_KEPT_DAYS} days, not {self.keep_days}")
        if not self.keep_days <= self.fingerprint_days <= LONGEST_FINGERPRINT_DAYS:
            raise ValueError("fingerprints are kept at least as long as the numbers, and at most ten years")
