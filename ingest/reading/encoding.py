"""The encoding of a text file: byte-order mark, UTF-16 by its NUL pattern, strict UTF-8, else the best 8-bit page.

Statistical guessing was wrong on the collected files (IMPORT section 2.3): an 8-bit code page is chosen by how
many header names and units it makes readable.
"""

import codecs
import re

from ingest.reading.aliases import understand

_PAGES = ("cp1252", "cp949", "gb18030", "cp932")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NUL_SHARE = 0.3


def find_encoding(head: bytes) -> str:
    r"""Python's name of the encoding of a file that begins with these bytes.

    >>> find_encoding("time,전압(V)".encode("cp949")), find_encoding(b"I (\xb5A),U (V)\n")
    ('cp949', 'cp1252')
    >>> find_encoding("a,b".encode("utf-16-le")), find_encoding(b"a,b")
    ('utf-16-le', 'utf-8')
    """
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    wide = _utf_16_without_mark(head)
    if wide:
        return wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        scores = [(_known_names(head, page), -place, page) for place, page in enumerate(_PAGES)]
        return max(scores)[2]
    return "utf-8"


def _utf_16_without_mark(head: bytes) -> str | None:
    part = head[:4096]
    half = len(part) // 2
    if half == 0:
        return None
    even, odd = part[0 : 2 * half : 2].count(0) / half, part[1 : 2 * half : 2].count(0) / half
    if odd > _NUL_SHARE and even < odd / 3:
        return "utf-16-le"
    if even > _NUL_SHARE and odd < even / 3:
        return "utf-16-be"
    return None


def _known_names(head: bytes, page: str) -> float:
    """Cells of the file's beginning that are known names with known units; undecodable bytes count against."""
    text = codecs.getincrementaldecoder(page)(errors="replace").decode(head[:65536])
    cells = {cell for line in re.split(r"[\r\n]+", text)[:400] for cell in re.split(r"[\t;,|]", line)}
    known = 0
    for cell in cells:
        found = understand(cell[:100])
        known += 0 if found.column is None else 1 if not found.unit else 2
    return known - 0.1 * text.count("\ufffd")
