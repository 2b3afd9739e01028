"""Keys of widgets, in one place: a key names one thing on screen and never two."""


def of(*parts: object) -> str:
    """A widget key from the stable names of what it belongs to."""
    return ".".join(str(part) for part in parts)
