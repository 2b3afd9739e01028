"""The platform's callbacks: how many came, and what they said."""

WORDS: dict[str, str | dict[str, str]] = {
    "callbacks.none": "Callbacks are received; none has come yet. What arrived is looked up by itself all the same.",
    "callbacks.line": "Callbacks are received: {parts} A callback is only a hint: the batch is looked up at once, and what the look-up says counts.",
    "callbacks.received": {
        "one": "{count} so far, the last at {when}.",
        "other": "{count} so far, the last at {when}.",
    },
    "callbacks.strange": {
        "one": " {count} of them is about no batch of ours.",
        "other": " {count} of them are about no batch of ours.",
    },
    "callbacks.unread": {
        "one": " {count} was too large or one too many and was only counted.",
        "other": " {count} were too large or too many and were only counted.",
    },
    "callbacks.raw": {
        "one": "What the platform called back with ({count} batch)",
        "other": "What the platform called back with ({count} batches)",
    },
    "callbacks.raw_strange": {
        "one": "The callback about none of our batches ({count} kind)",
        "other": "Callbacks about none of our batches ({count} kinds)",
    },
    "callbacks.raw_means": "Numbers and keys are hidden. Nothing of it is believed; it is here for an engineer.",
    "callbacks.head": {
        "one": "{who} · {count} time · last {when}",
        "other": "{who} · {count} times · last {when}",
    },
    "callbacks.nameless": "no batch number",
    "error.callback_key_weak": "Callbacks are not received: the key the administrator set is too easy to guess. Use at least {count} letters, digits, “-” or “_”, or write make to have one made, and start the app again.",
    "error.callback_key_file": "Callbacks are not received: the key file {file} in the data folder cannot be read or written. Check the folder's permissions and start the app again.",
}
