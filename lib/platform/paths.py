"""How an address is put together, and the account's own lists: the only ones `Platform.ask` can reach. None of those changes anything.

Sources: README, "The manual". A pause is a GET too (classic tasks), so it must not be in here.
"""

from enum import StrEnum
from urllib.parse import quote

from lib.errors import NotSent
from lib.platform.answers import FailureCode
from lib.platform.connection import Connection


class LookUp(StrEnum):
    """The path of a harmless GET; `user_id` is filled in."""

    TOKEN = "/agent-api/token"
    CLASSIC_TASKS = "/agent-api/user/{user_id}/task"
    ALL_CLASSIC_TASKS = "/agent-api/user/{user_id}/all_task"
    NEW_TASKS = "/agent-api/new/user/{user_id}/task"
    ALL_NEW_TASKS = "/agent-api/new/user/{user_id}/subset_task"
    SUB_ACCOUNTS = "/agent-api/user/{user_id}/subset_users"
    COMPONENTS = "/agent-api/user/{user_id}/customer/create"


def segment(text: str) -> str:
    """One segment of a path. Dots alone would climb out of it, an empty one would name another endpoint: NotSent."""
    if text in ("", ".", ".."):
        raise NotSent(FailureCode.DESTINATION_INVALID)
    return quote(text, safe="")


def task_path(connection: Connection, *rest: str) -> str:
    """An address of the connection's task."""
    user, task = segment(connection.user_id), segment(connection.task_id)
    return "/".join((f"/agent-api/user/{user}/task/{task}", *rest))
