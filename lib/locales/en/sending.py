"""Words about how to start, numbers sent before, the do-not-call list and unfinished uploads."""

WORDS: dict[str, str | dict[str, str]] = {
    "start.title": "How to start",
    "start.all": "Send everything",
    "start.all_means": "Batch after batch; you can pause at any time.",
    "start.batch": "Send one batch first, then wait for me",
    "start.batch_means": "Pauses by itself once the first batch has its result; you look, then go on.",
    "start.one": "Send 1 number first, then wait for me",
    "start.one_means": "Tries a single number and pauses by itself once its result is there.",
    "run.why.first_batch": "What went first has its result; the rest waits for you.",
    "first.accepted": {
        "one": "The platform took the {count} number that went first. Batch number: {batch}",
        "other": "The platform took the {count} numbers that went first. Batch number: {batch}",
    },
    "first.rejected": {
        "one": "The platform refused the {count} number that went first; it is not in the task. Read its answer before you go on.",
        "other": "The platform refused the {count} numbers that went first; they are not in the task. Read its answer before you go on.",
    },
    "first.open": {
        "one": "The outcome of the {count} number that went first is unknown; it may be in the task already. The app is looking for it on the platform. Better wait until that is clear.",
        "other": "The outcome of the {count} numbers that went first is unknown; they may be in the task already. The app is looking for them on the platform. Better wait until that is clear.",
    },
    "first.next": "Nothing else has been sent. Look in the task on the platform whether what went first is right, then go on; or stop here.",
    "first.go_on": {
        "one": "Go on with the remaining {count} number",
        "other": "Go on with the remaining {count} numbers",
    },
    "plan.doubtful": {
        "one": "The last batch holds **{rows}** doubtful rows (landlines, foreign numbers and the like), kept apart so that a refusal cannot take good numbers with it.",
        "other": "The last **{count}** batches hold **{rows}** doubtful rows (landlines, foreign numbers and the like), kept apart so that a refusal cannot take good numbers with it.",
    },
}
