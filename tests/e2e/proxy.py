"""The recipe for a team's server, run for real on this computer: its nginx, its certificate, its ports."""

import datetime
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e.server import ROOT
from tests.ports import free_port
from tests.waiting import PATIENCE, until

#: As the recipe names it.
HOST = "desk.example.com"

DEPLOY = ROOT / ".deploy"

#: For so many processes behind it: the recipe's file, and the ports that are named in it.
BEHIND = {1: ("nginx-one.conf", ("8501",)), 2: ("nginx-two.conf", ("8501", "8502"))}

#: What nginx needs around the recipe's file to run as anybody, in a folder of its own.
_AROUND = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    access_log {folder}/access.log combined;
    include {folder}/desk.conf;
    include {folder}/behind.conf;
}}
"""


def find() -> str | None:
    """Path of an installed nginx; None where there is none."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


#: Where it answers, with TLS and without: one proxy at a time, and Chromium is told at its start that the name leads here.
PORT, PLAIN_PORT = free_port(), free_port()


class Proxy:
    """nginx with the recipe's files before one app, or two, on these ports. Only ports, paths and the certificate are others."""

    def __init__(self, *app_ports: int) -> None:
        self.port, self.plain_port = PORT, PLAIN_PORT
        self._folder = tempfile.TemporaryDirectory(prefix="desk-proxy-")
        self.folder = Path(self._folder.name)
        self._process: subprocess.Popen[bytes] | None = None
        places = {
            "listen 443": f"listen 127.0.0.1:{self.port}",
            "listen 80": f"listen 127.0.0.1:{self.plain_port}",
            "/etc/ssl/contact-desk/": f"{self.folder}/",
            "/var/log/nginx/": f"{self.folder}/",
        }
        self._write("nginx.conf", "desk.conf", places)
        behind, written = BEHIND[len(app_ports)]
        names = {f"desk-{at + 1}": "127.0.0.1" for at in range(len(app_ports)) if len(app_ports) > 1}
        self._write(behind, "behind.conf", dict(zip(written, map(str, app_ports), strict=True)) | names)
        user = "user root;" if os.getuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            _AROUND.format(folder=self.folder, user=user), encoding="utf-8"
        )
        _certificate(self.folder)

    def _write(self, name: str, here: str, places: Mapping[str, str]) -> None:
        """One of the recipe's files, with other places in it."""
        text = (DEPLOY / name).read_text(encoding="utf-8")
        for written, other in places.items():
            assert written in text, written
            text = text.replace(written, other)
        (self.folder / here).write_text(text, encoding="utf-8")

    def check(self) -> str:
        """What `nginx -t` says of it; raises CalledProcessError where it is no configuration."""
        command = [str(find()), "-t", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        return subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True).stderr

    def __enter__(self) -> "Proxy":
        nginx = find()
        assert nginx
        self._process = subprocess.Popen(
            [nginx, "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]
        )
        until(self._answers, "nginx does not answer")
        return self

    def _answers(self) -> bool:
        assert self._process
        if self._process.poll() is not None:
            raise RuntimeError(f"nginx did not start: {(self.folder / 'error.log').read_text()}")
        with socket.socket() as asked:
            return asked.connect_ex(("127.0.0.1", self.port)) == 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process:
            self._process.terminate()
            self._process.wait(PATIENCE)
        self.close()

    def close(self) -> None:
        """Take its folder away."""
        self._folder.cleanup()

    def log(self) -> str:
        """What it has written down of who asked for what."""
        return (self.folder / "contact-desk.log").read_text(encoding="utf-8")

    def logs(self) -> str:
        """Everything it has written down, of errors too, and where Debian's own settings would have it."""
        return "".join(path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.log")))


def _certificate(folder: Path) -> None:
    """A certificate of its own for HOST, as nobody should trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    unlocked = serialization.NoEncryption()
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, unlocked)
    )
