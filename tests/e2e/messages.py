"""What a browser sends over its websocket, and what no page sends."""

from collections.abc import Callable

from streamlit.proto.BackMsg_pb2 import BackMsg

from lib.ui.web.socket_messages import LONGEST_ID, MOST_FILES


def message(fill: Callable[[BackMsg], object]) -> bytes:
    made = BackMsg()
    fill(made)
    return made.SerializeToString()


def operation(name: str, request_id: str = "r") -> bytes:
    made = BackMsg()
    made.backend_operation_request.request_id = request_id
    getattr(made.backend_operation_request, name).SetInParent()
    return made.SerializeToString()


def files(*names: str, request_id: str = "r") -> bytes:
    made = BackMsg()
    made.file_urls_request.request_id = request_id
    made.file_urls_request.file_names.extend(names)
    return made.SerializeToString()


NO_PAGE_SENDS = {
    "clear_cache": message(lambda one: setattr(one, "clear_cache", True)),
    "set_run_on_save": message(lambda one: setattr(one, "set_run_on_save", True)),
    "load_git_info": message(lambda one: setattr(one, "load_git_info", True)),
    "debug_disconnect_websocket": message(lambda one: setattr(one, "debug_disconnect_websocket", True)),
    "debug_shutdown_runtime": message(lambda one: setattr(one, "debug_shutdown_runtime", True)),
    "install_skills": operation("install_skills"),
    "dismiss_skills_nudge": operation("dismiss_skills_nudge"),
    "long id of a download": operation("deferred_file", "x" * (LONGEST_ID + 1)),
    "many files": files(*["a.csv"] * (MOST_FILES + 1)),
    "long id of files": files("a.csv", request_id="x" * (LONGEST_ID + 1)),
    "long name of a file": files("x" * 100_000),
    "nothing": b"\x92\x03\x00",
}
