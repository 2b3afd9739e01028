"""Numbering plan, undoing of cleaning, what comes back and is merged."""

WORDS: dict[str, str | dict[str, str]] = {
    "problem.phone_unassigned": "“{value}” begins with {place}, a range that nobody has been given, so it is probably mistyped. Compare it with your source.",
    "problem.phone_unassigned.name": "Range not in use",
    "problem.phone_unassigned.fix": {
        "one": "Check {count} number of a range not in use",
        "other": "Check {count} numbers of ranges not in use",
    },
    "problem.phone_iot": "“{value}” is the number of a machine or a data card; usually nobody answers. Make sure that you want to call it.",
    "problem.phone_iot.name": "Machine's number",
    "problem.phone_iot.fix": {"one": "Confirm {count} machine's number", "other": "Confirm {count} machines' numbers"},
    "problem.phone_satellite": "“{value}” is a satellite phone: calls are expensive, and the platform does not say whether it makes them. Make sure that you want to call it.",
    "problem.phone_satellite.name": "Satellite phone",
    "problem.phone_satellite.fix": {
        "one": "Confirm {count} satellite phone",
        "other": "Confirm {count} satellite phones",
    },
    "problem.placed": "{name} ({place})",
    "number.kinds": "Numbers by kind: {kinds}",
    "number.kind_count": "{kind} {count}",
    "number.kind.mobile": "mobile",
    "number.kind.virtual": "mobile of a virtual operator",
    "number.kind.iot": "machines",
    "number.kind.satellite": "satellite",
    "number.kind.unassigned": "range not in use",
    "number.kind.landline": "landline",
    "number.kind.service": "service number",
    "number.kind.hong_kong": "Hong Kong",
    "number.kind.macao": "Macao",
    "number.kind.taiwan": "Taiwan",
    "number.kind.foreign": "other countries",
    "number.kind.other": "other",
}
