"""What a person may send to somebody who helps: how things are, and nothing of anybody's.

No name, number, address, file name, task or text of the platform goes in at all; ids are cut, and at the end the whole
text goes through the filter of the logs once more (SEC25, SEC39).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from lib.contact.privacy import redact
from lib.run.records import RunRecord
from lib.run.settings import Settings
from lib.server.self_check import Finding, ServerFacts

#: Submissions told one by one, newest first.
RUNS = 20

#: Characters of an id.
_ID = 8


@dataclass(frozen=True)
class DiagnosticFacts:
    """versions: name → version. limits: names and values of the variables that set a limit. lines: recent records of the logs."""

    versions: Mapping[str, str]
    findings: Iterable[Finding]
    server: ServerFacts
    settings: Settings
    limits: Mapping[str, str]
    runs: Iterable[RunRecord]
    counts: Mapping[str, int]
    lines: Iterable[str]


def report(facts: DiagnosticFacts, secrets_known: Iterable[str] = ()) -> str:
    """The facts as one text that a person can read before sending it. secrets_known: tokens in memory."""
    runs = list(facts.runs)
    states = Counter(run.state.value for run in runs)
    batches: Counter[str] = Counter()
    for run in runs:
        batches.update(run.batches)
    server = asdict(facts.server) | {"allowed_hosts": len(facts.server.allowed_hosts)}
    sections = {
        "Contact upload desk: diagnostics": [f"made {datetime.now(UTC):%Y-%m-%d %H:%M}Z"],
        "Versions": _pairs(facts.versions),
        "Self-check": [f"{one.level.value:<8}{one.code.value}" for one in facts.findings],
        "Server": _pairs(server),
        "Settings": _pairs(asdict(facts.settings) | dict(facts.limits)),
        "Counts": _pairs(
            dict(facts.counts)
            | {f"runs {name}": n for name, n in states.items()}
            | {f"batches {name}": n for name, n in batches.items()}
        ),
        "Latest submissions": [_run(run) for run in runs[:RUNS]],
        "Log": list(facts.lines),
    }
    text = "\n\n".join("\n".join([f"== {title}", *lines]) for title, lines in sections.items()) + "\n"
    return redact(text, tuple(secrets_known))


def _pairs(facts: Mapping[str, object]) -> list[str]:
    return [f"{name}: {value}" for name, value in facts.items()]


def _run(run: RunRecord) -> str:
    counted = " ".join(f"{name}={n}" for name, n in run.batches.items())
    kind = run.connection.kind.value
    return f"{run.id[:_ID]} {run.created[:16]} {kind} {run.state.value} {run.why or '-'} rows={run.rows_total} to_send={run.to_send} {counted}".rstrip()
