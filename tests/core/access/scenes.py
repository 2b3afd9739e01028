"""An administrator's sign-in, and a keyring in memory."""

from keyring.errors import PasswordDeleteError

AUTH = """
[auth]
redirect_uri = "https://desk.example/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "desk"
client_secret = "secret of the client"
server_metadata_url = "https://id.example/.well-known/openid-configuration"
"""


class Memory:
    """A keyring that keeps entries as Windows does: no entry above its limit."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if len(password.encode("utf-16-le")) > 2_560:
            raise RuntimeError("too long for an entry")
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.entries:
            raise PasswordDeleteError("no such entry")
        del self.entries[service, username]
