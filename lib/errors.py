"""Trouble in the world, as named exceptions. Trouble in the sheet is data (`problems`), trouble in our code is loud.

AppError                      every sentence a person may read is `t("error." + code, …, **params)`
├── SheetRefused              the file cannot be read as a contact sheet
├── ConnectionRefused         what was typed cannot be a destination (ids, address, token)
├── KeyringRefused            the system's keyring did not take, give or delete a token
├── SettingRefused            what an administrator set cannot be used
├── StoreUnavailable          the database cannot record; nothing may be sent
├── Conflict                  somebody, or another tab, changed it first
├── NotAdmitted               who is at the browser may not come in
├── NotAllowed                who is signed in may not do this
├── PracticeOnly              what is for showing was asked of a real connection
└── PlatformError             a call to the platform ended without success
    ├── NotSent               surely did not arrive; the machine may try again
    │   ├── CertificateRefused    TLS refused; trying again changes nothing
    │   └── DestinationForbidden  the administrator does not allow sending there
    ├── RefusedBeforeProcessing   arrived, surely not processed
    │   ├── Unauthorised      401 / 403: stops the run
    │   └── Throttled         429: wait, then again
    ├── Refused               the platform said no to this data
    ├── AnswerUnreadable      a look-up was answered, in a shape that says nothing to us
    └── OutcomeUnknown        may have arrived; only evidence or a person decides
"""

from typing import Any


class AppError(Exception):
    """Base of everything a page may show. `code` is stable and names the sentence; `params` fill it in.

    Never put a token, a header or a request body into `params`.
    """

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class SheetRefused(AppError):
    """The file cannot be read as a contact sheet."""


class ConnectionRefused(AppError):
    """What was typed cannot be a destination."""


class KeyringRefused(AppError):
    """The keyring of the operating system did not do what it was asked; the token is in memory at most."""


class SettingRefused(AppError):
    """What an administrator set cannot be used."""


class StoreUnavailable(AppError):
    """The database cannot record; nothing may be sent."""


class Conflict(AppError):
    """The state changed under us: another tab, another click, another process."""


class NotAdmitted(AppError):
    """Who is at the browser may not come in: not signed in, or not known here."""


class NotAllowed(AppError):
    """Who is signed in may not do this: their role, or whose it is, forbids it."""


class PracticeOnly(AppError):
    """What only the practice platform has (scenarios, its ledger, a reset) was asked of a real connection; nothing was done."""


class PlatformError(AppError):
    """A call to the platform ended without success.

    http_status, envelope_code, message: what came back, None where nothing did. `message` is the platform's own
    text and untrusted: plain text only. raw: the whole answer made fit to be shown on demand, "" where nothing came.
    """

    raw: str = ""

    def __init__(
        self,
        code: str,
        *,
        http_status: int | None = None,
        envelope_code: int | None = None,
        message: str | None = None,
        **params: Any,
    ) -> None:
        super().__init__(code, **params)
        self.http_status = http_status
        self.envelope_code = envelope_code
        self.message = message


class NotSent(PlatformError):
    """Surely did not arrive: no byte of the request left this machine."""


class CertificateRefused(NotSent):
    """The server's certificate was refused; trying again changes nothing until a person acts."""


class DestinationForbidden(NotSent):
    """The administrator does not allow sending there; trying again changes nothing until they do."""


class RefusedBeforeProcessing(PlatformError):
    """Arrived, and the platform answered that it did not process it."""


class Unauthorised(RefusedBeforeProcessing):
    """The token was not accepted: no further request with it."""


class Throttled(RefusedBeforeProcessing):
    """Too many requests; `retry_after_seconds` as the platform asked, clipped, None where it did not say."""

    def __init__(self, code: str, *, retry_after_seconds: float | None = None, **rest: Any) -> None:
        super().__init__(code, **rest)
        self.retry_after_seconds = retry_after_seconds


class Refused(PlatformError):
    """The platform said no to this data, in its own envelope."""


class OutcomeUnknown(PlatformError):
    """May have arrived. Never sent again by the machine; never called a failure. unique_id: as a malformed answer names it."""

    def __init__(self, code: str, *, unique_id: str = "", **facts: Any) -> None:
        super().__init__(code, **facts)
        self.unique_id = unique_id


class AnswerUnreadable(PlatformError):
    """A look-up was answered with success, and nothing in the answer is what was asked for; `raw` shows it."""

    def __init__(self, raw: str) -> None:
        super().__init__("answer_unreadable")
        self.raw = raw
