"""The process that has loaded what reading takes and forks one for each file: `python -m lib.workbook.fork_server FD`.

FD is a socket of the server's. With every byte that comes over it come two descriptors: a socket on which the new process
does what `child` does on standard input and output, and a pipe on which it says that it began and that it ended well. This
process never sees a byte of a file. It ends with the server. Linux only (`process.CAN_FORK`).
"""

import gc
import os
import signal
import socket
import sys

from lib.workbook import child
from lib.workbook.process import BEGUN, ENDED


def main() -> None:
    """Makes processes until the server ends."""
    child.load()
    gc.freeze()  # what is loaded is shared with all of them as long as nobody writes to it
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the server sees how they ended
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        while True:
            request, descriptors, _, _ = socket.recv_fds(requests, 1, 2)
            if not request:
                return
            if os.fork() == 0:
                _read_one(requests, *descriptors)
            for descriptor in descriptors:
                os.close(descriptor)


def _read_one(requests: socket.socket, conversation: int, told: int) -> None:
    """All that the new process does: it never returns."""
    code = 1
    try:
        requests.close()
        os.write(told, BEGUN)
        for standard in (sys.stdin, sys.stdout):
            os.dup2(conversation, standard.fileno())
        os.close(conversation)
        child.read_one()
        os.write(told, ENDED)
        code = 0
    finally:
        os._exit(code)


if __name__ == "__main__":
    main()
