"""Where a token is kept, and how it is forgotten."""

WORDS: dict[str, str | dict[str, str]] = {
    "keyring.windows": "Windows Credential Manager",
    "keyring.macos": "the macOS Keychain",
    "keyring.secret_service": "this computer's password store",
    "keyring.kwallet": "KDE Wallet",
    "keyring.libsecret": "this computer's password store",
    "token.keep": "Keep it in {keyring}, so that it need not be entered again",
    "token.goes_to_keyring": "The token is written to none of this app's files; only {keyring} keeps it. Leave this unticked on a computer that several people share.",
    "token.goes_to_memory": "This computer has no password store that can be used, so the token stays in memory and is never written to disk; enter it again after a restart.",
    "token.home.keyring": "The token is in {keyring} and in none of this app's files.",
    "token.home.memory": "The token is in memory only and is never written to disk; enter it again after a restart.",
    "token.home.server": "The administrator has set the token on the server; there is nothing to enter.",
    "token.forget": "Delete this token",
    "error.keyring_locked": "The system's password store is locked, so the token is in memory only. Unlock the password store, then save once more.",
    "error.keyring_waiting": "The system's password store does not answer; it may be waiting for you to unlock it or to agree. The token is in memory only. Look for a window that asks, then save once more.",
    "error.keyring_failed": "The system's password store did not take the token, so it is in memory only and has to be entered again after a restart.",
    "error.keyring_not_kept": "What the system's password store gave back was not the token that was put in. It was removed from there and is in memory only; enter it again after a restart.",
    "error.keyring_not_deleted": "The token is gone from memory, but the system's password store still has it. Open the password store, search for contact-desk, and delete it there.",
}
