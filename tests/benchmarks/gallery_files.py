"""A library of very many small pictures for the gallery's benchmarks: real PNG files, half ours and half foreign.

The pictures are a few hundred drawings of coloured boxes, packed once; each file has one of them and a record of its
own, so that writing 100,000 takes a minute and reading them is as much work as reading any.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
from gallery_index import entry
from PIL import Image, ImageDraw

from sketchdesk.library.images.infotext import write_infotext
from sketchdesk.library.images.record import ImageRecord
from sketchdesk.library.images.texts import A1111, OURS

SIDE_PX, KINDS, A_FOLDER = 320, 200, 1000
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def library(folder: Path, images: int, ours: bool) -> None:
    """Make a folder of images, unless it is there whole: ours with our record, or with A1111's text alone."""
    done = folder / ".whole"
    if done.is_file() and done.read_text() == str(images):
        return
    pixels = list(_packed())
    rng = random.Random(0)
    for number in range(images):
        place = folder / f"{number // A_FOLDER:03d}"
        if number % A_FOLDER == 0:
            place.mkdir(parents=True, exist_ok=True)
        record = entry(number, rng).record
        (place / f"{number:06d}.png").write_bytes(_png(pixels[number % KINDS], record, ours))
    done.write_text(str(images))


def _packed() -> Iterator[bytes]:
    """Yield the pixel data of pictures as PNG keeps it."""
    rng = random.Random(1)
    for _kind in range(KINDS):
        image = Image.new("RGB", (SIDE_PX, SIDE_PX), _colour(rng))
        pen = ImageDraw.Draw(image)
        for _box in range(12):
            x, y = rng.randrange(SIDE_PX), rng.randrange(SIDE_PX)
            pen.rectangle((x, y, x + rng.randrange(20, 160), y + rng.randrange(20, 160)), fill=_colour(rng))
        data, row = image.tobytes(), 3 * SIDE_PX
        lines = b"".join(b"\0" + data[start : start + row] for start in range(0, len(data), row))
        yield zlib.compress(lines, 6)


def _png(pixels: bytes, record: ImageRecord, ours: bool) -> bytes:
    texts = [(A1111, write_infotext(record))]
    if ours:
        texts.append((OURS, msgspec.json.encode(record).decode()))
    header = struct.pack(">IIBBBBB", SIDE_PX, SIDE_PX, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), *((b"tEXt", f"{key}\0{text}".encode("latin-1")) for key, text in texts)]
    return SIGNATURE + b"".join(_chunk(*chunk) for chunk in (*chunks, (b"IDAT", pixels), (b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _colour(rng: random.Random) -> tuple[int, int, int]:
    return rng.randrange(256), rng.randrange(256), rng.randrange(256)
