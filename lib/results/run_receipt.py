"""One run on a page to print or to save as PDF: who sent what where, how many rows, and every batch number. No phone number.

One HTML file, because Streamlit prints only the part of its page that is on screen. It needs no network and may do nothing:
no script, no link, no picture, and a policy that refuses them. Every text of others is masked, escaped and kept in its place.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import pandas as pd

from lib.contact.masking import mask_seen
from lib.platform.connection import ConnectionKind
from lib.results.clock import local_times, zone_of
from lib.results.run import RowOutcome, outcome_of
from lib.results.xlsx import texts_of
from lib.results.xml import without_illegal
from lib.run.arrivals import BatchArrival
from lib.run.records import RunRecord
from lib.run.states import BatchState, Disposition, called
from lib.words import t
from lib.words.literal import straight

#: What became of the rows to send: those always told, and those told where there are any.
_ALWAYS = (RowOutcome.ACCEPTED, RowOutcome.REJECTED, RowOutcome.UNKNOWN)
_WHERE_ANY = (RowOutcome.HELD, RowOutcome.NOT_AGAIN, RowOutcome.SENDING, RowOutcome.NOT_SENT)

_ARRIVED = ("imported", "missing", "waiting", "unconfirmed")

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_STYLE = """
@page { size: A4; margin: 15mm; @bottom-right { content: counter(page) " / " counter(pages); font-size: 9pt; } }
body { font: 9.5pt/1.35 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; color: #000; background: #fff;
  max-width: 180mm; margin: 8mm auto; }
