"""The account's own lists: the only addresses `Platform.ask` can reach. None of them changes anything.

Sources: README, "The manual". A pause is a GET too (classic tasks), so it must not be in here.
"""

from enum import StrEnum


class LookUp(StrEnum):
    """The path of a harmless GET; `user_id` is filled in."""

    TOKEN = "/agent-api/token"
    CLASSIC_TASKS = "/agent-api/user/{user_id}/task"
    ALL_CLASSIC_TASKS = "/agent-api/user/{user_id}/all_task"
    NEW_TASKS = "/agent-api/new/user/{user_id}/task"
    ALL_NEW_TASKS = "/agent-api/new/user/{user_id}/subset_task"
    SUB_ACCOUNTS = "/agent-api/user/{user_id}/subset_users"
    COMPONENTS = "/agent-api/user/{user_id}/customer/create"
