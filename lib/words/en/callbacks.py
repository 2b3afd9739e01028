"""The platform's callbacks: how many came, and what they said."""

WORDS: dict[str, str | dict[str, str]] = {
    "callbacks.none": "Callbacks from the platform: switched on, none so far. What arrived is looked up all the same.",
    "callbacks.line": "Callbacks from the platform: {parts}. They are only hints; what the look-ups say counts.",
    "callbacks.received": "{count} received, the last {when}",
    "callbacks.strange": ", {count} about none of our batches",
    "callbacks.unread": ", {count} too large or too frequent to be read",
    "callbacks.raw": {
        "one": "What the platform called back with ({count} batch)",
        "other": "What the platform called back with ({count} batches)",
    },
    "callbacks.raw_strange": {
        "one": "The callback about none of our batches ({count} kind)",
        "other": "Callbacks about none of our batches ({count} kinds)",
    },
    "callbacks.raw_means": "Numbers and keys are hidden. Nothing in it is relied on; it is here for a technician.",
    "callbacks.head": {
        "one": "{who} · {count} time · last {when}",
        "other": "{who} · {count} times · last {when}",
    },
    "callbacks.nameless": "no batch number",
    "error.callback_key_weak": "Callbacks are not received: the key the administrator set is too easy to guess. Use at least {count} letters, digits, “-” or “_”, or write make to have one made, and start the app again.",
    "error.callback_key_file": "Callbacks are not received: the key file {file} in the data folder cannot be read or written. Check the folder's permissions and start the app again.",
}
