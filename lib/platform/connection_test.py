"""What a test of a connection found, in words a page can show. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from lib.errors import CertificateRefused, NotSent, PlatformError, Refused, Unauthorised
from lib.platform.answers import FailureCode
from lib.platform.directory import Validity


class VerdictCode(StrEnum):
    """The sentence is `verdict.<value>`."""

    READY = "ready"
    TOKEN_REFUSED = "token_refused"
    TASK_UNKNOWN = "task_unknown"
    NOT_OFFERED = "not_offered"  # no look-ups here: only sending will tell
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    NOT_THE_PLATFORM = "not_the_platform"
    UNCLEAR = "unclear"


@dataclass(frozen=True)
class TokenHealth:
    """What the token's own page told. validity: None where it told none; then reason is an error's code, raw the answer."""

    validity: Validity | None = None
    reason: str = ""
    raw: str = ""


@dataclass(frozen=True)
class ConnectionVerdict:
    """detail: the platform's own text, plain and masked, "" where there is none. reason: code of the error behind it.

    health: of the token, None where the platform was not reached with it.
    """

    code: VerdictCode
    detail: str = ""
    reason: str = ""
    health: TokenHealth | None = None


def verdict(
    error: PlatformError | None, *, of_task: bool = False, token_page: PlatformError | None = None
) -> ConnectionVerdict:
    """What the ending of the last look-up says.

    error: that ending; None where it answered, and then all is ready
    of_task: the task was asked for, after the token's own page
    token_page: how that one ended, None where it answered
    """
    if error is None:
        return ConnectionVerdict(VerdictCode.READY)
    unoffered = of_task and _is_no_page(error) and (not _in_its_words(error) or _is_no_page(token_page))
    code = VerdictCode.NOT_OFFERED if unoffered else _code(error, of_task)
    return ConnectionVerdict(code, error.message or "", str(error.code))


def _is_no_page(error: PlatformError | None) -> bool:
    """Whether nothing at all is at this address, or nothing that is read."""
    return error is not None and error.http_status in (404, 405)


def _in_its_words(error: PlatformError) -> bool:
    """Whether the platform's own envelope says so, which it does of a task it does not know; a bare 404 is a server's."""
    return error.envelope_code is not None and error.envelope_code > 0


def _code(error: PlatformError, of_task: bool) -> VerdictCode:
    if isinstance(error, CertificateRefused):
        return VerdictCode.CERTIFICATE
    if isinstance(error, NotSent):
        return VerdictCode.UNREACHABLE
    if isinstance(error, Unauthorised):
        others_task = of_task and error.code == FailureCode.FORBIDDEN
        return VerdictCode.TASK_UNKNOWN if others_task else VerdictCode.TOKEN_REFUSED
    if error.code == FailureCode.LOOKUP_NOT_PLATFORM:
        return VerdictCode.NOT_THE_PLATFORM
    return VerdictCode.TASK_UNKNOWN if isinstance(error, Refused) else VerdictCode.UNCLEAR
