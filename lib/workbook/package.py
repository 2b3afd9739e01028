"""The package of a workbook: is it safe to unpack, which worksheets does it hold. Runs in the parsing process only.

Parts are found as Excel finds them: by the relations that name them, without regard to case, and with either slash.
"""

import io
import posixpath
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from xml.parsers import expat

from lib.errors import SheetRefused
from lib.workbook.limits import (
    MAX_PARTS,
    MAX_RATIO,
    MAX_SMALL_PART_BYTES,
    MAX_UNPACKED_BYTES,
    MEGABYTE,
    RATIO_COUNTS_FROM_BYTES,
)

WORKBOOK = "xl/workbook.xml"
_PACKAGE_RELATIONS = "_rels/.rels"
_TYPES = "[Content_Types].xml"
_MACROS = "vbaproject.bin"
_ODS_CONTENT, _ODS_TYPE, _ODS_MANIFEST = "content.xml", "mimetype", "META-INF/manifest.xml"
#: What a reader of .ods may parse; the macros' own parts have a DTD and are parsed by nobody here.
_ODS_PARTS = (_ODS_CONTENT, _ODS_MANIFEST, "styles.xml", "meta.xml", "settings.xml")
_ODS_MACROS = ("basic/", "scripts/")
_BLOCK_BYTES = MEGABYTE  # what is looked at next stays in the processor's own memory
_FIRST_BLOCK_BYTES = MEGABYTE // 16  # whoever asks for the first value only need not wait for more
_ZLIB_OUT_OF_MEMORY = "Error -4 "
_OUT_OF_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]

#: What an XML part may not contain, in the two encodings a parser accepts. No Office program writes a DTD.
_DTD = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)
_DTD_OVERLAP = max(map(len, _DTD))

#: Parts that other programs' documents have, and the sentence each gets.
_OTHERS = (
    ("xl/workbook.bin", "workbook_xlsb"),
    ("word/document.xml", "file_is_document"),
    ("ppt/presentation.xml", "file_is_document"),
    ("index/document.iwa", "file_is_numbers"),
    ("index.zip", "file_is_numbers"),
)


@dataclass(frozen=True)
class Worksheet:
    """A worksheet as the workbook lists it; `part` is its file in the package."""

    name: str
    visible: bool
    part: str


