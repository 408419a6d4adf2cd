"""A set looked through: every flaw is found with its reason, what is whole is not accused, and no file is touched."""

from __future__ import annotations

import io
import json
import os
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.dataset.captions import CaptionEdits, Edit, edited
from sketchdesk.library.dataset.check import ASPECTS, inspect, look_through
from sketchdesk.library.dataset.facts import PictureFacts, decoded, examine
from sketchdesk.library.dataset.flaws import ABOUT, Flaw
from sketchdesk.library.dataset.items import Item, Source
from sketchdesk.library.dataset.looking import FactsMemory, look_at
from sketchdesk.library.dataset.looks import alike, look_of
from sketchdesk.library.dataset.sources import open_source
from sketchdesk.library.dataset.token_counts import PORTION, TokenCounter
from sketchdesk.library.paths import resource, resources_dir


def drawing(seed: int, size: tuple[int, int] = (96, 64)) -> Image.Image:
    """A picture of its own for every seed."""
    rng = random.Random(seed)
    picture = Image.new("RGB", size, (rng.randrange(256), rng.randrange(256), rng.randrange(256)))
    pen = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = rng.randrange(size[0]), rng.randrange(size[1])
        colour = (rng.randrange(256), rng.randrange(256), rng.randrange(256))
        pen.ellipse((x, y, x + rng.randrange(8, 48), y + rng.randrange(8, 48)), fill=colour)
    return picture


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    picture.save(data, kind, **options)
    return data.getvalue()


def turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(drawing(1), "JPEG", exif=exif)


def animated() -> bytes:
    return encoded(drawing(2), "GIF", save_all=True, append_images=[drawing(3)])


FLAWED = {
    "whole.png": (encoded(drawing(4), "PNG"), []),
    "whole.jpg": (encoded(drawing(5), "JPEG"), []),
    "text.png": (b"no picture at all", [Flaw.UNREADABLE]),
    "empty.png": (b"", [Flaw.UNREADABLE]),
    "short.jpg": (encoded(drawing(6), "JPEG")[:-900], [Flaw.TRUNCATED]),
    "short.png": (encoded(drawing(7), "PNG")[:400], [Flaw.TRUNCATED]),
    "moving.webp": (animated(), [Flaw.ANIMATED]),
    "print.jpg": (encoded(drawing(8).convert("CMYK"), "JPEG"), [Flaw.CMYK]),
    "deep.png": (encoded(Image.fromarray(np.linspace(0, 65535, 6144).reshape(64, 96).astype(np.uint16)), "PNG"),
                 [Flaw.DEEP]),
    "turned.jpg": (turned(), [Flaw.TURNED]),
    "clear.png": (encoded(Image.merge("RGBA", (*drawing(9).split(), drawing(10).convert("L"))), "PNG"), [Flaw.ALPHA]),
    "tiny.png": (encoded(drawing(11, (96, 20)), "PNG"), [Flaw.SMALL]),
}  # fmt: skip


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    for name, (data, _expected) in FLAWED.items():
        (tmp_path / name).write_bytes(data)
    rows = [json.dumps({"file_name": name, "text": f"about {name}"}) for name in FLAWED]
    (tmp_path / "metadata.jsonl").write_text("\n".join(rows))
    return tmp_path


def test_every_flaw_is_found_and_whole_pictures_have_none(flawed):
    report = inspect(open_source(str(flawed)), resolution=32)
    for name, (_data, expected) in FLAWED.items():
        assert [finding.flaw for finding in report.findings if finding.key == name] == expected, name
    skipped = sum(ABOUT[finding.flaw].fate == "skipped" for finding in report.findings)
    assert (report.pictures, report.usable, skipped) == (len(FLAWED), len(FLAWED) - 4, 4)
    assert all(finding.detail for finding in report.findings if finding.flaw in (Flaw.UNREADABLE, Flaw.TRUNCATED))


def test_what_is_mended_is_mended(flawed):
    for name in ("turned.jpg", "deep.png", "print.jpg", "clear.png"):
        size = (64, 96) if name == "turned.jpg" else (96, 64)
        picture = decoded((flawed / name).read_bytes())
        assert (picture.mode, picture.size) == ("RGB", size), name
    grey = np.asarray(decoded((flawed / "deep.png").read_bytes()))
    assert 100 < grey.mean() < 155  # sixteen bits scaled, not cut off at 255


def test_sixteen_bits_a_colour_are_told(tmp_path):
    """Pillow cannot write such a file, so it is spelt out: a PNG of one RGB pixel of 16 bits."""
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 16, 2, 0, 0, 0))
    data += chunk(b"IDAT", zlib.compress(b"\0" + b"\xff\xff\x80\x00\x00\x00")) + chunk(b"IEND", b"")
    facts, picture = examine(data)
    assert facts.flaws == (Flaw.DEEP,)
    assert picture is not None
    assert picture.getpixel((0, 0)) == (255, 128, 0)


