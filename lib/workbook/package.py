"""The package of a workbook: is it safe to unpack, which worksheets does it hold. Runs in the parsing process only."""

import io
import posixpath
import xml.etree.ElementTree as ElementTree
import zipfile
import zlib
from collections.abc import Iterable, Iterator
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
_RELATIONS = "xl/_rels/workbook.xml.rels"
_TYPES = "[Content_Types].xml"
_MACROS = "xl/vbaProject.bin"
_ODS_CONTENT, _ODS_TYPE, _ODS_MANIFEST = "content.xml", "mimetype", "META-INF/manifest.xml"
_ODS_MACROS = ("Basic/", "Scripts/")
_BLOCK_BYTES = MEGABYTE  # what is looked at next stays in the processor's own memory
_FIRST_BLOCK_BYTES = MEGABYTE // 16  # whoever asks for the first value only need not wait for more
_ZLIB_OUT_OF_MEMORY = "Error -4 "
_OUT_OF_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]

#: What an XML part may not contain, in the two encodings a parser accepts. No Office program writes a DTD.
_DTD = tuple(
    word.encode(code) for word in ("<!DOCTYPE", "<!ENTITY") for code in ("ascii", "utf-16-le", "utf-16-be")
)
_DTD_OVERLAP = max(map(len, _DTD))


@dataclass(frozen=True)
class Worksheet:
    """A worksheet as the workbook lists it; `part` is its file in the package."""

    name: str
    visible: bool
    part: str


class Package:
    """An opened workbook whose directory has been checked."""

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as reason:
            raise SheetRefused("workbook_damaged") from reason
        self._infos = {info.filename: info for info in self._zip.infolist()}
        _check_directory(self._zip.infolist())
        _check_is_workbook(self._infos)
        if self.kind == "ods":
            self._check_is_spreadsheet()

    @property
    def kind(self) -> str:
        """ "ods", "xlsm" when macros are on board, else "xlsx"."""
        if WORKBOOK not in self._infos:
            return "ods"
        return "xlsm" if _MACROS in self._infos else "xlsx"

    @property
    def has_macros(self) -> bool:
        """Whether macros are on board; they are never run."""
        return _MACROS in self._infos or any(name.startswith(_ODS_MACROS) for name in self._infos)

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
        if part not in self._infos:
            raise SheetRefused("workbook_damaged")
        try:
            yield from self._blocks(part)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as reason:
            if str(reason).startswith(_ZLIB_OUT_OF_MEMORY):
                raise MemoryError from reason
            raise SheetRefused("workbook_damaged") from reason

    def _blocks(self, part: str) -> Iterator[bytes]:
        tail, size = b"", _FIRST_BLOCK_BYTES
        with self._zip.open(self._infos[part]) as file:
            # ZipExtFile stops at the declared size and checks the checksum: what was declared is what comes
            while block := file.read(size):
                # the search for one rare sign is nearly free
                if b"!" in block and _holds_dtd(block) or _holds_dtd(tail + block[:_DTD_OVERLAP]):
                    raise SheetRefused("workbook_dtd")
                tail, size = block[-_DTD_OVERLAP:], _BLOCK_BYTES
                yield block

    def sweep(self, but: str) -> None:
        """Unpack every other XML part once, so that each is what it declares and none has a DTD."""
        for part in self._xml_parts():
            if part != but:
                for _ in self.stream(part):
                    pass

    def _xml_parts(self) -> list[str]:
        """Parts that a reader parses: by their ending, and by what the package says they are, whatever they are called.

        Pictures are not parsed, and an honest SVG has a DTD.
        """
        endings, names = [".xml", ".rels", ".vml"], set()
        for told in self._types():
            if told.get("ContentType", "").endswith("xml") and not told.get("ContentType", "").startswith(
                "image/"
            ):
                endings += [f".{told.get('Extension', '').lower()}"] if _local(told.tag) == "Default" else []
                names.add(told.get("PartName", "").lstrip("/"))
        return [part for part in self._infos if part in names or part.lower().endswith(tuple(endings))]

    def _types(self) -> Iterable[ElementTree.Element]:
        """Nothing where it cannot be read: then neither can the reader that believes it."""
        try:
            return self.tree(_TYPES) if self.has(_TYPES) else ()
        except SheetRefused as refused:
            if refused.code != "workbook_damaged":
                raise
            return ()

    def has(self, part: str) -> bool:
        """Whether the package holds this part."""
        return part in self._infos

    def size(self, part: str) -> int:
        """Unpacked bytes of a part, as declared."""
        return self._infos[part].file_size

    def tree(self, part: str) -> ElementTree.Element:
        """A small part as an element tree."""
        if part in self._infos and self._infos[part].file_size > MAX_SMALL_PART_BYTES:
            raise SheetRefused("workbook_bomb")
        try:
            return ElementTree.fromstring(b"".join(self.stream(part)))
        except (ElementTree.ParseError, ValueError, LookupError) as reason:
            if getattr(reason, "code", None) == _OUT_OF_MEMORY:
                raise MemoryError from reason  # the limit of this process says nothing about the file
            raise SheetRefused("workbook_damaged") from reason

    def related(self, part: str, kind: str) -> list[str]:
        """The parts that this part names as its "table", "comments" or the like."""
        folder, name = posixpath.split(part)
        relations = f"{folder}/_rels/{name}.rels"
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
        targets = {
            relation.get("Id"): _target(relation.get("Target", ""))
            for relation in self.tree(_RELATIONS)
            if relation.get("Type", "").endswith("/worksheet")
        }
        found = []
        for element in self.tree(WORKBOOK).iter():
            if _local(element.tag) != "sheet":
                continue
            relation = next((value for key, value in element.attrib.items() if key.endswith("}id")), None)
            if relation in targets and self.has(targets[relation]):
                visible = element.get("state", "visible") == "visible"
                found.append(Worksheet(element.get("name", ""), visible, targets[relation]))
        return found


def _holds_dtd(text: bytes) -> bool:
    return (b"<!" in text or b"<\0!" in text) and any(word in text for word in _DTD)


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _target(target: str) -> str:
    path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
    return posixpath.normpath(path)


def _check_directory(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MAX_PARTS or sum(info.file_size for info in infos) > MAX_UNPACKED_BYTES:
        raise SheetRefused("workbook_bomb")
    for info in infos:
        if info.flag_bits & 0x1:
            raise SheetRefused("workbook_password")
        if (
            info.filename.startswith(("/", "\\"))
            or ".." in info.filename.replace("\\", "/").split("/")
            or ":" in info.filename
        ):
            raise SheetRefused("workbook_damaged")
        if info.file_size > RATIO_COUNTS_FROM_BYTES and info.file_size > MAX_RATIO * max(
            info.compress_size, 1
        ):
            raise SheetRefused("workbook_bomb")
    if len({info.filename for info in infos}) != len(infos):
        raise SheetRefused(
            "workbook_damaged"
        )  # two parts of one name: readers would disagree on which counts


def _check_is_workbook(names: dict[str, zipfile.ZipInfo]) -> None:
    if WORKBOOK in names and _RELATIONS in names:
        return
    if "xl/workbook.bin" in names:
        raise SheetRefused("workbook_xlsb")
    if _ODS_CONTENT in names and _ODS_TYPE in names:
        return
    raise SheetRefused(
        "workbook_damaged" if any(name.startswith("xl/") for name in names) else "zip_without_workbook"
    )
