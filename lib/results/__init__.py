"""Files that go back to the person: results, problems, the log. Each maker is a module of its own; this is the door.

Every cell is text, in every file: a value that looks like a formula stays what the person or the platform wrote.
"""

from lib.results.arrivals import arrivals_workbook, reason_words
from lib.results.log import log_csv, log_workbook, read_back
from lib.results.problems import problems_workbook
from lib.results.run import RowOutcome, bare_table, outcome_of, run_workbook

__all__ = [
    "XLSX", "RowOutcome", "arrivals_workbook", "bare_table", "log_csv", "log_workbook", "outcome_of", "problems_workbook", "read_back", "reason_words",
    "run_workbook",
]  # fmt: skip

#: Media type of the workbooks.
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
