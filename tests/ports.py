"""Ports for programs that have to be told theirs."""

import random
import socket

#: Below those that every system gives to whoever asks for any: a program takes seconds to listen on the port it was told, and
#: another test's listener would have got it meanwhile and answered in its place.
_FIRST, _LAST = 10_000, 32_767


def free_port() -> int:
    """A port of this computer on which nobody listens, and which nobody is given by chance."""
    while True:
        port = random.SystemRandom().randint(_FIRST, _LAST)
        with socket.socket() as free:
            try:
                free.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
