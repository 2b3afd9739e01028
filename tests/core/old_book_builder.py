"""Old Excel workbooks (.xls) made by hand, record by record, so that a test can say exactly what is in the file."""

import struct
from collections.abc import Sequence
from hashlib import md5

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SALT = bytes(range(16))
#: Records that are not encrypted: BOF and FILEPASS.
_PLAIN = (0x0809, 0x002F)


def record(kind: int, inside: bytes) -> bytes:
    """One record of BIFF."""
    return struct.pack("<2H", kind, len(inside)) + inside


def _text(value: str, length: str) -> bytes:
    return struct.pack(f"<{length}B", len(value), 1) + value.encode("utf-16-le")


def stream(
    rows: Sequence[Sequence[str]],
    *,
    said: int | None = None,
    names: bytes = b"",
    notes: bytes = b"",
    password: str | None = None,
) -> bytes:
    """The stream of a BIFF 8 workbook with one worksheet of texts.

    said: how many texts its table says it holds. names, notes: more records, in the workbook and in the worksheet.
    """
    texts = list(dict.fromkeys(value for row in rows for value in row))
    count = len(texts) if said is None else said
    key = [record(0x002F, struct.pack("<3H", 1, 1, 1) + _SALT + _verifier(password))] if password else []
    head = [
        record(0x0809, struct.pack("<4H2I", 0x0600, 5, 0, 1996, 0, 0)),
        *key,
        record(0x0042, struct.pack("<H", 1200)),
        names,
        *(record(0x00E0, bytes(20)) for _ in range(16)),
    ]
    tail = record(0x00FC, struct.pack("<2I", count, count) + b"".join(_text(value, "H") for value in texts))
    tail += record(0x000A, b"")
    listed = struct.pack("<H", 0) + _text("名单", "B")
    at = len(b"".join(head)) + 4 + 4 + len(listed) + len(tail)
    cells = [
        record(0x00FD, struct.pack("<3HI", row, column, 15, texts.index(value)))
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
    ]
    sheet = [
        record(0x0809, struct.pack("<4H2I", 0x0600, 0x10, 0, 1996, 0, 0)),
        *cells,
        notes,
        record(0x000A, b""),
    ]
    plain = b"".join([*head, record(0x0085, struct.pack("<I", at) + listed), tail, *sheet])
    return _encrypted(plain, password) if password else plain


def container(inside: bytes, name: str = "Workbook") -> bytes:
    """An OLE2 file with this one stream."""
    inside += record(0, bytes(max(0, 4_096 - len(inside))))  # shorter ones would have to stand elsewhere
    used = -(-len(inside) // _SECTOR)
    fat = [_FAT, _END, *range(3, used + 2), _END]
    entries = _entry("Root Entry", 5, _END, 0, child=1) + _entry(name, 2, 2, len(inside))
    head = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6)
        + bytes(10)
    )
    head += struct.pack("<9I", 1, 1, 0, 4_096, _END, 0, _END, 0, 0) + struct.pack("<108I", *[_FREE] * 108)
    table = struct.pack(f"<{len(fat)}I", *fat).ljust(_SECTOR, b"\xff")
    return head + table + entries.ljust(_SECTOR, b"\0") + inside.ljust(used * _SECTOR, b"\0")


def _entry(name: str, kind: int, start: int, size: int, child: int = _FREE) -> bytes:
    written = (name + "\0").encode("utf-16-le")
    return (
        written.ljust(64, b"\0")
        + struct.pack("<HBB3I", len(written), kind, 1, _FREE, _FREE, child)
        + bytes(36)
        + struct.pack("<3I", start, size, 0)
    )


def _key(password: str, block: int) -> bytes:
    told = md5(password.encode("utf-16-le")).digest()[:5]
    return md5(md5((told + _SALT) * 16).digest()[:5] + struct.pack("<I", block)).digest()


def _rc4(password: str, block: int, data: bytes) -> bytes:
    return Cipher(ARC4(_key(password, block)), mode=None).encryptor().update(data)


def _verifier(password: str) -> bytes:
    secret = bytes(range(100, 116))
    both: bytes = _rc4(password, 0, secret + md5(secret).digest())
    return both


def _encrypted(plain: bytes, password: str) -> bytes:
    """Every record's inside under the key of its block of 1,024 bytes, but those that Excel leaves readable."""
    noise = b"".join(_rc4(password, block, bytes(1_024)) for block in range(len(plain) // 1_024 + 1))
    hidden, at = bytearray(plain), 0
    while at < len(plain):
        kind, size = struct.unpack_from("<2H", plain, at)
        begin = at + 4 + (4 if kind == 0x0085 else 0)  # where a worksheet begins stays readable
        at += 4 + size
        if kind not in _PLAIN:
            hidden[begin:at] = bytes(
                one ^ two for one, two in zip(plain[begin:at], noise[begin:at], strict=True)
            )
    return bytes(hidden)
