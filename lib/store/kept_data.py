"""What is kept of people, as one object of the store: how long it stays, how it goes, and who did what with it.

Every method is a transaction, or several that can each be repeated, and raises StoreUnavailable where the database
cannot do it.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from lib.contact.number_search import Is
from lib.contact.privacy import fingerprint, phone_keys
from lib.run.records import FORGOTTEN_KEY, DataDeed, DraftRecord, Settings
from lib.run.retention_rules import draft_end
from lib.store import erasure, retention
from lib.store.database import DRAFTS, Database
from lib.store.drafts import touch
from lib.store.erasure import InRun, Waiting
from lib.store.journal import Doing, Journal, note_data
from lib.store.retention import Expired
from lib.store.schema import contact_row, do_not_call, draft, run
from lib.store.settings import SavedSettings, change
from lib.times import as_seconds, as_text

__all__ = ["Expired", "Figures", "InRun", "KeptData", "Waiting"]


@dataclass(frozen=True)
class Figures:
    """How much is kept. runs: with sheet and requests; open_runs: of those, not settled yet; numbers: rows with a fingerprint.

    waiting: numbers that go as soon as their batch no longer needs them. owed: since when the file waits to be written
    anew, ISO text, "" where it does not.
    """

    drafts: int
    runs: int
    open_runs: int
    numbers: int
    do_not_call: int
    waiting: int
    owed: str
    bytes: int


class KeptData:
    """Of one database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def now(self) -> str:
        """The moment by the store's clock, as ISO text."""
        return as_text(self._db.clock())

    # --- times of keeping ----------------------------------------------------------------------------------

    def expire(self) -> Expired:
        """Take away what has been kept long enough, and what waited for a batch; write the file anew when it is quiet."""
        settings = SavedSettings(self._db).get()
        erasure.finish_waiting(self._db, self._db.clock())
        found = retention.expire(self._db, settings, self._db.clock())
        retention.compacted(self._db)
        return found

    def compact(self) -> bool:
        """Write the file anew where something deleted waits for it; False where it goes on waiting."""
        return retention.compacted(self._db)

    def due(self, keep_days: int, fingerprint_days: int) -> tuple[int, int]:
        """Of how many runs the data, and the fingerprints, would go at once with these times of keeping."""
        return retention.due(self._db, keep_days, fingerprint_days, self._db.clock())

    def change_periods(self, keep_days: int, fingerprint_days: int, who: str = "person") -> None:
        """Change how long things stay. Raises ValueError for what `Settings` does not take."""
        change(self._db, keep_days=keep_days, fingerprint_days=fingerprint_days)
        Journal(self._db).note_data(
            Doing(
                DataDeed.PERIODS_CHANGED,
                who,
                facts={"keep_days": keep_days, "fingerprint_days": fingerprint_days},
            )
        )

    def draft_end(self, record: DraftRecord, settings: Settings) -> str:
        """When a draft goes, as ISO text; "" where that is not near."""
        if not record.announced:
            return ""
        return as_text(
            draft_end(as_seconds(record.updated), as_seconds(record.announced), settings.keep_days)
        )

    def keep_draft(self, draft_id: str, who: str = "person") -> None:
        """Let the time of a draft begin anew. Raises Conflict("draft_gone")."""
        with self._db.write(DRAFTS) as c:
            touch(c, draft_id)
            note_data(c, Doing(DataDeed.DRAFT_KEPT, who, draft_id=draft_id))

    def delete_run(self, run_id: str, who: str = "person") -> None:
        """Delete sheet, requests, draft and file of a run that has ended. Raises Conflict: "run_open", "run_gone"."""
        retention.delete_run_data(self._db, run_id, who)
        self.compact()

    def figures(self) -> Figures:
        """How much of what is kept."""
        with_data = select(func.count()).select_from(run).where(run.c.data_deleted == "")
        settled = retention.is_settled(self._db.clock())
        waiting, owed = erasure.waiting(self._db), self._db.compaction_owed()
        with self._db.read() as c:

            def count(query: Any) -> int:
                return int(c.execute(query).scalar_one())

            return Figures(
                drafts=count(select(func.count()).where(draft.c.run_id.is_(None), draft.c.upload_id.is_not(None))),
                runs=count(with_data),
                open_runs=count(with_data.where(~settled)),
                numbers=count(select(func.count()).select_from(contact_row).where(contact_row.c.phone_key != FORGOTTEN_KEY)),
                do_not_call=count(select(func.count()).select_from(do_not_call)),
                waiting=waiting, owed=owed, bytes=self._db.size(),
            )  # fmt: skip

    def fingerprint(self, phone: str) -> str:
        """What the log keeps of a number."""
        return fingerprint(self._db.key, phone)

    # --- one number (`lib.erasure.forget_number`) ---------------------------------------------------------------------

    def runs_with_data(self) -> list[str]:
        """Runs of which something is kept that may hold a number."""
        return erasure.runs_with_data(self._db)

    def forget_in_run(self, run_id: str, phone: str, is_in: Is, who: str) -> InRun:
        """Take a number out of a run's rows and requests."""
        [key] = phone_keys(self._db.key, [phone])
        return erasure.forget_in_run(self._db, run_id, key, is_in, who, self._db.clock())

    def replace_source(self, run_id: str, data: bytes | None) -> None:
        """Keep another sheet for a run, or none."""
        erasure.replace_source(self._db, run_id, data)

    def forget_mappings(self, is_in: Is) -> int:
        """Forget remembered mappings with the number in them; how many."""
        return erasure.forget_mappings(self._db, is_in)

    def forget_in_names(self, is_in: Is) -> int:
        """Empty names of files with the number in them; how many runs had one."""
        return erasure.forget_in_names(self._db, is_in)

    def drafts_with_data(self) -> list[str]:
        """Every draft, submitted or not."""
        return erasure.drafts_with_data(self._db)

    def edited_with(self, draft_id: str, is_in: Is) -> set[int]:
        """Rows of a draft's file in which the number was typed or stood."""
        return erasure.edited_with(self._db, draft_id, is_in)

    def cut_draft(
        self,
        draft_id: str,
        expected: str,
        state: dict[str, Any],
        rows: set[int],
        remains: bytes | None,
        is_in: Is,
    ) -> None:
        """Keep a draft without these rows of its file. Raises Conflict: "draft_gone", "draft_changed"."""
        erasure.cut_draft(self._db, draft_id, expected, state, rows, remains, is_in)
