"""Workbooks that Excel encrypts without asking anybody for a password, and opens without asking. Parsing process only.

Where only the structure of a workbook is protected, or it opens read-only, Excel writes it encrypted with a password of
its own. Every program that reads workbooks knows it; a person has none to give, and none to take away.
"""

import io
from types import SimpleNamespace

from lib.errors import SheetRefused

_EXCELS_OWN = "VelvetSweatshop"


def decrypted(data: bytes) -> bytes:
    """The workbook inside. Raises SheetRefused where it has a password of a person."""
    import msoffcrypto  # only for these files
    from msoffcrypto.format import xls97

    xls97.tempfile = SimpleNamespace(TemporaryFile=io.BytesIO)  # this process writes no file
    out = io.BytesIO()
    try:
        locked = msoffcrypto.OfficeFile(io.BytesIO(data))
        # of old workbooks it tries the password without being asked
        locked.load_key(password=_EXCELS_OWN, **({"verify_password": True} if is_encrypted(data) else {}))
        locked.decrypt(out)
    except MemoryError:
        raise
    except Exception as reason:  # its own errors, and whatever a damaged file makes it stumble over
        raise SheetRefused("workbook_password") from reason
    return out.getvalue()


def is_encrypted(data: bytes) -> bool:
    """Whether a newer workbook is encrypted in this container."""
    return "encryptedpackage".encode("utf-16-le") in data.lower()
