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


def verdict(error: PlatformError | None, *, of_task: bool = False) -> ConnectionVerdict:
    """What the ending of the last look-up says. of_task: the token had been accepted before, the task was asked for."""
    if error is None:
        return ConnectionVerdict(VerdictCode.READY)
    return ConnectionVerdict(_code(error, of_task), error.message or "", str(error.code))


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