def test_numbers_of_a_set(tmp_path):
    for number, size in enumerate([(64, 64), (128, 64), (40, 80), (64, 63)]):
        drawing(number, size).save(tmp_path / f"{number}.png")
        (tmp_path / f"{number}.txt").write_text(" " if number == 2 else "a cat")
    report = inspect(open_source(str(tmp_path)))
    assert (report.smallest, report.median, report.largest) == ((40, 80), (64, 64), (128, 64))
    assert {ASPECTS[n]: count for n, count in enumerate(report.aspects) if count} == {(1, 2): 1, (1, 1): 2, (2, 1): 1}
    assert [(finding.key, finding.flaw) for finding in report.findings] == [("2.png", Flaw.EMPTY_CAPTION)]
    assert report.usable == report.shown == 4


def test_repeats_count_as_often_as_they_are_shown(tmp_path):
    (tmp_path / "3_cat").mkdir()
    drawing(1).save(tmp_path / "3_cat" / "1.png")
    report = inspect(open_source(str(tmp_path)))
    assert (report.pictures, report.shown) == (1, 3)


def test_copies_are_found_however_they_were_saved(tmp_path):
    first = drawing(1, (200, 160))
    first.save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes((tmp_path / "a.png").read_bytes())
    first.resize((100, 80)).save(tmp_path / "c.jpg", quality=80)
    drawing(2, (200, 160)).save(tmp_path / "d.png")
    first.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "e.png")
    for name in "abcde":
        (tmp_path / f"{name}.txt").write_text(name)
    report = inspect(open_source(str(tmp_path)))
    assert report.groups == (("a.png", "b.png", "c.jpg"),)
    assert [(each.key, each.flaw, each.detail) for each in report.findings] == [
        ("b.png", Flaw.SAME_FILE, "a.png"), ("c.jpg", Flaw.ALIKE, "a.png"),
    ]  # fmt: skip


def test_a_report_for_other_captions_is_the_one_that_looking_again_would_make(tmp_path, tiny_sd):
    for number in range(3):
        drawing(number % 2).save(tmp_path / f"{number}.png")
    (tmp_path / "0.txt").write_text("first")
    counter = TokenCounter.of(tiny_sd)
    facts = look_through(open_source(str(tmp_path)), counter=counter)
    assert (facts.report().usable, facts.report().count(Flaw.NO_CAPTION)) == (1, 2)
    for changes in ({}, {"1.png": "x" * 80, "2.png": " "}, {"0.png": "another"}):
        edits = CaptionEdits("", {key: Edit(text) for key, text in changes.items()})
        again = inspect(edited(open_source(str(tmp_path)), edits), counter=counter)
        assert facts.report(edits.edits) == again
    assert [finding.flaw for finding in facts.report({"1.png": Edit("x" * 80), "2.png": Edit(" ")}).findings] == [
        Flaw.EMPTY_CAPTION, Flaw.SAME_FILE, Flaw.LONG_CAPTION,
    ]  # fmt: skip


def test_a_report_of_a_large_set_can_be_ended_before_its_last_caption_is_counted(tmp_path, tiny_sd):
    drawing(1).save(tmp_path / "1.png")
    (tmp_path / "1.txt").write_text("a word")
    counter = TokenCounter.of(tiny_sd)
    one = look_through(open_source(str(tmp_path)), counter=counter)
    seen = tuple(replace(one.seen[0], key=f"{n}.png", caption=f"word {n}") for n in range(5 * PORTION))
    facts = replace(one, seen=seen, roots=tuple(range(len(seen))))
    whole = facts.report()
    asked = iter(range(len(seen) + 2))  # for each picture, their one size, the first thousand captions

    def enough() -> None:
        if next(asked, None) is None:
            raise InterruptedError

    fresh = TokenCounter.of(tiny_sd)
    with pytest.raises(InterruptedError):
        replace(facts, counter=fresh).report(check=enough)
    assert replace(facts, counter=fresh).report() == whole


def test_the_hash_is_krawetzs_difference_hash():
    ramp = Image.fromarray(np.tile(np.linspace(255, 0, 170).astype(np.uint8), (160, 1)))
    assert look_of(ramp)[:32] == b"\xff" * 32  # every left neighbour is brighter
    assert look_of(ramp.transpose(Image.Transpose.FLIP_LEFT_RIGHT))[:32] == b"\x00" * 32


def test_different_drawings_on_the_same_flat_ground_are_no_copies():
    grounds = [Image.new("RGB", (128, 128), "white") for _ in range(2)]
    ImageDraw.Draw(grounds[0]).ellipse((52, 56, 80, 84), fill="orange")
    ImageDraw.Draw(grounds[1]).rectangle((52, 56, 80, 84), fill="darkgreen")
    hashes = [int.from_bytes(look_of(ground)[:32]) for ground in grounds]
    assert (hashes[0] ^ hashes[1]).bit_count() <= 10  # the hash alone would not tell them apart
    assert alike([look_of(ground) for ground in grounds]) == [0, 1]


