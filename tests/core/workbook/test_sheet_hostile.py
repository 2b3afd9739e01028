"""Files that are not what they say, or that want to hurt. Each is refused with its own code, or read; the server survives."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, nullcontext
from pathlib import Path
from queue import Queue

import pytest

import lib.workbook.delimited
import lib.workbook.reader
from lib.access.people import Person, Role
from lib.access.person_store import PersonStore
from lib.draft import Draft
from lib.errors import SheetRefused
from lib.sheet import NoteCode, read
from lib.store import Store
from lib.words import words as all_words
from lib.workbook import child
from lib.workbook import process as sheet_process
from lib.workbook.kind import ZIP
from lib.workbook.limits import CHILD_CPU_MAX_SECONDS, CHILD_WALL_SECONDS, MEGABYTE
from tests.cases import sampled
from tests.core.sheet_builder import header, number, pack, parts_of, rows, text, workbook
from tests.waiting import PATIENCE, until

ROOT = Path(__file__).resolve().parents[3]
ZH, EN = all_words("zh"), all_words("en")
GOOD = rows(
    header(),
    (2, text("A2", "13012121211") + text("B2", "张伟")),
    (3, number("A3", "13012121212") + text("B3", "李四")),
)
NAMES_XLS = (ROOT / "tests" / "files" / "corpus" / "calc_types.xls").read_bytes()
XML_TABLE = b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def bomb() -> bytes:
    return pack(parts_of(f"<sheetData>{' ' * 60_000_000}</sheetData>"))


def with_dtd(part: str, encoding: str = "utf-8") -> bytes:
    parts = parts_of(GOOD)
    doctype = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    return pack({**parts, part: (doctype + parts[part]).encode(encoding)})


def flagged_encrypted() -> bytes:
    data = bytearray(workbook(GOOD))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def ods(tables: str, before: str = "", manifest: str = "<x/>") -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns:%s:1.0"
    names = " ".join(f'xmlns:{name}="{space % name}"' for name in ("office", "table", "text", "style"))
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    return pack(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"{before}<office:document-content {names}>{body}</office:document-content>",
            "META-INF/manifest.xml": manifest,
        }
    )


def table(inside: str) -> str:
    return f'<table:table table:name="表">{inside}</table:table>'


def ods_row(cells: str, repeat: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeat}">{cells}</table:table-row>'


def ods_cell(text: str, repeat: int = 1) -> str:
    return f'<table:table-cell table:number-columns-repeated="{repeat}"><text:p>{text}</text:p></table:table-cell>'


def zip_with(name: str, content: str = "x") -> bytes:
    return pack({name: content})


HOSTILE = {
    "empty": (b"", "file_empty"),
    "blank lines": (b"\n\n  \n", "file_empty"),
    "pdf": (b"%PDF-1.7 ...", "file_is_pdf"),
    "png": (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "file_is_image"),
    "jpeg": (b"\xff\xd8\xff\xe0" + b"\0" * 50, "file_is_image"),
    "rar": (b"Rar!\x1a\x07", "file_is_archive"),
    "html without a table": (b"\xef\xbb\xbf\r\n<!DOCTYPE html><html><p>login</html>", "file_is_html"),
    "html of frames": (b"<html><frameset><frame src='a.files/sheet001.htm'></frameset>", "file_is_html_list"),
    "html of a large cell": (b"<table><tr><td>" + b"1" * 32_768, "cell_too_large"),
    "html too wide": (b"<table><tr>" + b"<td>1" * 501, "too_many_columns"),
    "html too deep": (b"<table><tr><td>" + b"<div>" * 200_000, "sheet_empty"),
    "xml table without sheets": (XML_TABLE, "workbook_without_sheets"),
    "xml table with a dtd": (b'<!DOCTYPE x [<!ENTITY a "b">]>' + XML_TABLE, "workbook_dtd"),
    "xml table cut short": (XML_TABLE[:-2] + b"><x", "workbook_damaged"),
    "xml data": (b'<?xml version="1.0"?><rows><row phone="1"/></rows>', "file_is_xml"),
    "json": (b'\n[{"phone": "13012121211"}, {"phone": "13012121212"}]\n', "file_is_json"),
    "json by the line": (b'{"phone": "13012121211"}\n{"phone": "13012121212"}\n', "file_is_json"),
    "e-mail": (b"From: a\nMIME-Version: 1.0\nContent-Type: multipart/mixed\n\nx", "file_is_document"),
    "database": (b"SQLite format 3\0" + b"\0" * 50, "file_is_database"),
    "recording": (b"RIFF\0\0\0\0WAVEfmt ", "file_is_recording"),
    "photo of a telephone": (b"\0\0\0\x18ftypheic" + b"\0" * 50, "file_is_image"),
    "numbers": (zip_with("Index/Document.iwa"), "file_is_numbers"),
    "phone book of too many numbers": (
        b"BEGIN:VCARD\n" + b"TEL:1\n" + b"".join(b"TEL:%d\n" % n for n in range(501)),
        "too_many_columns",
    ),
    "biff cut short": (b"\x09\x08\x10\0\0\x06\x10\0", "workbook_damaged"),
    "xls without a directory": (OLE2 + "Workbook".encode("utf-16-le"), "workbook_damaged"),
    "xls cut short": (NAMES_XLS[:-2_000], "workbook_damaged"),
    "xls cut to its head": (NAMES_XLS[:600] + "Workbook".encode("utf-16-le"), "workbook_damaged"),
    "password": (OLE2 + "EncryptedPackage".encode("utf-16-le"), "workbook_password"),
    "word document": (OLE2 + "WordDocument".encode("utf-16-le"), "file_is_document"),
    "encrypted zip": (flagged_encrypted(), "workbook_password"),
    "truncated": (workbook(GOOD)[:-300], "workbook_damaged"),
    "zip head only": (b"PK\x03\x04", "workbook_damaged"),
    "docx": (zip_with("word/document.xml"), "file_is_document"),
    "zip of a list": (zip_with("名单.csv"), "zip_without_workbook"),
    "empty zip": (pack({}), "zip_without_workbook"),
    "xlsb": (zip_with("xl/workbook.bin"), "workbook_xlsb"),
    "ods that is no xml": (ods("<x"), "workbook_damaged"),
    "ods without tables": (ods(table("")[:0]), "workbook_without_sheets"),
    "odt": (
        pack({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
        "file_is_document",
    ),
    "ods with a password": (ods(table(""), manifest="<encryption-data/>"), "workbook_password"),
    "ods with a dtd": (ods(table(""), before='<!DOCTYPE x [<!ENTITY a "b">]>'), "workbook_dtd"),
    "ods of a million repeated rows": (ods(table(ods_row(ods_cell("1") * 2, 1_048_000))), "too_many_rows"),
    "ods of repeated columns": (ods(table(ods_row(ods_cell("1", 16_384)))), "too_many_columns"),
    "ods row beyond": (ods(table(ods_row("", 99_999_999) + ods_row(ods_cell("1")))), "position_impossible"),
    "ods repeated nought times": (ods(table(ods_row(ods_cell("1"), 0))), "workbook_damaged"),
    "no sheets": (pack(parts_of()), "workbook_without_sheets"),
    "empty sheet": (workbook("<sheetData/>"), "sheet_empty"),
    "path outside": (pack(parts_of(GOOD) | {"../../evil.xml": "x"}), "workbook_damaged"),
    "path from the root": (pack(parts_of(GOOD) | {"/etc/evil.xml": "x"}), "workbook_damaged"),
    "path of a drive": (pack(parts_of(GOOD) | {"C:evil.xml": "x"}), "workbook_damaged"),
    "path of windows": (pack(parts_of(GOOD) | {"..\\evil.xml": "x"}), "workbook_damaged"),
    "zip bomb": (bomb(), "workbook_bomb"),
    "too many parts": (pack(parts_of(GOOD) | {f"p{number}": "" for number in range(2_001)}), "workbook_bomb"),
    "row beyond": (workbook(rows(header(), (999_999_999, text("A999999999", "x")))), "position_impossible"),
    "row zero": (workbook(rows(header(), (0, text("A0", "x")))), "position_impossible"),
    "column XFE": (workbook(rows(header(), (2, text("XFE2", "x")))), "too_many_columns"),
    "column beyond": (workbook(rows(header(), (2, text("AAAAA2", "x")))), "position_impossible"),
    "sparse XFD1048576": (workbook(rows(header(), (1_048_576, text("XFD1048576", "x")))), "too_many_columns"),
    "shared string missing": (
        workbook(rows(header(), (2, '<c r="A2" t="s"><v>99</v></c>'))),
        "workbook_unreadable",
    ),
    "nul bytes": (b"13012121211\0,a\n\0\0\0\0,b\n", "text_nul"),
    "binary": (bytes(range(1, 32)) * 40, "text_binary"),
    "no encoding": (b"a,b\n\xff\xfe\xfd\xff,\xff\x80\x81\n", "encoding_undetected"),
    "one long line": (b"1" * 1_500_000, "line_too_long"),
    "one long cell": (b'a,b\n"' + b"1,\n" * 60_000, "cell_too_long"),
    "a cell longer than Excel's": (b"a,b\n1," + b"x" * 32_768 + b"\n", "cell_too_long"),
    "a workbook's cell longer than Excel's": (
        workbook(rows(header(), (2, text("A2", "x" * 32_768)))),
        "workbook_cell_too_long",
    ),
    "one wide record above many narrow ones": (
        b"sep=,\n" + b"," * 499 + b"\n" + b"1\n" * 90_000,
        "too_many_cells",
    ),
    "too many columns": (b",".join([b"x"] * 501) + b"\n", "too_many_columns"),
}


@pytest.mark.parametrize("name", sampled(list(HOSTILE), 2))
def test_each_hostile_file_is_refused_with_its_own_sentence(name: str):
    """SEC15, SEC16, SEC17; X02, X03, X04, X07."""
    data, code = HOSTILE[name]
    with pytest.raises(SheetRefused) as caught:
        read(data, f"{name}.xlsx")
    assert caught.value.code == code
    for words in (ZH, EN):
        assert words[f"error.{code}"].format(**caught.value.params)


@pytest.mark.parametrize("part", list(parts_of(GOOD)))
def test_a_dtd_in_any_part_is_refused(part: str):
    """SEC16."""
    with pytest.raises(SheetRefused) as caught:
        read(with_dtd(part), "x.xlsx")
    assert caught.value.code == "workbook_dtd"


def _retold(told: str) -> dict[str, str]:
    parts = parts_of(GOOD)
    return parts | {
        "[Content_Types].xml": parts["[Content_Types].xml"].replace("</Types>", f"{told}</Types>")
    }


@pytest.mark.parametrize(
    "told",
    [
        '<Override PartName="/xl/texts.bin" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>',
        '<Default Extension="BIN" ContentType="application/xml"/>',
    ],
)
def test_sec16_a_dtd_in_a_part_of_another_name_is_refused_too(told: str):
    """SEC16: a reader goes by what the package says a part is, not by its ending."""
    hidden = {"xl/texts.bin": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><sst/>'}
    with pytest.raises(SheetRefused) as caught:
        read(pack(_retold(told) | hidden), "x.xlsx")
    assert caught.value.code == "workbook_dtd"


def test_sec16_a_picture_with_a_dtd_is_no_danger_and_stays():
    svg = {
        "xl/media/image1.svg": '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd"><svg/>'
    }
    assert (
        len(
            read(
                pack(_retold('<Default Extension="svg" ContentType="image/svg+xml"/>') | svg), "x.xlsx"
            ).table
        )
        == 2
    )


def test_sec16_no_other_parser_of_xml_is_in_use():
    """SEC16: every XML is searched for a DTD before a parser has it. openpyxl would take lxml where it is installed."""
    found = {
        (path.name, name)
        for path in (ROOT / "lib").rglob("*.py")
        for name in re.findall(
            r"^\s*(?:import|from) (xml|lxml|defusedxml)\b", path.read_text("utf-8"), re.MULTILINE
        )
    }
    assert found == {
        ("machine_facts.py", "xml"),
        ("ods.py", "xml"),
        ("package.py", "xml"),
        ("spreadsheet_xml.py", "xml"),
    }  # the first asks expat its version


def test_a_dtd_in_utf_16_is_refused():
    """SEC16."""
    with pytest.raises(SheetRefused) as caught:
        read(with_dtd("xl/worksheets/sheet1.xml", "utf-16"), "x.xlsx")
    assert caught.value.code == "workbook_dtd"


def test_too_many_rows_are_refused_not_cut(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lib.workbook.delimited, "MAX_ROWS", 10)
    with pytest.raises(SheetRefused) as caught:
        read(b"a,b\n" + b"1,2\n" * 12, "x.csv")
    assert caught.value.code == "too_many_rows"


def test_sec63_a_table_that_is_more_than_the_server_should_hold_is_refused(monkeypatch: pytest.MonkeyPatch):
    """SEC63: what a small package repeats a thousand times."""
    repeated = rows(header(), *((at, f'<c r="A{at}" t="s"><v>0</v></c>') for at in range(2, 1_002)))
    data = workbook(repeated, strings=("1" * 10_000,))
    table, facts = child.parse(data, "fast", None)
    monkeypatch.setattr(child, "MAX_TABLE_BYTES", table.nbytes)
    assert child._affordable(table, facts) == (table, facts)
    monkeypatch.setattr(child, "MAX_TABLE_BYTES", len(data) * 100)
    with pytest.raises(SheetRefused) as caught:
        child._affordable(table, facts)
    assert caught.value.code == "table_too_large"


def _read_elsewhere(**settings: str) -> str:
    """What a server with these settings makes of a file of two rows and two columns: its rows, or the refusal."""
    code = (
        "import sys; from lib.errors import SheetRefused; from lib.sheet import read\n"
        "try: print(len(read(sys.stdin.buffer.read(), 'x').table))\n"
        "except SheetRefused as refused: print(refused.code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | settings,
        input=workbook(GOOD),
        capture_output=True,
        check=False,
    )
    return done.stdout.decode().strip() or done.stderr.decode().strip().splitlines()[-1]


def test_limits_can_be_set_for_the_server_and_reach_the_parsing_process():
    assert _read_elsewhere(CONTACT_DESK_MAX_ROWS="2", CONTACT_DESK_MAX_COLUMNS="2") == "2"
    assert _read_elsewhere(CONTACT_DESK_MAX_ROWS="1") == "too_many_rows"
    assert _read_elsewhere(CONTACT_DESK_MAX_COLUMNS="1") == "too_many_columns"


def test_a_limit_that_is_no_number_stops_the_start_and_says_which():
    assert (
        _read_elsewhere(CONTACT_DESK_MAX_ROWS="many")
        == "ValueError: CONTACT_DESK_MAX_ROWS must be a whole number from 1 to 1048576"
    )


def test_a_sparse_sheet_with_a_cell_in_the_last_row_is_read():
    sheet = read(workbook(rows(header(), (1_048_576, text("SF1048576", "x")))), "x.xlsx")
    assert sheet.table.index.tolist() == [1_048_576]


def test_the_content_decides_and_not_the_name():
    """SEC17."""
    assert read(workbook(GOOD), "list.csv").kind == "xlsx"
    assert read("手机号,姓名\n13012121211,张伟\n".encode(), "list.xlsx").kind == "csv"


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen]]:
    """The programs for parsing in the order in which they are started; none waits from an earlier test, none for a later one."""
    sheet_process.expect_nothing()
    found: list[subprocess.Popen] = []
    start = subprocess.Popen

    def recording(*args, **options):
        found.append(start(*args, **options))
        found[-1].environment = options["env"]
        return found[-1]

    monkeypatch.setattr(sheet_process.subprocess, "Popen", recording)
    yield found
    sheet_process.expect_nothing()


#: With a process that is forked for each file, and with one that is started.
BOTH_WAYS = pytest.mark.parametrize(
    "forks",
    [
        pytest.param(True, marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")),
        False,
    ],
)


@pytest.fixture
def way(forks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of `BOTH_WAYS`."""
    monkeypatch.setattr(sheet_process, "CAN_FORK", forks)


