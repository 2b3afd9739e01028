"""About: see whether all is well with this installation, what runs, where the data lies, and get a text for support."""

from lib.ui import gate
from lib.ui.about import about

desk = gate.desk()
found = about.findings(desk)

about.checks(found)
about.data(desk)
about.versions()
about.support(desk, found)
