"""What only the practice platform has: scenarios, its ledger, a fresh start."""

from lib.words import Words

WORDS: Words = {
    # scenarios: have the practice platform go wrong in one way, and see what the app does
    "scenario.title": "Practice scenario: {name}",
    "scenario.means": "Have the practice platform go wrong on purpose, and see what the app does about it. It concerns the practice platform only; a real connection has nothing of the kind.",
    "scenario.which": "Scenario",
    "scenario.own": "switches of its own",
    "scenario.reach": "For",
    "scenario.once": "the next batch",
    "scenario.until": "every batch, until you choose another",
    "scenario.watch": "What to watch for: {watch}",
    "scenario.normal": "All is well",
    "scenario.normal_watch": "every batch gets its batch number at once.",
    "scenario.slow": "Answers are slow",
    "scenario.slow_watch": "below the progress it says for how many seconds the answer has been waited for; when it comes it counts, and nothing is sent twice.",
    "scenario.silent": "No answer at all",
    "scenario.silent_watch": "the numbers were taken, but nothing is answered. At the time limit under “Sending pace” (10 seconds at the shortest; shorten it first) the batch becomes “unknown”, and the app looks it up on the platform by itself.",
    "scenario.lost": "Taken, and the answer is lost",
    "scenario.lost_watch": "the batch becomes “unknown” and is not sent again; the app looks in the task, finds the numbers, and calls it accepted.",
    "scenario.dropped": "Connection breaks, nothing taken",
    "scenario.dropped_watch": "it looks just like the one before, “unknown”; the look shows that the numbers are not there, and you decide whether to send again.",
    "scenario.gateway": "Error page of a gateway",
    "scenario.gateway_watch": "the answer is a gateway's page, and the platform took the numbers all the same. The app does not believe the page: only the look counts.",
    "scenario.repeated": "A repeated number refuses the batch",
    "scenario.repeated_watch": "somebody else has just imported one of the numbers, so the platform refuses the whole batch. Submit it in halves, as offered below the refusal, to find out which one.",
    "scenario.task_running": "The task is running (6007)",
    "scenario.task_running_watch": "nothing is taken, the submission pauses and says what to do; choose “All is well”, then go on sending.",
    "scenario.token_refused": "The token is refused",
    "scenario.token_refused_watch": "it stops after one request and does not try a wrong token again and again; choose “All is well”, then go on sending.",
    "scenario.throttled": "Too many requests",
    "scenario.throttled_watch": "the app rests for as long as the platform asks, then goes on; after several in a row it pauses and waits for you.",
    "scenario.no_lookups": "No look-ups are offered",
    "scenario.no_lookups_watch": "numbers are taken as usual, but neither the task's numbers nor the import results can be looked up; the app says so, and guesses nothing.",
    "scenario.half": "Half of the numbers are not imported",
    "scenario.half_watch": "batches get their batch numbers as usual; a little later the arrivals say that half is missing, and which rows.",
}