@BOTH_WAYS
def test_the_parsing_process_gets_no_token_and_no_proxy(
    started: list[subprocess.Popen], way: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("VOICE_TOKEN", "secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:secret@proxy")
    read(workbook(GOOD), "x.xlsx")
    assert len(started) == 1
    assert "secret" not in "".join(started[0].environment.values())
    assert "VOICE_TOKEN" in os.environ


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")
def test_one_program_waits_and_each_file_has_a_process_of_its_own(started: list[subprocess.Popen]):
    sheet_process.expect_workbook()
    sheet_process.expect_workbook()
    for _ in range(3):
        assert len(read(workbook(GOOD), "x.xlsx").table) == 2
    assert [program.poll() for program in started] == [None]
    children = Path(f"/proc/{started[0].pid}/task/{started[0].pid}/children")
    until(lambda: not children.read_text(), "the processes of files that were read end")


def test_where_nothing_forks_each_file_starts_its_own(
    started: list[subprocess.Popen], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sheet_process, "CAN_FORK", False)
    sheet_process.expect_workbook()
    for _ in range(2):
        assert len(read(workbook(GOOD), "x.xlsx").table) == 2
    assert [program.poll() for program in started] == [0, 0]


@BOTH_WAYS
def test_two_files_at_once_are_read_each_by_itself(started: list[subprocess.Popen], way: None):
    others = workbook(rows(header(), (2, text("A2", "13912121211"))))
    with ThreadPoolExecutor(2) as pool:
        sheets = list(
            pool.map(lambda one: read(one, "x.xlsx", person=str(len(one))), (workbook(GOOD), others) * 3)
        )
    assert [len(sheet.table) for sheet in sheets] == [2, 1] * 3


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")
@pytest.mark.parametrize("is_seen", [True, False])
def test_a_program_that_was_killed_while_it_waited_costs_nothing_but_another_start(
    started: list[subprocess.Popen], is_seen: bool, monkeypatch: pytest.MonkeyPatch
):
    sheet_process.expect_workbook()
    started[0].kill()
    os.waitid(os.P_PID, started[0].pid, os.WEXITED | os.WNOWAIT)
    if not is_seen:  # it dies at that very moment
        monkeypatch.setattr(started[0], "poll", lambda: None)
    assert len(read(workbook(GOOD), "x.xlsx").table) == 2
    assert len(started) == 2


@BOTH_WAYS
def test_a_process_that_dies_costs_its_file_and_no_other(
    started: list[subprocess.Popen], way: None, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as less:
        less.setattr(sheet_process, "CHILD_MEMORY_MAX_BYTES", 1)
        with pytest.raises(SheetRefused, match="text_unreadable"):
            read(BIG_TEXT.encode(), "x.csv")
    assert len(read(workbook(GOOD), "x.xlsx").table) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has it")
def test_the_program_that_waits_ends_with_its_server():
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "lib.workbook.fork_server", str(theirs.fileno())]
        waiting = subprocess.Popen(command, cwd=ROOT, pass_fds=(theirs.fileno(),))
    ours.close()
    assert waiting.wait() == 0


def test_a_process_whose_server_has_ended_ends_without_a_word():
    command = [sys.executable, "-m", "lib.workbook.child"]
    done = subprocess.run(command, cwd=ROOT, input=b"", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, b"")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits the address space of a process")
def test_a_process_has_its_limits_before_it_sees_a_file():
    code = (
        "import sys, resource, signal, lib.workbook.child as child;"
        "kinds = (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_CORE);"
        "given = lambda: [resource.getrlimit(kind)[0] for kind in kinds] + [signal.getitimer(signal.ITIMER_REAL)[0] > 120];"
        "child.parse = lambda *_: sys.exit(str(given())); child.read_one()"
    )
    wanted = b'{"sheet": null, "engine": "fast", "memory": 2000000000, "seconds": 30, "wall": 120}\n'
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input=wanted + b"file", capture_output=True, check=False
    )
    assert done.stderr.strip() == b"[2000000000, 30, 0, True]"


