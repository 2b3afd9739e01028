"""Signing in, people, roles, and who did what."""

from lib.words import Words

WORDS: Words = {
    # signing in
    "sign_in.do": "Sign in",
    "sign_in.with": "Sign in with {provider}",
    "sign_in.out": "Sign out",
    "sign_in.other": "Sign out and use another account",
    "sign_in.team": "Team: {team}",
    "sign_in.as": "Signed in as {who}",
    "sign_in.subject": "Your sign-in ID, should your administrator need it: {subject}",
    # roles
    "role.operator": "Operator",
    "role.viewer": "Viewer",
    "role.viewer_means": "You are a viewer: you can see submissions and the History page and download sheets with hidden numbers, but not change, send or delete anything. Ask the administrator if you need to.",
    # why somebody was turned away
    "refused.email_missing": "the account has no email address",
    "refused.email_unverified": "the email address is not verified",
    "refused.not_listed": "not on the list of people",
    # who did it
    "who.person": "This computer's user",
    "who.sender": "The app",
    "who.other_team": "Another team",
    # who did what
    "journal.means": "Sign-ins and changes to connections, tokens, settings and lists, the latest first. What was done with one submission stands with it, under History.",
    "journal.empty": "There are no such changes yet.",
    "journal.join": ", ",
    # what was done
    "deed.signed_in": "Signed in",
    "deed.signed_out": "Signed out",
    "deed.refused": "Tried to sign in and was turned away: {why}",
    "deed.connection_created": "Created the connection “{name}”",
    "deed.connection_changed": "Changed the connection “{name}”: {fields}",
    "deed.connection_deleted": "Deleted the connection “{name}”",
    "deed.token_typed": "Entered the token of the connection “{name}”",
    "deed.token_forgotten": "Deleted the token of the connection “{name}”",
    "deed.setting_changed": "Changed the setting “{name}”: {before} → {after}",
    "deed.do_not_call_added": {
        "one": "Put {count} number on the do-not-call list ({source})",
        "other": "Put {count} numbers on the do-not-call list ({source})",
    },
    "deed.do_not_call_removed": {
        "one": "Took {count} number off the do-not-call list",
        "other": "Took {count} numbers off the do-not-call list",
    },
    "deed.do_not_call_cleared": {
        "one": "Emptied the do-not-call list ({count} number)",
        "other": "Emptied the do-not-call list ({count} numbers)",
    },
    "deed.draft_deleted": "Deleted the sheet “{name}”, which was not submitted",
    "deed.restored_read": "Took note that the database is older than what was sent",
    "deed.task_paused": "Paused the task “{name}” on the platform",
    # names of the settings that were changed
    "setting.concurrency": "Batches sent at the same time",
    "setting.requests_per_second": "At most per second",
    "setting.answer_seconds": "Wait for the platform's answer at most (seconds)",
    "setting.least_imported": "Pause when fewer were imported than (%)",
    "setting.recent_days": "Days that count as recent",
    "setting.keep_days": "Days that numbers and sheets are kept",
    "setting.fingerprint_days": "Days that fingerprints are kept",
    "setting.none": "none",
}
