"""Words about sleep, long stops, changed tokens, restored backups and shared folders."""

WORDS: dict[str, str | dict[str, str]] = {
    "run.why.woke": "This computer was asleep (or its date was changed), so sending is paused; numbers not sent yet are all still here. Consider whether this is still a good time to call, then press “Go on sending”.",
    "run.why.stopped": "The app was not running for 15 minutes or more, so it did not go on by itself; numbers not sent yet are all still here. Consider whether this is still a good time to call, then press “Go on sending”.",
    "run.why.account": "The token is not the one this submission began with. Sending is paused, and nothing was sent with the new token. Read below before you decide whether to go on.",
    "run.why.restored": "The database is older than what was sent: a backup may have been restored. Batches that may have gone out since then count as unknown; they are looked for in the platform's number list and never sent again automatically. Look at each of them below, then press “Go on sending”.",
    "run.why.copied": "The data folder comes from another computer, so sending is paused. First make sure that the app on that computer is closed: if both send, customers are called twice. Then press “Go on sending”.",
    "run.other_token": "The token is not the one this submission began with. If it is a new token of the same account, go on; if it belongs to another account, change it back on the Connection page.",
    "run.resume_other_token": "Same account, go on with the new token",
    "error.account_changed": "The token was changed, so this batch was not sent. Confirm first that it is the same account.",
    "error.store_network": "The data folder {folder} is on a network drive. Records can be lost there and numbers sent twice, so it was not opened. Name a folder on this computer's own disk in the environment variable CONTACT_DESK_DATA, move the files there, and start again.",
    "error.store_synced": "The data folder {folder} is kept in sync by {service}. Syncing swaps files that are in use and numbers could be sent twice, so it was not opened. Name a folder that is not synced in the environment variable CONTACT_DESK_DATA, move the files there, and start again.",
    "error.crash": "The app stopped while this batch was being sent (power cut, closed, or a fault), so it is not known whether the platform has it.",
    "error.fault": "Something inside the app broke while this batch was being sent, so it is not known whether the platform has it.",
    "error.restored": "The database was put back to an earlier state, and this batch may have gone out since; it is not known whether the platform has it.",
}
