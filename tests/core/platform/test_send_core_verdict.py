"""What the test of a connection says for every ending its look-ups can have."""

import pytest

from lib.errors import CertificateRefused, NotSent, PlatformError, Refused, Throttled, Unauthorised
from lib.platform.answers import FailureCode
from lib.platform.connection_test import VerdictCode, verdict


@pytest.mark.parametrize(
    ("error", "of_task", "code"),
    [
        (CertificateRefused(FailureCode.CERTIFICATE), False, VerdictCode.CERTIFICATE),
        (NotSent(FailureCode.UNREACHABLE), False, VerdictCode.UNREACHABLE),
        (Unauthorised(FailureCode.TOKEN_REFUSED), False, VerdictCode.TOKEN_REFUSED),
        (Unauthorised(FailureCode.FORBIDDEN), False, VerdictCode.TOKEN_REFUSED),
        (Unauthorised(FailureCode.TOKEN_REFUSED), True, VerdictCode.TOKEN_REFUSED),
        (
            Unauthorised(FailureCode.FORBIDDEN),
            True,
            VerdictCode.TASK_UNKNOWN,
        ),  # the token was good a moment ago
        (PlatformError(FailureCode.LOOKUP_NOT_PLATFORM), True, VerdictCode.NOT_THE_PLATFORM),
        (Refused(FailureCode.NOT_FOUND, http_status=404, envelope_code=404), True, VerdictCode.TASK_UNKNOWN),
        (Refused(FailureCode.NOT_FOUND, http_status=404, envelope_code=-1), True, VerdictCode.NOT_OFFERED),
        (Refused(FailureCode.NOT_FOUND, http_status=404), True, VerdictCode.NOT_OFFERED),
        (Refused(FailureCode.REFUSED, http_status=405), True, VerdictCode.NOT_OFFERED),
        (Refused(FailureCode.NOT_FOUND, http_status=404), False, VerdictCode.TASK_UNKNOWN),
        (Throttled(FailureCode.THROTTLED), True, VerdictCode.UNCLEAR),
        (PlatformError(FailureCode.LOOKUP_UNCLEAR), False, VerdictCode.UNCLEAR),
    ],
)
def test_every_ending_of_the_look_ups_has_its_verdict(error, of_task, code):
    found = verdict(error, of_task=of_task)
    assert (found.code, found.reason) == (code, str(error.code))