h1 { font-size: 17pt; margin: 0 0 2mm; }
h2 { font-size: 11pt; margin: 5mm 0 1mm; break-after: avoid; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 0.3mm solid #999; padding: 0.7mm 2mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; unicode-bidi: isolate; }
th { font-weight: 600; white-space: nowrap; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
.facts th { width: 32mm; }
.figures { display: grid; grid-template-columns: repeat(3, 1fr); gap: 0 4mm; align-items: start; }
.number { text-align: right; white-space: nowrap; }
.batches .id { width: 66mm; font: 8pt/1.6 ui-monospace, Consolas, monospace; }
.small { font-size: 8.5pt; margin: 2mm 0; }
@media print { body { margin: 0; max-width: none; } .screen { display: none; } }
"""


@dataclass(frozen=True)
class RunReceipt:
    """What is printed. rows: as `store.runs.rows`; batches: as `store.batches.table`; made: UTC, when it was all read.

    submitter, task: what the person and the task are called.
    """

    run: RunRecord
    rows: pd.DataFrame
    arrivals: Sequence[BatchArrival]
    batches: pd.DataFrame
    submitter: str
    task: str
    made: str


def page(receipt: RunReceipt, lang: str, zone: str = "UTC") -> bytes:
    """The receipt as one HTML file in UTF-8, for A4.

    receipt: with texts as they are; escaped here, and phone numbers hidden in all of them but the batch numbers
    lang: of the page; texts of the person and of the platform stay as they are
    zone: IANA name for the times, which the page names; one that this computer does not know counts as UTC
    """
    title = t("run_receipt.title", lang)
    parts = (
        f'<!doctype html><html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{_safe(f'{title} {receipt.run.file_name}')}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_safe(title)}</h1>",
        f'<p class="small screen">{_safe(t("run_receipt.how", lang))}</p>',
        _facts(receipt, lang, zone),
        f'<div class="figures">{_figures(receipt, lang)}</div>',
        f'<p class="small">{_safe(t("run_receipt.means", lang))}</p>',
        _batches(receipt.batches, lang, zone),
        "</body></html>\n",
    )
    return "".join(parts).encode("utf-8")


def _safe(text: object) -> str:
    """Any text between two tags, or in a quoted attribute."""
    return escape(without_illegal(straight(mask_seen(str(text)))))


def _facts(receipt: RunReceipt, lang: str, zone: str) -> str:
    run, connection = receipt.run, receipt.run.connection
    is_practice = connection.kind == ConnectionKind.PRACTICE
    clock, clock_name = zone_of(zone)
    started, ended, made = local_times([run.started or run.created, run.finished, receipt.made], clock)
    facts = {
        "kind": t("run_receipt.practice" if is_practice else "run_receipt.real", lang),
        "state": t(f"run.state.{run.state}", lang),
        "submitter": receipt.submitter,
        "file": run.file_name,
        "sheet": run.sheet_name,
        "list_source": run.list_source,
        "destination": t("practice.name", lang) if is_practice else connection.name,
        "account": connection.user_id,
        "sub_account": connection.options.sub_user_id,
        "task": receipt.task,
        "task_id": connection.task_id if receipt.task != connection.task_id else "",
        "started": started,
        "ended": ended or t("run_receipt.not_ended", lang),
        "made": t("run_receipt.made_at", lang, when=made, zone=clock_name),
        "run": run.id,
    }
    lines = ((t(f"run_receipt.{name}", lang), text) for name, text in facts.items() if text)
    return f'<table class="facts"><tbody>{_lines(lines)}</tbody></table>'


def _lines(lines: Iterable[tuple[str, object]], kind: str = "") -> str:
    """Rows of a name and what stands behind it. kind: class of the latter."""
    return "".join(
        f'<tr><th scope="row">{_safe(name)}</th><td class="{kind}">{_safe(text)}</td></tr>'
        for name, text in lines
    )


def _figures(receipt: RunReceipt, lang: str) -> str:
    run, counts = receipt.run, _outcomes(receipt.rows)
    of_file = {t("run_receipt.rows", lang): run.rows_total}
    of_file |= {t(f"disposition.{one}", lang): getattr(run, one.value) for one in Disposition}
    of_sent = {one: counts[one] for one in (*_ALWAYS, *_WHERE_ANY) if one in _ALWAYS or counts[one]}
    blocks = {
        "of_file": of_file,
        "of_sent": {t(f"results.outcome.{one}", lang): count for one, count in of_sent.items()},
        "of_arrived": _arrived(receipt.arrivals, lang),
    }
    return "".join(
        f"<section><h2>{_safe(t(f'run_receipt.{name}', lang))}</h2><table><tbody>"
        f"{_lines(((head, _figure(count)) for head, count in block.items()), 'number')}</tbody></table></section>"
        for name, block in blocks.items()
        if block
    )


def _figure(count: int) -> str:
    return f"{count:,}"


def _outcomes(rows: pd.DataFrame) -> Counter[RowOutcome]:
    """Rows by what became of them, as the person's sheet with results says it."""
    facts = (rows[name].tolist() for name in ("disposition", "batch_state", "held_as"))
    counts: Counter[RowOutcome] = Counter()
    for one, count in Counter(zip(*facts, strict=True)).items():
        counts[outcome_of(*one)] += count
    return counts


def _arrived(found: Sequence[BatchArrival], lang: str) -> dict[str, int]:
    """What the platform said of the accepted rows; nothing where it has not said anything yet."""
    totals = {name: sum(getattr(one, name) for one in found) for name in (*_ARRIVED, "withdrawn")}
    if not any(count for name, count in totals.items() if name != "waiting"):
        return {}
    return {t(f"arrivals.figure.{name}", lang): totals[name] for name in _ARRIVED} | {
        t("run_receipt.withdrawn", lang): totals["withdrawn"]
    }


def _batches(batches: pd.DataFrame, lang: str, zone: str) -> str:
    """Every batch with its number, rows, outcome and time; of one without a number, what the platform said."""
    heads = ("seq", "unique_id", "rows", "state", "sent_at")
    states = zip(batches["state"], batches["held_as"], strict=True)
    cells = zip(
        texts_of(batches["seq"]),
        texts_of(batches["unique_id"]),
        batches["rows"].astype(int),
        (t(f"batch.state.{called(*one)}", lang) for one in states),
        local_times(texts_of(batches["sent_at"]), zone_of(zone)[0]),
        (text if state == BatchState.REJECTED else "" for text, state in zip(texts_of(batches["message"]), batches["state"], strict=True)),
        strict=True,
    )  # fmt: skip
    lines = (
        f'<tr><td class="number">{_safe(seq)}</td><td class="id">{_escaped_id(number)}</td><td class="number">{_figure(rows)}</td>'
        f'<td>{_safe(state)}{_said(message, lang)}</td><td class="number">{_safe(time)}</td></tr>'
        for seq, number, rows, state, time, message in cells
    )
    head = "".join(f'<th scope="col">{_safe(t(f"batch.{name}", lang))}</th>' for name in heads)
    title = _safe(t("run_receipt.batches", lang, count=len(batches)))
    return f'<h2>{title}</h2><table class="batches"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def _escaped_id(number: str) -> str:
    """A batch number as it is: what would be masked in it as a phone number is what it is asked for by."""
    return escape(without_illegal(straight(number)))


def _said(message: str, lang: str) -> str:
    return f"<br>{_safe(t('results.platform_says', lang, message=message))}" if message else ""
