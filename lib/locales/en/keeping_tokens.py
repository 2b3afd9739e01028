"""Where a token is kept, and how it is forgotten."""

WORDS: dict[str, str | dict[str, str]] = {
    "keyring.windows": "Windows Credential Manager",
    "keyring.macos": "the macOS Keychain",
    "keyring.secret_service": "this computer's keyring",
    "keyring.kwallet": "KDE Wallet",
    "keyring.libsecret": "this computer's password store",
    "token.keep": "Keep it in {keyring}, so that it need not be typed again",
    "token.goes_to_keyring": "The token is written to none of this program's files; only {keyring} keeps it. Leave this unticked on a computer that several people share.",
    "token.goes_to_memory": "This computer has no keyring that can be used, so the token stays in memory and is never written to disk; type it again after a restart.",
    "token.home.keyring": "The token is in {keyring} and in none of this program's files.",
    "token.home.memory": "The token is in memory only and is never written to disk; type it again after a restart.",
    "token.home.server": "The administrator has set the token on the server; there is nothing to type.",
    "token.forget": "Forget this token",
    "error.keyring_locked": "The system's keyring is locked, so the token is in memory only. Unlock the keyring, then save once more.",
    "error.keyring_waiting": "The system's keyring does not answer. It may be waiting for you to unlock it or to agree, so the token is in memory only. Look for a window that asks, then save once more.",
    "error.keyring_failed": "The system's keyring did not take the token, so it is in memory only and has to be typed again after a restart.",
    "error.keyring_not_kept": "What the system's keyring gave back was not the token that was put in. It was taken out again and is in memory only; type it again after a restart.",
    "error.keyring_not_deleted": "The token is gone from memory, but the system's keyring still has it. Open the keyring, search for contact-desk, and delete it there.",
}
