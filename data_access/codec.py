"""Arrays and small tables as bytes: pcodec, bit-exact, checked on every read."""

import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
import pandas as pd
from numpy.typing import ArrayLike, NDArray
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


def pack_table(table: pd.DataFrame | Mapping[str, ArrayLike]) -> bytes:
    """Return columns of numbers and texts, all of one length, as bytes: a JSON head, then a compressed array each."""
    heads, bodies = [], []
    for name, column in table.items():
        values: NDArray[Any] = np.asarray(column)
        texts: list[str] | None = None
        if values.dtype.kind == "U":
            known, values = np.unique(values, return_inverse=True)
            texts = known.tolist()
        elif values.dtype.kind not in "iufb":
            labels = values.tolist()
            there = [label for label in dict.fromkeys(labels) if not pd.isna(label)]
            codes = {label: code for code, label in enumerate(there)}
            values, texts = np.array([codes.get(label, -1) for label in labels]), [str(label) for label in there]
        data, crc = encode(values.astype(np.float64)) if len(values) else (b"", 0)
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