class Package:
    """An opened workbook whose directory has been checked. Parts are asked for in any spelling of their names."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as reason:
            raise SheetRefused("workbook_damaged") from reason
        _check_directory(self._zip.infolist())
        self._infos = {part_key(info.filename): info for info in self._zip.infolist()}
        self._swept: set[str] = set()
        self._workbook = self._main_part()
        if self._workbook is None:
            self._check_is_spreadsheet()

    @property
    def kind(self) -> str:
        """ "ods", "xlsm" when macros are on board, else "xlsx"."""
        if self._workbook is None:
            return "ods"
        return "xlsm" if self.has_macros else "xlsx"

    @property
    def has_macros(self) -> bool:
        """Whether macros are on board; they are never run."""
        return any(name.endswith(_MACROS) or name.startswith(_ODS_MACROS) for name in self._infos)

    @property
    def is_plain(self) -> bool:
        """Whether readers that go by the usual names, as they are spelled, find everything they need."""
        spelled = {info.filename for info in self._infos.values()}
        needed = [path for _, path, _ in self._parts() if self.has(path)]
        return self._workbook == WORKBOOK and spelled.issuperset((WORKBOOK, _relations_of(WORKBOOK), *needed))

    @property
    def relations(self) -> str:
        """The part with the workbook's own relations."""
        return _relations_of(self._book)

    @property
    def shared_strings(self) -> str | None:
        """The part with the texts that cells share, if there is one."""
        return self._part_of("sharedStrings")

    @property
    def styles(self) -> str | None:
        """The part with the styles, if there is one."""
        return self._part_of("styles")

    @property
    def counts_from_1904(self) -> bool:
        """Whether the days of the workbook are counted from 1904."""
        told = self.tree(self._book).find("{*}workbookPr")
        return told is not None and told.get("date1904", "").lower() in ("1", "true")

    @property
    def _book(self) -> str:
        if self._workbook is None:
            raise SheetRefused("workbook_damaged")
        return self._workbook

    def _main_part(self) -> str | None:
        """The workbook's part: where the package's relations say, else where it usually is; None for OpenDocument."""
        for relation in self._relations(_PACKAGE_RELATIONS):
            told = relation.get("Target", "").replace("\\", "/").lstrip("/")
            is_book = relation.get("Type", "").endswith("/officeDocument") and not told.endswith(".bin")
            is_book = is_book and not told.startswith(("word/", "ppt/"))
            if is_book and self.has(told) and self.has(_relations_of(told)):
                return told
        if self.has(WORKBOOK) and self.has(_relations_of(WORKBOOK)):
            return WORKBOOK
        for part, code in _OTHERS:
            if self.has(part):
                raise SheetRefused(code)
        if self.has(_ODS_CONTENT) and self.has(_ODS_TYPE):
            return None
        is_part = any(name.startswith("xl/") for name in self._infos)
        raise SheetRefused("workbook_damaged" if is_part else "zip_without_workbook")

    def _relations(self, part: str) -> Iterable[ElementTree.Element]:
        """Nothing where they cannot be read: then the usual names count."""
        try:
            return self.tree(part) if self.has(part) else ()
        except SheetRefused as refused:
            if refused.code != "workbook_damaged":
                raise
            return ()

    def _parts(self) -> Iterator[tuple[str, str, str | None]]:
        """What the workbook's relations name: the kind, the part as it is spelled there, and the relation's id."""
        for relation in self.tree(_relations_of(self._book)):
            kind = relation.get("Type", "").rpartition("/")[2]
            if kind in ("worksheet", "sharedStrings", "styles"):
                target = relation.get("Target", "")
                path = (
                    target[1:]
                    if target.startswith(("/", "\\"))
                    else posixpath.join(posixpath.dirname(self._book), target)
                )
                yield kind, posixpath.normpath(path), relation.get("Id")

    def _part_of(self, kind: str) -> str | None:
        return next((path for each, path, _ in self._parts() if each == kind and self.has(path)), None)

    def _check_is_spreadsheet(self) -> None:
        """An OpenDocument file may be a letter, and says in its manifest whether it needs a password."""
        if (
            not b"".join(self.stream(_ODS_TYPE))
            .strip()
            .startswith(b"application/vnd.oasis.opendocument.spreadsheet")
        ):
            raise SheetRefused("file_is_document")
        if self.has(_ODS_MANIFEST) and b"encryption-data" in b"".join(self.stream(_ODS_MANIFEST)):
            raise SheetRefused("workbook_password")

    def stream(self, part: str) -> Iterator[bytes]:
        """Blocks of an unpacked part. Raises SheetRefused for a DTD, a wrong size or checksum."""
        if not self.has(part):
            raise SheetRefused("workbook_damaged")
        with _zip_errors():
            yield from self._blocks(part)

    def _blocks(self, part: str) -> Iterator[bytes]:
        tail, size = b"", _FIRST_BLOCK_BYTES
        with self._zip.open(self._infos[part_key(part)]) as file:
            # ZipExtFile stops at the declared size and checks the checksum: what was declared is what comes
            while block := file.read(size):
                # the search for one rare sign is nearly free
                if b"!" in block and holds_dtd(block) or holds_dtd(tail + block[:_DTD_OVERLAP]):
                    raise SheetRefused("workbook_dtd")
                tail, size = block[-_DTD_OVERLAP:], _BLOCK_BYTES
                yield block

    def copies(self) -> Iterator[tuple[str, str, Iterable[bytes]]]:
        """Every part: its key, its name as it is spelled, and its blocks to be copied unread, which must be taken at once."""
        for key, info in self._infos.items():
            if not info.is_dir():
                yield key, info.filename, self._copied(info)

    def _copied(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        with _zip_errors(), self._zip.open(info) as file:
            while block := file.read(_BLOCK_BYTES):
                yield block

    def sweep(self, but: str) -> None:
        """Unpack every other XML part once, so that each is what it declares and none has a DTD."""
        for part in self._xml_parts():
            if part != part_key(but) and part not in self._swept:
                for _ in self.stream(part):
                    pass
                self._swept.add(part)

    def _xml_parts(self) -> list[str]:
        """Parts that a reader parses: by their ending, and by what the package says they are, whatever they are called.

        Pictures are not parsed, and an honest SVG has a DTD.
        """
        if self.kind == "ods":
            return [part_key(part) for part in _ODS_PARTS if self.has(part)]
        endings, names = [".xml", ".rels", ".vml"], set()
        for told in self._types():
            if told.get("ContentType", "").endswith("xml") and not told.get("ContentType", "").startswith(
                "image/"
            ):
                endings += [f".{told.get('Extension', '').lower()}"] if local(told.tag) == "Default" else []
                names.add(part_key(told.get("PartName", "")))
        return [part for part in self._infos if part in names or part.endswith(tuple(endings))]

    def _types(self) -> Iterable[ElementTree.Element]:
        """Nothing where it cannot be read: then neither can the reader that believes it."""
        try:
            return self.tree(_TYPES) if self.has(_TYPES) else ()
        except SheetRefused as refused:
            if refused.code != "workbook_damaged":
                raise
            return ()

    def keys(self) -> list[str]:
        """What the parts are known by, whatever the spelling of their names."""
        return list(self._infos)

    def has(self, part: str) -> bool:
        """Whether the package holds this part."""
        return part_key(part) in self._infos

    def size(self, part: str) -> int:
        """Unpacked bytes of a part, as declared."""
        return self._infos[part_key(part)].file_size

    def tree(self, part: str) -> ElementTree.Element:
        """A small part as an element tree."""
        if self.has(part) and self.size(part) > MAX_SMALL_PART_BYTES:
            raise SheetRefused("workbook_bomb")
        try:
            return ElementTree.fromstring(b"".join(self.stream(part)))
        except (ElementTree.ParseError, ValueError, LookupError) as reason:
            if getattr(reason, "code", None) == _OUT_OF_MEMORY:
                raise MemoryError from reason  # the limit of this process says nothing about the file
            raise SheetRefused("workbook_damaged") from reason

    def related(self, part: str, kind: str) -> list[str]:
        """The parts that this part names as its "table", "comments" or the like."""
        folder, relations = posixpath.dirname(part), _relations_of(part)
        found = self.tree(relations) if self.has(relations) else ()
        targets = (one.get("Target", "") for one in found if one.get("Type", "").endswith(f"/{kind}"))
        parts = (
            target.lstrip("/")
            if target.startswith("/")
            else posixpath.normpath(posixpath.join(folder, target))
            for target in targets
        )
        return [one for one in parts if self.has(one)]

    def worksheets(self) -> list[Worksheet]:
        """The worksheets in their order; chart and dialogue sheets have no cells and are left out."""
        targets = {relation: path for kind, path, relation in self._parts() if kind == "worksheet"}
        found = []
        for element in self.tree(self._book).iter():
            if local(element.tag) != "sheet":
                continue
            relation = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
            if relation in targets and self.has(targets[relation]):
                visible = element.get("state", "visible") == "visible"
                found.append(Worksheet(element.get("name", ""), visible, targets[relation]))
        return found


@contextmanager
def _zip_errors() -> Iterator[None]:
    """Raises SheetRefused where a part cannot be unpacked."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as reason:
        if str(reason).startswith(_ZLIB_OUT_OF_MEMORY):
            raise MemoryError from reason
        raise SheetRefused("workbook_damaged") from reason


def holds_dtd(text: bytes) -> bool:
    """Whether a DTD begins in it, in one of the encodings a parser of XML accepts."""
    return (b"<!" in text or b"<\0!" in text) and any(word in text for word in _DTD)


def is_well_formed(text: bytes) -> bool:
    """Whether this is XML without a DTD, from its first tag to its last."""
    if holds_dtd(text):
        return False
    try:
        expat.ParserCreate().Parse(text, True)
    except expat.ExpatError as reason:
        if reason.code == _OUT_OF_MEMORY:
            raise MemoryError from reason  # the limit of this process says nothing about the file
        return False
    return True


def local(tag: str) -> str:
    """The name of an element without its namespace."""
    return tag.rpartition("}")[2]


def part_key(name: str) -> str:
    """What parts are known by: names differ neither by case nor by the slash, and may begin with one."""
    return posixpath.normpath(name.replace("\\", "/").lstrip("/")).lower()


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _check_directory(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
        raise SheetRefused("workbook_bomb")
    for info in infos:
        if info.flag_bits & 0x1:
            raise SheetRefused("workbook_password")
        if ".." in info.filename.replace("\\", "/").split("/") or ":" in info.filename:
            raise SheetRefused("workbook_damaged")
        if info.file_size > RATIO_COUNTS_FROM_BYTES and info.file_size > MAX_RATIO * max(
            info.compress_size, 1
        ):
            raise SheetRefused("workbook_bomb")
    # some writers begin every name with a slash; one among others is no slip
    if len({info.filename.startswith(("/", "\\")) for info in infos}) > 1:
        raise SheetRefused("workbook_damaged")
    if len({part_key(info.filename) for info in infos}) != len(infos):
        raise SheetRefused(
            "workbook_damaged"
        )  # two parts of one name: readers would disagree on which counts
