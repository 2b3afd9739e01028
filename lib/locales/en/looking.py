"""Words about looking at the platform's number list: before sending again, before a submission, after it."""

WORDS: dict[str, str | dict[str, str]] = {
    "scan.list_missing": "The platform offers no such list, or does not show it to this account, so it cannot be looked through.",
    "event.batch_looked_first": "Before a batch was sent again the platform's list was looked through: it is not there",
    "event.batch_not_looked": "The platform's list could not be looked through; a batch was sent again all the same",
    "error.found_first": "The platform had answered that it did not process this batch. Before sending it again its list was looked through, and numbers of this batch are there. So nothing was sent again.",
    "error.refused_repeated": "The platform did not take this batch because its numbers are repeated, but they may be the ones we sent before. Its list is being looked through; nothing is sent again until that is clear.",
    "preflight.looking": "Looking at the numbers that are in the platform's task already…",
    "preflight.found": {
        "one": "{count} of the numbers to be submitted is in this task already, perhaps through a colleague or another tool. Submitting it again may call that person twice. Please decide first: leave it out, or submit it anyway.",
        "other": "{count} of the numbers to be submitted are in this task already, perhaps through a colleague or another tool. Submitting them again may call those people twice. Please decide first: leave them out, or submit them anyway.",
    },
    "preflight.examples": "For example: {list}",
    "preflight.example": "row {row}: {phone}",
    "preflight.comma": ", ",
    "preflight.leave_out": {"one": "Leave out this {count} number", "other": "Leave out these {count} numbers"},
    "preflight.send_anyway": {"one": "Submit this {count} number anyway", "other": "Submit these {count} numbers anyway"},
    "preflight.clear": {
        "one": "Looked at the {count} number in the platform's task: none of those to be submitted is there.",
        "other": "Looked at the {count} numbers in the platform's task: none of those to be submitted is there.",
    },
    "preflight.not_looked": "The numbers in the platform's task could not be looked through in full, so it is not known whether somebody has imported some of these already. You can submit all the same.",
    "preflight.again": "Look again",
    "event.run_audited": "The platform's list was looked at after the end",
    "event.run_seen_twice": "The platform's list shows numbers more than once",
    "event.run_not_seen": "Some accepted numbers do not show in the platform's list yet",
    "run.seen_twice": {
        "one": "Please check: {count} number that we sent once stands in the platform's list more than once, and that person may be called twice. Look into the task on the platform soon and delete what is too many.",
        "other": "Please check: {count} numbers that we sent once stand in the platform's list more than once, and those people may be called twice. Look into the task on the platform soon and delete what is too many.",
    },
    "run.not_seen": {
        "one": "Accepted, not seen in the list: {count} number. The platform answered that it took it, but its list did not show it after the end: it may still be importing, or may not have entered the task. The platform decides.",
        "other": "Accepted, not seen in the list: {count} numbers. The platform answered that it took them, but its list did not show them after the end: they may still be importing, or may not have entered the task. The platform decides.",
    },
    "run.not_looked": {
        "one": "{count} batch that the platform had not processed was sent again without a look into its list first: the list could not be used.",
        "other": "{count} batches that the platform had not processed were sent again without a look into its list first: the list could not be used.",
    },
    "run.all_seen": "The platform's list was looked at after the end: every accepted number is there, none twice.",
    "run.not_audited": "The platform's list could not be looked at after the end; the accepted numbers were not checked one by one.",
    "error.look_first": "The platform did not process this batch the last time. Before it is sent again the platform's list has to be looked through, which did not work just now; it is tried again by itself.",
}
