"""What kind of file it is by its first bytes, whatever its name says: text, what becomes text, or refused by name."""

from typing import Literal

from pressiometry.errors import RefusedFileError

_AS_TEXT = "Export it as text (CSV or TXT) and import that."

_MAGIC: tuple[tuple[bytes, str, str, str], ...] = (
    (b"BIO-LOGIC MODULAR FILE", "not_read_yet", "a BioLogic .mpr file",
     "Export as .mpt text (EC-Lab: Experiment > Export as text)."),
    (b"\x00\x01\x00\x00Standard ACE", "not_read_yet", "an Access database", _AS_TEXT),
    (b"\x1f\x8b", "not_text", "a gzip archive", "Unpack it first."),
    (b"7z\xbc\xaf", "not_text", "a 7z archive", "Unpack it first."),
    (b"%PDF", "not_text", "a PDF document", _AS_TEXT),
    (b"\x89PNG", "not_text", "a picture", _AS_TEXT),
    (b"\xff\xd8\xff", "not_text", "a picture", _AS_TEXT),
    (b"SQLite format 3", "not_text", "a database", _AS_TEXT),
    (b"\x89HDF", "not_text", "an HDF5 file", _AS_TEXT),
    (b"PAR1", "not_text", "a Parquet file", _AS_TEXT),
)  # fmt: skip
Sort = Literal["text", "xlsx", "xls", "nda", "ndax", "res"]
_STARTS: tuple[tuple[bytes, Sort], ...] = (
    (b"\xd0\xcf\x11\xe0", "xls"),
    (b"NEWARE", "nda"),
    (b"\x00\x01\x00\x00Standard Jet", "res"),
)
BINARY_FILES: dict[str, str] = {
    "Excel (.xlsx, .xls)": "The sheets of records are read (Arbin: Channel, Neware: record), up to 200 MB when "
    "unpacked, 100 parts, 100 times its size. Several channels: asked. A password, formulas without values: refused.",
    "Neware (.nda, .ndax)": "Read where fastnda is installed (`pip install fastnda`), else refused.",
    "Arbin (.res)": "Read where mdb-export is installed (mdbtools), else refused.",
    "BioLogic (.mpr), WonATech (.wrd)": "Refused, with how to export text.",
    "Archives, pictures, databases, web pages": "Refused by name.",
}
"""What becomes of files that are no text, for the reference."""
_HTML = (b"<!doc", b"<html", b"<head", b"<?xml")


def sort_of_file(head: bytes, name: str) -> Sort:
    """What reads the file; RefusedFileError for a binary format that is not read, an archive or an HTML page."""
    if not head.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise RefusedFileError("empty", "The file is empty", where=name, remedy="Export it again.")
    if head.startswith(b"PK"):
        return _zip(head, name)
    for start, sort in _STARTS:
        if head.startswith(start):
            return sort
    for magic, code, kind, remedy in _MAGIC:
        if head.startswith(magic):
            tail = "; not read yet" if code == "not_read_yet" else ", not a text file"
            raise RefusedFileError(code, f"This is {kind}{tail}", where=name, remedy=remedy)
    if name.lower().endswith(".wrd") and b"\x00" in head[:4096]:
        raise RefusedFileError(
            "not_read_yet", "This is a WonATech .wrd file; not read yet", where=name,
            remedy="Export it as text (Smart Interface: open the file, then save its data as CSV).",
        )  # fmt: skip
    start = head[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(_HTML):
        raise RefusedFileError(
            "html", "This is a web page, not an export", where=name,
            remedy="It may be a login page that was saved in place of the file: log in and download it again.",
        )  # fmt: skip
    return "text"


def _zip(head: bytes, name: str) -> Sort:
    """A zip archive holds a workbook, a Neware test, or something else."""
    if b"[Content_Types].xml" in head or b"xl/" in head:
        return "xlsx"
    if name.lower().endswith(".ndax") or b".ndc" in head or b"Step.xml" in head or b"VersionInfo.xml" in head:
        return "ndax"
    raise RefusedFileError("not_text", "This is a zip archive", where=name, remedy="Unpack it first.")
