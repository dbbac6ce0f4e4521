"""Arrays and small tables as bytes: pcodec, bit-exact, checked on every read."""

import struct
import zlib

import numpy as np
import orjson
import pandas as pd
from numpy.typing import NDArray
from pcodec import ChunkConfig, standalone

from pressiometry.errors import DamagedDataError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Values = NDArray[np.float64 | np.int64]
_CONFIG = ChunkConfig(compression_level=6)
_LENGTH = struct.Struct("<I")


def encode(values: Floats | Integers) -> tuple[bytes, int]:
    """Return the compressed bytes of a not empty array and their CRC-32.

    >>> decode(*encode(np.array([3.7, np.nan, 3.7])))
    array([3.7, nan, 3.7])
    """
    data = standalone.simple_compress(np.ascontiguousarray(values), _CONFIG)
    return data, zlib.crc32(data)


def decode(data: bytes, crc: int) -> Values:
    """Return the array; DamagedDataError if the bytes are damaged: a flipped bit mostly decodes silently."""
    if zlib.crc32(data) != crc:
        raise DamagedDataError(
            "Stored records are damaged: their checksum is wrong",
            remedy="Restore the database from a backup, or delete the import and import the file again.",
        )
    values: Values = standalone.simple_decompress(data)
    return values


def pack_table(table: pd.DataFrame) -> bytes:
    """Return a table of numbers and texts as bytes: a JSON head, then one compressed array a column."""
    heads, bodies = [], []
    for name in table.columns:
        column = table[name]
        texts: list[str] | None = None
        if not pd.api.types.is_numeric_dtype(column):
            codes, labels = pd.factorize(column)
            column, texts = pd.Series(codes), [str(label) for label in labels]
        data, crc = encode(column.to_numpy(np.float64)) if len(table) else (b"", 0)
        heads.append({"name": name, "texts": texts, "crc": crc, "size": len(data)})
        bodies.append(data)
    head = orjson.dumps(heads)
    return b"".join((_LENGTH.pack(len(head)), head, *bodies))


def unpack_table(data: bytes) -> pd.DataFrame:
    """Return the table of `pack_table`.

    >>> unpack_table(pack_table(pd.DataFrame({"half": ["charge"], "q_ah": [0.5]}))).to_dict("list")
    {'half': ['charge'], 'q_ah': [0.5]}
    """
    (length,) = _LENGTH.unpack_from(data)
    position = _LENGTH.size + length
    columns: dict[str, object] = {}
    for head in orjson.loads(data[_LENGTH.size : position]):
        body = data[position : position + head["size"]]
        position += head["size"]
        values = decode(body, head["crc"]) if body else np.empty(0)
        columns[head["name"]] = values if head["texts"] is None else _named(values, head["texts"])
    return pd.DataFrame(columns)


def _named(codes: Values, texts: list[str]) -> list[str | None]:
    return [texts[int(code)] if code >= 0 else None for code in codes]
