"""Whether an address the platform's answer names may be fetched, and whether our token may go there. Pure.

The address is outside text: whoever could choose it must reach neither this computer, nor its network, nor our token.
"""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit, urlunsplit

from lib.platform.connection import is_loopback

#: Characters of an address; ours.
LONGEST = 2_000


def fetchable(address: str, base_url: str) -> tuple[str, bool] | None:
    """The address to fetch instead, and whether it is the platform's own host; None where it must not be fetched.

    Plain http is fetched from this computer alone, and only where the platform itself runs on it; any other host is
    asked over https, also where the answer names http, as the manual's sample does.
    """
    platform, parts = urlsplit(base_url), _split(address)
    if parts is None:
        return None
    host, is_own_host = parts.hostname or "", parts.hostname == platform.hostname
    if is_loopback(f"{parts.scheme}://{parts.netloc}"):
        if not is_loopback(base_url):
            return None
    elif _is_inner(host) and not is_own_host:
        return None
    elif parts.scheme == "http":
        if parts.port not in (None, 80) or ":" in host:
            return None
        parts = parts._replace(scheme="https", netloc=host)
    is_own = is_own_host and (parts.scheme, _port(parts)) == (platform.scheme, _port(platform))
    return urlunsplit(parts._replace(fragment="")), is_own


def _split(address: str) -> SplitResult | None:
    if len(address) > LONGEST or not address.isascii() or not address.isprintable() or " " in address:
        return None
    try:
        parts = urlsplit(address)
        is_plain = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and "@" not in parts.netloc
            and parts.port != 0
        )
    except ValueError:
        return None
    return parts if is_plain else None


def _port(parts: SplitResult) -> int:
    return parts.port or (443 if parts.scheme == "https" else 80)


def _is_inner(host: str) -> bool:
    """A number of a network that is not the internet, or a name without a dot."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host.rstrip(".")
