"""Words about looking at the platform's number list: before sending again, before a submission, after it."""

WORDS: dict[str, str | dict[str, str]] = {
    "scan.list_missing": "The platform offers no such list, or does not show it to this account, so it cannot be looked through.",
    "event.batch_looked_first": "Before a batch was sent again the platform's list was looked through: it is not there",
    "event.batch_not_looked": "The platform's list could not be looked through; a batch was sent again all the same",
    "error.found_first": "The platform had answered that it did not process this batch. Before sending it again its list was looked through, and numbers of this batch are there. So nothing was sent again.",
    "error.refused_repeated": "The platform did not take this batch because its numbers are repeated, but they may be the ones we sent before. Its list is being looked through; nothing is sent again until that is clear.",
    "error.look_first": "The platform did not process this batch the last time. Before it is sent again the platform's list has to be looked through, which did not work just now; it is tried again by itself.",
}