def test_groups_are_those_that_comparing_all_with_all_finds():
    rng = random.Random(0)
    looks = [rng.randbytes(32) + bytes(192) for _ in range(60)]
    for _ in range(200):  # chains of near ones
        near = bytearray(rng.choice(looks))
        for _ in range(rng.randrange(8)):
            near[rng.randrange(32)] ^= 1 << rng.randrange(8)
        looks.append(bytes(near))
    expected = list(range(len(looks)))
    for i, one in enumerate(looks):
        for j, other in enumerate(looks[:i]):
            if (int.from_bytes(one[:32]) ^ int.from_bytes(other[:32])).bit_count() <= 10:
                both = expected[i], expected[j]
                expected = [min(both) if group in both else group for group in expected]
    assert alike(looks) == expected


def test_captions_are_counted_by_the_models_own_tokenizer(tmp_path, tiny_sd):
    drawing(1).save(tmp_path / "a.png")
    (tmp_path / "a.txt").write_text("x" * 80)
    drawing(2).save(tmp_path / "b.png")
    (tmp_path / "b.txt").write_text("x" * 75)
    report = inspect(open_source(str(tmp_path)), counter=TokenCounter.of(tiny_sd))  # it knows single bytes only
    assert (report.token_limit, report.token_counts) == (77, (82, 77))
    assert [(each.key, each.flaw, each.detail) for each in report.findings] == [("a.png", Flaw.LONG_CAPTION, "82")]


TEXTS = ["", "a cat", "A CAT's  hat,\n4567!", "ñandú 斑马 🦓", "don't <|endoftext|> stop", "a" * 300]


def test_tokens_are_those_of_transformers(tiny_sd):
    from transformers import CLIPTokenizer

    for model in (tiny_sd, resources_dir() / "models" / "demo-base"):
        theirs = CLIPTokenizer.from_pretrained(model / "tokenizer", local_files_only=True)
        assert TokenCounter.of(model).counts(TEXTS) == [len(theirs(text).input_ids) for text in TEXTS]


def test_a_single_file_is_counted_with_clips_own_words(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"")
    assert resource("clip/merges.txt.gz").is_file()
    assert TokenCounter.of(tmp_path / "model.safetensors").counts(["a photograph of a cat"]) == [7]


def test_it_stops_where_it_is_told_to_and_goes_on_from_there(flawed, monkeypatch):
    class Enough(Exception):
        pass

    def tell(done: int, total: int | None) -> None:
        assert total == len(FLAWED)
        if done == 6:
            raise Enough

    source = open_source(str(flawed))
    with pytest.raises(Enough):
        inspect(source, tell=tell, threads=1)
    memory = FactsMemory(source.name)
    known = [memory.of(item.read()) for item in source.items]
    assert all(isinstance(facts, PictureFacts) for facts in known[:6])
    assert known[-1] is None


def test_facts_are_remembered_until_the_file_changes(flawed):
    source = open_source(str(flawed))
    fresh = [one.facts for one in look_at(source.items, FactsMemory(source.name))]
    again = FactsMemory(source.name)
    assert [again.of(item.read()) for item in source.items] == fresh
    (flawed / "whole.png").write_bytes(encoded(drawing(30, (64, 64)), "PNG"))
    assert FactsMemory(source.name).of(flawed / "whole.png") is None
    looked = next(iter(look_at(source.items, FactsMemory(source.name), threads=1)))
    assert (looked.facts.width, looked.picture().size) == (64, (64, 64))


class Changing(type(Path())):  # type: ignore[misc]
    """A file that somebody saves anew just after it was read."""

    def read_bytes(self) -> bytes:
        data = super().read_bytes()
        Image.new("RGB", (9, 9), "blue").save(str(self))
        return data


def test_a_file_that_changes_while_it_is_read_is_looked_at_again(tmp_path):
    """What was learnt of the old content must not be taken for the new one's, under which it would be cached."""
    file = tmp_path / "a.bmp"
    Image.new("RGB", (8, 8), "red").save(file)
    widths = []
    for place in (Changing(file), file):
        (looked,) = look_at([Item("a.bmp", "a", lambda place=place: place)], FactsMemory("changing"))
        widths.append(looked.facts.width)
    assert widths == [8, 9]


def test_a_picture_that_is_another_than_its_facts_say_is_not_taken_for_it(tmp_path):
    """With the size and time of the old one nothing but its content tells."""
    file = tmp_path / "a.bmp"
    Image.new("RGB", (8, 8), "red").save(file)
    source = Source("swapped", [Item("a.bmp", "a", lambda: file)])
    list(look_at(source.items, FactsMemory(source.name)))
    before = file.stat()
    Image.new("RGB", (8, 8), "blue").save(file)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    (looked,) = look_at(source.items, FactsMemory(source.name))
    assert looked.facts.is_usable
    with pytest.raises(SketchDeskError) as refused:
        looked.picture()
    assert refused.value.kind is ErrorKind.DATASET_UNREADABLE