def test_sec56_a_process_has_half_a_minute_of_the_processor_and_more_only_for_a_large_package():
    """SEC56: the seconds that reading the largest honest file of each kind was measured to need, and no more."""
    seconds = sheet_process._cpu_seconds
    assert [seconds(start.ljust(50 * MEGABYTE)) for start in (b"a,b\n", b"<html>", b"BEGIN:VCARD")] == [
        30
    ] * 3
    assert [seconds(ZIP.ljust(size * MEGABYTE)) for size in (1, 10, 37, 50)] == [33, 60, 100, 100]
    assert seconds(b"\r\n" + ZIP) == seconds(OLE2) == 30
    assert CHILD_CPU_MAX_SECONDS < CHILD_WALL_SECONDS, "the clock on the wall stands behind it"


@pytest.mark.skipif(sys.platform != "linux", reason="Windows limits no processor time")
def test_sec56_a_process_that_has_used_its_seconds_is_ended():
    code = "import lib.workbook.child as child; child.limit(2_000_000_000, 1)\nwhile True: pass"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode in (-9, -24)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such clock: the server's ends it")
def test_a_process_that_nobody_listens_to_any_more_is_ended():
    code = "import lib.workbook.child as child; child.end_after(0.1)\nwhile True: pass"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == -signal.SIGALRM


