"""Whose certificates are believed. Nothing of it can be changed from outside: no variable of the environment is asked.

Made by hand: what Python and the HTTP library make by themselves logs session keys where SSLKEYLOGFILE is set, and asks
SSL_CERT_FILE whom to believe (SEC10, SEC11).
"""

import ssl
import sys
from collections.abc import Iterable

import certifi

#: Parts of the Windows store that hold certificate authorities, a company's own among them.
_STORES = ("CA", "ROOT")

_FOR_SERVERS = ssl.Purpose.SERVER_AUTH.oid


def context() -> ssl.SSLContext:
    """Verifies always, the host's name too; TLS 1.2 at least."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.load_verify_locations(cafile=certifi.where())
    if sys.platform == "win32" and (company := b"".join(windows_authorities())):
        made.load_verify_locations(cadata=company)
    return made


def windows_authorities() -> Iterable[bytes]:
    """Authorities the Windows store trusts for servers, as DER. Python's own loader would ask SSL_CERT_FILE as well."""
    for store in _STORES:
        for certificate, encoding, purposes in ssl.enum_certificates(store):  # type: ignore[attr-defined]  # Windows
            if encoding == "x509_asn" and (purposes is True or _FOR_SERVERS in purposes):
                yield certificate
