"""The files a team's server is made of, as far as they can be tried without a container engine: every command in them starts,
the image's own tree serves, nginx and systemd take theirs."""

import http.client
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import databases
from tests.e2e.people import raw_visit
from tests.e2e.proxy import BEHIND, DEPLOY, Proxy, find
from tests.e2e.server import ROOT, AppServer
from tests.ports import free_port
from tests.waiting import PATIENCE

UNITS = ("contact-desk.service", "contact-desk@.service", "contact-desk-engine.service")

HOME = "/opt/contact-desk"

AUTH = """
[auth]
redirect_uri = "https://desk.example.com/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "desk"
client_secret = "secret"
server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
"""


def text_of(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def stage(name: str) -> list[str]:
    """The lines of one stage of the container file, each with what it goes on to."""
    text = re.sub(r"\s*\\\n\s*", " ", text_of("Dockerfile"))
    [found] = re.findall(rf"^FROM \S+ AS {name}\n(.*?)(?=^FROM |\Z)", text, re.MULTILINE | re.DOTALL)
    return [line for line in found.splitlines() if line and not line.startswith("#")]


def copied(name: str) -> dict[str, str]:
    """Source in the project → place in the image."""
    pairs = {}
    for line in stage(name):
        if line.startswith("COPY ") and "--from" not in line:
            *sources, target = line.split()[1:]
            pairs |= {source: f"{target}{source}" if target == "./" else target for source in sources}
    return pairs


def service(name: str) -> str:
    """The lines of one service of the compose file."""
    [found] = re.findall(rf"^  {name}:\n((?:    .*\n|\n)+)", text_of("compose.yaml"), re.MULTILINE)
    return found


def here(command: list[str]) -> list[str]:
    """A command of the files as it is said in this checkout."""
    program = Path(command[0]).name
    assert command[0] in (f".venv/bin/{program}", f"{HOME}/.venv/bin/{program}")
    return [sys.executable, *(["-m", "streamlit"] if program == "streamlit" else []), *command[1:]]


def started(name: str) -> list[str]:
    """What a unit starts."""
    [command] = re.findall(r"^ExecStart=(.*)$", text_of(name), re.MULTILINE)
    return shlex.split(command.replace("%i", "8502"))


# --- commands ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        started("contact-desk-engine.service"),
        json.loads(re.findall(r"command: (\[.*\])", service("engine"))[0]),
    ],
    ids=["unit", "compose"],
)
def test_the_engine_of_the_files_starts(command: list[str]) -> None:
    done = subprocess.run([*here(command), "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "--secrets" in done.stdout


@pytest.mark.parametrize("name", UNITS[:2])
def test_the_app_of_the_units_is_started_by_flags_there_are(name: str) -> None:
    command = here(started(name))
    assert command[3:5] == ["run", "app.py"]
    told_of = subprocess.run(
        [*command[:4], "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert all(flag.split("=")[0] in told_of for flag in command[5:])


def test_the_units_differ_in_nothing_that_protects() -> None:
    guards = [text_of(name).split("UMask")[1] for name in UNITS]
    assert guards[0] == guards[1] == guards[2]
    folders = [
        re.findall(r"(?:StateDirectory|CONTACT_DESK_DATA)=(?:/var/lib/)?(\S+)", text_of(name))
        for name in UNITS
    ]
    assert [len(set(pair)) for pair in folders] == [1, 1, 1], "what it writes to is what it may write to"
    assert len({pair[0] for pair in folders}) == 3


# --- the image -----------------------------------------------------------------------------------------------------


def image(folder: Path, secrets: str) -> Path:
    """The tree the container file makes, with the secrets where the compose file mounts them."""
    for source, target in copied("desk").items():
        to = folder / target
        to.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, to)
    [mounted] = re.findall(rf"target: {HOME}/(\S+)", text_of("compose.yaml"))
    (folder / mounted).write_text(secrets, encoding="utf-8")
    return folder


def environment() -> dict[str, str]:
    """What the container file sets."""
    [line] = [line for line in stage("desk") if line.startswith("ENV ")]
    return dict(pair.split("=", 1) for pair in line.split()[1:])


def healthcheck() -> list[str]:
    [line] = [line for line in stage("desk") if line.startswith("HEALTHCHECK ")]
    return here(json.loads(line.split(" CMD ")[1]))


@pytest.mark.parametrize("kind", databases.params(databases.POSTGRESQL))
def test_the_image_serves_with_what_was_copied_and_its_check_tells(kind: str, tmp_path: Path) -> None:
    server, name = databases.EVERY.server, f"image_{os.getpid()}"
    tree = image(
        tmp_path / "image",
        f'DATABASE_URL = "{server.create(name)}"\nCONTACT_DESK_INSTALL_KEY = "{"5e" * 32}"\n{AUTH}',
    )
    before = sorted(tree.rglob("*"))
    [hosts] = re.findall(r"STREAMLIT_SERVER_ALLOWED_HOSTS: (.*?)\s+#", text_of("compose.yaml"))
    settings = environment() | {
        "STREAMLIT_SERVER_ALLOWED_HOSTS": hosts,
        "CONTACT_DESK_HEALTH": "network",
        "HOME": str(tmp_path / "none"),
    }
    del settings["CONTACT_DESK_DATA"]
    try:
        with AppServer(tmp_path / "data", cwd=tree, **settings) as app:
            asked = os.environ | {"STREAMLIT_SERVER_PORT": str(app.port)}
            assert subprocess.run(healthcheck(), env=asked, check=False, timeout=PATIENCE).returncode == 0, (
                app.log()
            )
            assert "登录".encode() in raw_visit(
                "http://desk.example.com", "", origin="https://desk.example.com", port=app.port
            ), "a page is drawn, and asks who comes"
            assert "contact_desk_senders 1\n" in scraped(app.port, "desk-2")
        assert (
            subprocess.run(
                healthcheck(), env=asked, check=False, stderr=subprocess.DEVNULL, timeout=PATIENCE
            ).returncode
            != 0
        )
        assert sorted(tree.rglob("*")) == before, "its root may be read-only"
    finally:
        server.drop(name)


def scraped(port: int, host: str) -> str:
    """The metrics, as a monitoring beside asks for them by the name of a service."""
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    asked.request("GET", "/health/metrics", headers={"Host": f"{host}:8502"})
    text = asked.getresponse().read().decode()
    asked.close()
    return text


def test_the_builder_is_sent_what_it_copies_and_nothing_else() -> None:
    sent = {line[1:] for line in text_of("Dockerfile.dockerignore").splitlines() if line.startswith("!")}
    sources = {*copied("desk"), *copied("proxy"), *copied("packages")}
    assert sent == sources
    assert all((ROOT / source).exists() for source in sources)
    assert {"app.py", "lib", "pages", ".streamlit/config.toml", "requirements.txt"} == {*copied("desk")}


def test_the_compose_file_holds_no_secret_and_leads_to_the_addresses_the_proxy_knows() -> None:
    text = text_of("compose.yaml")
    given = re.findall(
        r"^ +[\w-]*(?:PASSWORD|SECRET|TOKEN|KEY|DATABASE_URL)\w*: (.*)$", text, re.MULTILINE | re.IGNORECASE
    )
    assert given == [
        "/run/secrets/postgres-password",
        "[postgres-password]",
        "{file: ./secrets/postgres-password}",
    ]
    assert set(re.findall(r"\{file: \./(\w+)/", text)) == {"secrets"}
    assert "/.deploy/secrets/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    asked = dict(re.findall(r"server (desk-\d):(\d+)", text_of("nginx-two.conf")))
    for name, port in asked.items():
        its = service(name)
        [address] = re.findall(r"ipv4_address: (\S+)}", its)
        assert f'STREAMLIT_SERVER_PORT: "{port}"' in its
        assert f'"{name}:{address}"' in service("proxy")


@pytest.mark.parametrize("name", UNITS)
def test_sec43_a_unit_takes_no_more_memory_than_it_is_given_and_is_started_again(name: str) -> None:
    lines = text_of(name).splitlines()
    for line in (
        "MemoryMax=4G",
        "MemorySwapMax=0",
        "OOMPolicy=continue",
        "TasksMax=512",
        "Restart=on-failure",
    ):
        assert line in lines
    for setting in ("CONTACT_DESK_WATCHDOG=60", "MALLOC_ARENA_MAX=1"):
        assert (f"Environment={setting}" in lines) == ("engine" not in name)


def test_sec43_a_container_takes_no_more_memory_than_it_is_given_and_is_started_again() -> None:
    shared = text_of("compose.yaml").split("x-desk:")[1].split("services:")[0]
    for its in (shared, service("postgres"), service("proxy")):
        assert re.search(r"^ +mem_limit: \d", its, re.MULTILINE)
        assert re.search(r"^ +pids_limit: \d", its, re.MULTILINE)
        assert "restart: unless-stopped" in its
    assert 'CONTACT_DESK_WATCHDOG: "60"' in service("desk-1")
    assert "<<: *served" in service("desk-2")


# --- nginx and systemd ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(find() is None and not os.environ.get("CI"), reason="no nginx here")
@pytest.mark.parametrize("processes", BEHIND)
def test_nginx_takes_its_files(processes: int) -> None:
    proxy = Proxy(*(free_port() for _ in range(processes)))
    try:
        assert "syntax is ok" in proxy.check()
    finally:
        proxy.close()


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    (tmp_path / ".venv/bin").mkdir(parents=True)
    for program in ("python", "streamlit"):
        (tmp_path / ".venv/bin" / program).symlink_to(sys.executable)
    for name in UNITS:
        (tmp_path / name).write_text(text_of(name).replace(HOME, str(tmp_path)), encoding="utf-8")
    names = [str(tmp_path / name.replace("@.", "@8501.")) for name in UNITS]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, check=False
    )
    mine = [line for line in done.stderr.splitlines() if "contact-desk" in line]
    assert (done.returncode, mine) == (0, [])
