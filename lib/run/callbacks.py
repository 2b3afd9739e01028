"""What is known of callbacks: one as it was read, how many came, and what is kept of them."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CallbackNote:
    """One callback as it was read, fit to be kept.

    ids: what may be the unique_id of a batch; named: what it gives for its own batch's, "" where it gives none, masked
    and cut; document: what it said, masked and cut.
    """

    ids: tuple[str, ...]
    named: str
    document: str = field(repr=False)


@dataclass(frozen=True)
class CallbackTotals:
    """Callbacks since the database began. last: ISO text of the latest, "" for none.

    strange: about none of our batches; unread: too large, or too many at once, so only counted.
    """

    received: int = 0
    strange: int = 0
    unread: int = 0
    last: str = ""


@dataclass(frozen=True)
class KeptCallback:
    """The latest document about one batch. seq: of the batch in its run, None where it is none of ours. times: how often it came."""

    seq: int | None
    unique_id: str
    times: int
    last_at: str
    document: str = field(repr=False)
