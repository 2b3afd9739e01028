"""The platform's own names: tasks, components, how long a token is good."""

WORDS: dict[str, str | dict[str, str]] = {
    "error.answer_unreadable": "The platform answered, but what was asked for is not in the answer. Sending is not affected: type it by hand, and pass the answer on to the platform's support if needed.",
}
