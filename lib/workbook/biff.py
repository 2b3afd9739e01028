"""A lone worksheet of BIFF 5 or 8, as small programs write it, put into a workbook that xlrd opens. Parsing process only."""

import struct

_BOF, _EOF, _BOUNDSHEET, _XF = 0x0809, 0x000A, 0x0085, 0x00E0
_WORKBOOK, _WORKSHEET = 0x0005, 0x0010
_BIFF5, _BIFF8 = 0x0500, 0x0600
#: Bytes of a cell's style, by version.
_XF_BYTES = {_BIFF5: 16, _BIFF8: 20}
#: Styles that cells may name; without a workbook none of them is described.
_STYLES = 256
_SHEET_NAME = b"Sheet 1"


def as_workbook(data: bytes) -> bytes:
    """The same bytes, or the workbook around them where they are a worksheet without one."""
    if len(data) < 8:
        return data
    opcode, _, version, kind = struct.unpack_from("<4H", data)
    if opcode != _BOF or version not in _XF_BYTES or kind != _WORKSHEET:
        return data
    begin = _record(
        _BOF, struct.pack("<4H", version, _WORKBOOK, 0, 1996).ljust(8 if version == _BIFF5 else 16, b"\0")
    )
    styles = _record(_XF, bytes(_XF_BYTES[version])) * _STYLES
    end = _record(_EOF, b"")
    name = bytes([len(_SHEET_NAME)]) + (b"" if version == _BIFF5 else b"\0") + _SHEET_NAME
    at = len(begin) + len(styles) + len(end) + len(_record(_BOUNDSHEET, struct.pack("<IH", 0, 0) + name))
    return begin + styles + _record(_BOUNDSHEET, struct.pack("<IH", at, 0) + name) + end + data


def _record(kind: int, inside: bytes) -> bytes:
    return struct.pack("<2H", kind, len(inside)) + inside
