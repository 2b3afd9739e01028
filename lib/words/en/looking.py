"""Words about looking at the platform's number list: before sending again, before a submission, after it."""

WORDS: dict[str, str | dict[str, str]] = {
    "scan.list_missing": "The platform offers no number list, or does not show it to this account, so nothing can be checked.",
    "event.batch_looked_first": "Before a batch was sent again, the platform's number list was checked: the batch is not in it",
    "event.batch_not_looked": "The platform's number list could not be checked; a batch was sent again all the same",
    "error.found_first": "The platform had answered that it did not process this batch. Before sending it again, its number list was checked, and numbers of this batch are in it. So nothing was sent again.",
    "error.refused_repeated": "The platform refused this batch because its numbers are repeated, but they may be the ones we sent before. Its number list is being checked; nothing is sent again until that is clear.",
    "preflight.looking": "Checking which numbers are in the task on the platform already…",
    "preflight.found": {
        "one": "{count} of the numbers to be submitted is in this task already, perhaps through a colleague or another tool. Submitting it again may call that person twice. Please decide first: leave it out, or submit it anyway.",
        "other": "{count} of the numbers to be submitted are in this task already, perhaps through a colleague or another tool. Submitting them again may call those people twice. Please decide first: leave them out, or submit them anyway.",
    },
    "preflight.examples": "For example: {list}",
    "preflight.example": "row {row}: {phone}",
    "preflight.comma": ", ",
    "preflight.leave_out": {
        "one": "Leave out this {count} number",
        "other": "Leave out these {count} numbers",
    },
    "preflight.send_anyway": {
        "one": "Submit this {count} number anyway",
        "other": "Submit these {count} numbers anyway",
    },
    "preflight.clear": {
        "one": "Checked the {count} number in the task on the platform: none of those to be submitted is there.",
        "other": "Checked the {count} numbers in the task on the platform: none of those to be submitted is there.",
    },
    "preflight.empty": "Checked the task on the platform: it holds no numbers yet.",
    "preflight.not_looked": "The numbers in the task on the platform could not be checked in full, so somebody may have imported some of yours already. You can submit all the same.",
    "preflight.again": "Check again",
    "event.run_audited": "The platform's number list was checked after the end",
    "event.run_seen_twice": "The platform's number list shows numbers more than once",
    "event.run_not_seen": "Some accepted numbers do not show in the platform's number list yet",
    "run.seen_twice": {
        "one": "Please check: {count} number that we sent once is in the platform's number list more than once, and that person may be called twice. Look in the task on the platform soon and delete the extra one.",
        "other": "Please check: {count} numbers that we sent once are in the platform's number list more than once, and those people may be called twice. Look in the task on the platform soon and delete the extra ones.",
    },
    "run.not_seen": {
        "one": "Accepted, not seen in the list: {count} number. The platform answered that it accepted it, but its number list did not show it after the end: it may still be importing, or may not have entered the task. The platform's records decide.",
        "other": "Accepted, not seen in the list: {count} numbers. The platform answered that it accepted them, but its number list did not show them after the end: they may still be importing, or may not have entered the task. The platform's records decide.",
    },
    "run.not_looked": {
        "one": "{count} batch that the platform had not processed was sent again unchecked: the platform's number list could not be read first.",
        "other": "{count} batches that the platform had not processed were sent again unchecked: the platform's number list could not be read first.",
    },
    "run.all_seen": "The platform's number list was checked after the end: every accepted number is there, none twice.",
    "run.not_audited": "The platform's number list could not be checked after the end; the accepted numbers were not compared one by one.",
    "error.look_first": "The platform did not process this batch last time. Before it is sent again the platform's number list has to be checked, which did not work just now; it is tried again automatically.",
}