#: What the parsing process tries, each with what it gets.
TRIED = {
    "socket.socket()": "PermissionError",
    "socket.getaddrinfo('example.com', 80)": "PermissionError",
    "subprocess.run(['true'])": "PermissionError",
    "os.system('true')": "PermissionError",
    "os.fork()": "PermissionError",
    "open('written', 'w')": "PermissionError",
    "os.open('written', os.O_CREAT | os.O_WRONLY)": "PermissionError",
    "bytearray(2_000_000_000)": "MemoryError",
    "open(os.devnull).close()": "",
}


@pytest.mark.skipif(sys.platform != "linux", reason="Windows limits no memory, macOS no address space")
def test_sec14_the_parsing_process_can_reach_nobody_and_write_nothing(tmp_path: Path):
    """SEC14: fenced by Python, limited by the system."""
    code = (
        "import json, os, socket, subprocess, sys\n"
        "from lib.workbook.child import fence, limit\n"
        "limit(1_000_000_000, 30); fence(); os.chdir(sys.argv[1]); told = {}\n"
        "for tried in json.loads(sys.argv[2]):\n"
        "    try: eval(tried); told[tried] = ''\n"
        "    except BaseException as error: told[tried] = type(error).__name__\n"
        "print(json.dumps(told))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), json.dumps(list(TRIED))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == TRIED
    assert list(tmp_path.iterdir()) == []


@BOTH_WAYS
def test_a_process_that_dies_in_both_engines_is_a_sentence(
    started: list[subprocess.Popen], way: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(sheet_process, "_ROOT", tmp_path)  # where it does not find its own program
    with pytest.raises(SheetRefused) as caught:
        read(workbook(GOOD), "x.xlsx")
    assert caught.value.code == "workbook_unreadable"


def test_one_person_has_one_place_and_leaves_the_other_to_somebody_else():
    """SEC51: whoever uploads ten files at once waits for their own."""
    places = sheet_process._ParserPlaces(2)
    inside: Queue[str] = Queue()

    def read_as(person: str, until: threading.Event) -> None:
        with places.of(person):
            inside.put(person)
            until.wait(PATIENCE)

    first, rest = threading.Event(), threading.Event()
    rest.set()
    with ThreadPoolExecutor() as threads:
        threads.submit(read_as, "anna", first)
        assert inside.get(timeout=PATIENCE) == "anna"
        hers = [threads.submit(read_as, "anna", rest) for _ in range(3)]
        for _ in range(3):
            threads.submit(read_as, "bernd", rest).result(PATIENCE)
        assert [inside.get(timeout=PATIENCE) for _ in range(3)] == ["bernd"] * 3
        assert not any(one.done() for one in hers)
        first.set()
        for one in hers:
            one.result(PATIENCE)


def test_what_a_person_uploads_is_parsed_in_their_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    asked: list[str] = []
    monkeypatch.setattr(sheet_process._places, "of", lambda person: asked.append(person) or nullcontext())
    with closing(Store(tmp_path / "desk.db")) as store:
        alone = PersonStore(store, lambda: Person("anna", Role.OPERATOR, is_alone=True), lambda _: None)
        draft = Draft(alone)
        draft.load_sheet(workbook(GOOD), "x.xlsx")
        draft.reread(hidden_rows=False)
        draft.load_sheet(BIG_TEXT.encode(), "x.csv")
    assert asked == ["anna"] * 3


BIG_TEXT = "手机号,姓名\n" + "13012121211,张伟\n13012121212,\n" * 40_000


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("end", ["", '13012121213,"李\n四"\n13012121214,王五,多\n13012121215,"x\n'])
def test_a_large_text_is_parsed_by_a_process_of_its_own_and_gives_the_same(
    end: str, encoding: str, monkeypatch: pytest.MonkeyPatch
):
    data = (BIG_TEXT + end).encode(encoding)
    apart = read(data, "x.csv")
    monkeypatch.setattr(lib.workbook.reader, "TEXT_OF_ITS_OWN_BYTES", len(data))
    monkeypatch.setattr(sheet_process, "run_text", None)
    here = read(data, "x.csv")
    assert apart.table.equals(here.table)
    assert (apart.notes, apart.rival, apart.encoding, apart.delimiter, apart.kind) == (
        (here.notes, here.rival, here.encoding, here.delimiter, here.kind)
    )
    assert len(apart.table) == 80_000 + (3 if end else 0)


@pytest.mark.parametrize(
    ("data", "code"), [(workbook(GOOD), "workbook_unreadable"), (BIG_TEXT.encode(), "text_unreadable")]
)
def test_where_no_process_can_be_started_a_sentence_says_so(
    data: bytes, code: str, monkeypatch: pytest.MonkeyPatch
):
    def none_left(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    sheet_process.expect_nothing()
    monkeypatch.setattr(sheet_process.subprocess, "Popen", none_left)
    with pytest.raises(SheetRefused, match=code):
        read(data, "x")


@BOTH_WAYS
def test_a_large_text_whose_process_dies_is_a_sentence(
    started: list[subprocess.Popen], way: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setattr(sheet_process, "_ROOT", tmp_path)  # where it does not find its own program
    with pytest.raises(SheetRefused, match="text_unreadable"):
        read(BIG_TEXT.encode(), "x.csv")


@BOTH_WAYS
def test_a_process_that_takes_too_long_is_stopped(
    started: list[subprocess.Popen], way: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sheet_process, "CHILD_WALL_SECONDS", 0.01)
    with pytest.raises(SheetRefused) as caught:
        read(workbook(GOOD), "x.xlsx")
    assert caught.value.code == "workbook_too_slow"


def test_every_code_raised_and_every_note_has_a_sentence_in_both_languages():
    source = "".join(
        path.read_text("utf-8")
        for path in [*(ROOT / "lib" / "sheet").glob("*.py"), *(ROOT / "lib" / "workbook").glob("*.py")]
    )
    raised = set(re.findall(r'SheetRefused\(\s*"(\w+)"', source)) | set(
        re.findall(r'"((?:file|workbook|zip)_\w+)"', source)
    )
    for words in (ZH, EN):
        assert {f"error.{code}" for code in raised} <= words.keys()
        assert {key for key in words if key.startswith("note.")} == {f"note.{code}" for code in NoteCode}


def test_the_parsing_process_imports_neither_pandas_nor_streamlit():
    """SEC14."""
    code = "import lib.workbook.child, sys; print(sorted({'pandas', 'streamlit', 'httpx', 'sqlalchemy', 'openpyxl', 'fastexcel'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_pandas_is_not_loaded_while_a_workbook_is_parsed():
    code = "import sys; from lib.workbook import child; child.load(); child.read_one(); print('pandas' in sys.modules, file=sys.stderr)"
    wanted = b'{"sheet": null, "engine": "fast", "memory": 3000000000, "seconds": 30, "wall": 60}\n'
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, input=wanted + workbook(GOOD), capture_output=True, check=True
    )
    assert done.stdout
    assert done.stderr.strip() == b"False"
