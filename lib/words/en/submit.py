"""Before numbers go out: the plan, numbers already in the task, how to start and how fast, the part sent first."""

from lib.words import Words

WORDS: Words = {
    # what will be submitted, and where to
    "plan.list_source": "Where this list comes from (optional)",
    "plan.list_source_placeholder": "For example: shop registrations of November, customers agreed to be called",
    "plan.list_source_help": "Your own statement, kept with this submission for your company's records. The app does not judge it. Do not write numbers here; they would be hidden.",
    "plan.what": {
        "one": "**{count}** number from **{file}** will be submitted in **{batches}** batch.",
        "other": "**{count}** numbers from **{file}** will be submitted in batches of at most {size}; batches: **{batches}**.",
    },
    "plan.halves": "At most {size} numbers in each batch: the batches refused last time are cut in two, so that you see which half is to blame.",
    "plan.singles": "One number in each batch: you see at once which one the platform refuses.",
    "plan.whole_batches": "Back to at most {size} in each batch",
    "plan.not_read": "These rows of the sheet were **not read** and will not be submitted; if you need them, choose so on the Upload page:",
    "plan.where": "Destination: **{name}**, task {task}",
    "plan.crm": "Numbers enter the customer pool first, then the task.",
    "plan.crm_skipped": "Numbers go straight to the task and stay out of the customer pool.",
    "plan.suffix": "A random suffix is added to each number; the platform no longer stops repeated ones.",
    "plan.encryption": "Numbers are encrypted and sent exactly as they are in the sheet, unchecked.",
    "plan.sub_account": "Uses the sub-account {id}",
    "plan.kept_back": {
        "one": "{count} row will not be submitted: see why",
        "other": "{count} rows will not be submitted: see why",
    },
    "plan.first_body": "The exact content of the first batch (for technicians)",
    "plan.first_body_means": {
        "one": "The first batch has {count} row, in the platform's documented format.",
        "other": "The first batch has {count} rows, in the platform's documented format.",
    },
    "plan.no_token": "This connection has no token yet. Enter it on the Connections page.",
    "plan.means_real": "Pressing this puts the numbers into a real calling task. What has been sent cannot be called back; afterwards only numbers not called yet can be withdrawn, on the History page. You can pause on the way.",
    "plan.means_practice": "Practice: pressing this sends the numbers to the practice platform on this computer. Nobody is called.",
    "plan.submit": {"one": "Submit {count} number", "other": "Submit {count} numbers"},
    "plan.reason": "{name}: **{count}**",
    "plan.send_again": "You chose to submit numbers again that were submitted before; the same people may be called again.",
    "plan.not_again": "Leave them out again",
    "plan.doubtful": {
        "one": "The last batch holds only rows with warnings (**{rows}**: landlines, foreign numbers and the like), kept apart so that a refusal cannot take good numbers with it.",
        "other": "The last **{count}** batches hold only rows with warnings (**{rows}**: landlines, foreign numbers and the like), kept apart so that a refusal cannot take good numbers with it.",
    },
    "plan.send_elsewhere": "You chose to submit numbers that went to another task recently; the same people may be called again.",
    # numbers that are in the task already
    "preflight.looking": "Checking which numbers are in the task on the platform already…",
    "preflight.found": {
        "one": "{count} of the numbers to be submitted is in this task already, perhaps through a colleague or another tool. Submitting it again may call that person twice. Please decide first: leave it out, or submit it anyway.",
        "other": "{count} of the numbers to be submitted are in this task already, perhaps through a colleague or another tool. Submitting them again may call those people twice. Please decide first: leave them out, or submit them anyway.",
    },
    "preflight.examples": "For example: {list}",
    "preflight.example": "row {row}: {phone}",
    "preflight.comma": ", ",
    "preflight.leave_out": {
        "one": "Leave out this number",
        "other": "Leave out these {count} numbers",
    },
    "preflight.send_anyway": {
        "one": "Submit this number anyway",
        "other": "Submit these {count} numbers anyway",
    },
    "preflight.clear": {
        "one": "Checked the {count} number in the task on the platform: none of those to be submitted is there.",
        "other": "Checked the {count} numbers in the task on the platform: none of those to be submitted is there.",
    },
    "preflight.own": {
        "one": "{count} of the numbers to be submitted was submitted from here before and is still in this task; you chose to submit it again.",
        "other": "{count} of the numbers to be submitted were submitted from here before and are still in this task; you chose to submit them again.",
    },
    "preflight.empty": "Checked the task on the platform: it holds no numbers yet.",
    "preflight.not_looked": "The numbers in the task on the platform could not be checked in full, so somebody may have imported some of yours already. You can submit all the same.",
    "preflight.again": "Check again",
    # how to start
    "start.title": "How to start",
    "start.folded": "How to start: {choice}",
    "start.all": "Send everything",
    "start.all_means": "Batch after batch; you can pause at any time.",
    "start.batch": "Send one batch first, then wait for me",
    "start.batch_means": "Pauses by itself once the first batch has its result; you look, then go on.",
    "start.one": "Send 1 number first, then wait for me",
    "start.one_means": "Tries a single number and pauses by itself once its result is there.",
    "start.submit": {
        "one": "Send {count} number first (of {total})",
        "other": "Send {count} numbers first (of {total})",
    },
    # how fast to send
    "pace.least_imported": "Pause when fewer were imported than",
    "pace.least_imported_means": "When a batch is clear and fewer than this share of its numbers were imported, sending pauses, so that you notice useless numbers before all of them have gone out.",
    "pace.percent": "{share}%",
    "pace.never": "Never pause",
    "pace.title": "How fast to send",
    "pace.folded": "How fast to send: batches at the same time {flight}, {limit}",
    "pace.limit": "at most {rate} per second",
    "pace.unlimited": "no limit per second",
    "pace.in_flight": "Batches sent at the same time",
    "pace.in_flight_means": "More is faster. The platform documents no limit; choose less if it asks you to slow down.",
    "pace.rate": "At most per second",
    "pace.per_second": "batches: {rate}",
    "pace.no_limit": "No limit",
    "pace.rate_means": "The platform documents no rate limit. Set one here if you want to be careful.",
    "pace.answer": "Wait for the platform's answer at most (seconds)",
    "pace.answer_means": "10 to 600 seconds, for batches that start after the change. With a shorter limit a slow platform makes batches “unknown” sooner: they are looked up in the platform's number list, and none of their numbers is sent again before that is clear. With a longer one you wait longer where the platform does not react. Whatever it is, no batch is ever sent twice because of it.",
    # the part that is sent first
    "first.accepted": {
        "one": "The platform accepted the number sent first. Batch number: {batch}",
        "other": "The platform accepted the {count} numbers sent first. Batch number: {batch}",
    },
    "first.rejected": {
        "one": "The platform refused the number sent first; it is not in the task. Read its answer before you go on.",
        "other": "The platform refused the {count} numbers sent first; they are not in the task. Read its answer before you go on.",
    },
    "first.open": {
        "one": "The outcome of the number sent first is unknown; it may be in the task already. The app is looking for it on the platform. Better wait until that is clear.",
        "other": "The outcome of the {count} numbers sent first is unknown; they may be in the task already. The app is looking for them on the platform. Better wait until that is clear.",
    },
    "first.held": {
        "one": "No clear answer came back for the number sent first. The app has looked for it on the platform, and you are asked to decide below. Better do that before you go on.",
        "other": "No clear answer came back for the {count} numbers sent first. The app has looked for them on the platform, and you are asked to decide below. Better do that before you go on.",
    },
    "first.split": "Only some of the numbers sent first were on the platform ({count} arrived); the missing ones are a batch of their own and wait to be sent again.",
    "first.left_out": {
        "one": "No clear answer came back for the number sent first; it was decided not to send it again.",
        "other": "No clear answer came back for the {count} numbers sent first; it was decided not to send them again.",
    },
    "first.next": "Nothing else has been sent. Check in the task on the platform that the numbers sent first are right, then go on; or press “Stop”.",
    "first.go_on": {
        "one": "Go on with the remaining {count} number",
        "other": "Go on with the remaining {count} numbers",
    },
    "first.cancelled": "The numbers to be sent first are all on the do-not-call list; none was sent.",
}
