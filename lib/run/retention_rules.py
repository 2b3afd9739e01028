"""When what is kept of people goes. Pure; times are seconds since 1970, lengths days unless said otherwise.

A draft is a person's work: it never goes without having been announced on the overview for a week, however short the
time of keeping is, and whoever touches it takes the announcement back.
"""

#: Seconds of a day.
DAY = 86_400.0

#: Days what a run needs of people stays after its end, and fingerprints of its numbers, unless an administrator says otherwise.
KEEP_DAYS, FINGERPRINT_DAYS = 30, 90

#: …and the most that may be said (SEC26).
LONGEST_KEPT_DAYS, LONGEST_FINGERPRINT_DAYS = 180, 3_650

#: Days a draft's end is told on the overview before it comes.
NOTICE_DAYS = 7

#: Days the logs are kept. They hold no number.
LOG_DAYS = 365

#: Days after which a file that belongs to no draft goes: its upload was cut short.
ORPHAN_DAYS = 1


def is_to_announce(updated: float, keep_days: int, now: float) -> bool:
    """Whether the end of a draft last touched then is near enough to be told.

    updated: when it was last touched
    keep_days: `Settings.keep_days`; up to NOTICE_DAYS it is told at once
    now: when it is asked
    """
    return now >= updated + max(0, keep_days - NOTICE_DAYS) * DAY


def draft_end(updated: float, announced: float, keep_days: int) -> float:
    """When a draft last touched then and announced then goes.

    updated: when it was last touched
    announced: since when its end is told on the overview; whoever touches it takes that back
    keep_days: `Settings.keep_days`; however few, NOTICE_DAYS after the announcement pass first
    """
    return max(updated + keep_days * DAY, announced + NOTICE_DAYS * DAY)
