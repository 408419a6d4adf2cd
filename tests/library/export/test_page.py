"""The page holds everything it shows, escapes all it did not write, and can be filtered."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import tracemalloc
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from PIL import Image

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import use_language
from sketchdesk.library.export import page as page_module
from sketchdesk.library.export.page import export_page
from sketchdesk.library.paths import resource


class Page(HTMLParser):
    """The page as a browser sees it: elements with their attributes, and texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def exported(images, target, **more) -> Page:
    return Page(export_page(images, target, **more).target.read_text(encoding="utf-8"))


def test_the_pictures_are_in_the_page_and_it_asks_nothing_of_the_web(make, tmp_path):
    page = exported([make(), make()], tmp_path / "p.html")
    for picture in page.all("img"):
        kind, data = re.fullmatch(r"data:image/(png|jpeg);base64,(.+)", picture["src"]).groups()
        with Image.open(io.BytesIO(base64.b64decode(data))) as image:
            assert (image.format.lower(), image.size) == (kind, (64, 48))
    text = (tmp_path / "p.html").read_text()
    assert "http" not in re.sub(r"http-equiv", "", text)
    assert page.all("a") == page.all("link") == []


def test_the_only_script_that_may_run_is_the_page_s_own(make, tmp_path):
    page = exported([make()], tmp_path / "p.html")
    policy = page.all("meta")[1]["content"]
    script = re.search(r"<script>(.*)</script>", (tmp_path / "p.html").read_text(), re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


EVIL = "</figure><script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;"


def test_no_text_can_break_the_page(make, tmp_path):
    image = make(
        EVIL, negative_prompt=EVIL, style_prefix=EVIL, model=EVIL, sampler=EVIL, device=EVIL, caption=EVIL, run=EVIL,
        scores={EVIL: 0.5},
    )  # fmt: skip
    page = exported([image, make()], tmp_path / "p.html", title=EVIL)
    assert len(page.all("script")) == 1
    assert len(page.all("figure")) == len(page.all("img")) == 2
    assert "".join(page.texts).count(EVIL) >= 8
    assert not any(name.startswith("on") for _tag, attributes in page.elements for name in attributes)


def test_the_settings_and_scores_can_be_read(make, tmp_path):
    image = make(negative_prompt="blurry", scores={"cosine": 0.314159, "mine": 2.0}, caption="a horse", run="Zebras")
    texts = exported([image], tmp_path / "p.html").texts
    for text in ("a zebra", "demo-base", "blurry", "0.314", "2.000", "mine", "a horse", "Zebras", "Euler", "64 × 48"):
        assert text in texts


def test_a_spanish_page_writes_numbers_the_spanish_way_and_keeps_the_point_for_the_filter(make, tmp_path):
    use_language(resource("translations"), "es")
    page = exported([make(scores={"cosine": 0.314159}), make(scores={"cosine": 0.25})], tmp_path / "p.html")
    assert "0,314" in page.texts
    assert "0.314159" in [attributes.get("data-score") for _tag, attributes in page.elements]


def test_cards_carry_what_the_filter_looks_at(make, tmp_path):
    images = [make(scores={"cosine": 0.25}), make("a horse", model="/x/ink/model", caption="a mule")]
    images.append(make.plain("x.png"))
    page = exported(images, tmp_path / "p.html")
    first, second, plain = page.all("figure")
    assert (first["data-model"], first["data-score"]) == ("demo-base", "0.25")
    assert second["data-model"] == "ink"
    assert "data-score" not in second
    assert {"horse", "mule", "ink"} <= set(second["data-text"].split())
    assert plain["data-model"] == ""
    assert [option["value"] for option in page.all("option")] == ["", "demo-base", "ink", "", "score"]


def test_originals_lie_beside_the_page_and_are_led_to(make, tmp_path):
    images = [make(name="a b#1.png"), make(name="ñ.png")]
    done = export_page(images, tmp_path / "my page.html", originals=True)
    page = Page(done.target.read_text())
    links = [unquote(link["href"]) for link in page.all("a")]
    assert links == ["my page-images/a b#1.png", "my page-images/ñ.png"]
    assert [(tmp_path / link).read_bytes() for link in links] == [image.path.read_bytes() for image in images]
    assert len(done.files) == 3
    again = export_page(images, tmp_path / "my page.html", originals=True)
    assert not set(done.files[1:]) & set(again.files[1:])


def test_very_many_are_several_pages_that_lead_to_one_another(make, tmp_path, monkeypatch):
    monkeypatch.setattr(page_module, "PAGE_IMAGES", 2)
    (tmp_path / "all-pages").mkdir()  # somebody's own
    images = [make(f"picture {number}") for number in range(5)]
    done = export_page(images, tmp_path / "all.html", originals=True)
    pages = done.files[:3]
    assert pages == (tmp_path / "all.html", *(tmp_path / "all-pages-2" / f"page-{number}.html" for number in (2, 3)))
    assert done.images == 5
    for number, path in enumerate(pages):
        page = Page(path.read_text(encoding="utf-8"))
        assert [card["data-text"].split()[1] for card in page.all("figure")] == list("01234")[2 * number :][:2]
        links = [(path.parent / unquote(link["href"])).resolve() for link in page.all("a")]
        assert set(links) >= set(pages) - {path}
        assert all(link.is_file() for link in links)


def test_no_more_memory_is_taken_for_more_pictures(make, tmp_path):
    images = [make() for _ in range(80)]

    def peak_bytes(some) -> tuple[int, int]:
        tracemalloc.start()
        try:
            size = export_page(some, tmp_path / "p.html").target.stat().st_size
            return tracemalloc.get_traced_memory()[1], size
        finally:
            tracemalloc.stop()

    export_page(images[:1], tmp_path / "p.html")  # what Pillow loads once
    (few, small), (many, large) = peak_bytes(images[:30]), peak_bytes(images)
    assert many - few < 0.25 * (large - small)


def test_what_it_was_drawn_with_can_be_read_too(make, tmp_path):
    ways = {"prompt_weighting": True, "fast": ("tiny_decoder",), "embeddings": ("/x/ink.pt",)}
    image = make("a (red:1.2) fox", **ways, tags=("sky",))
    texts = exported([image], tmp_path / "p.html").texts
    for text in ("Brackets", "weigh their words", "Fast, approximate", "tiny decoder", "Learnt words", "ink", "sky"):
        assert text in texts


def test_what_cannot_be_read_is_left_out_and_told(make, tmp_path):
    broken, gone = make.broken(), make.gone()
    done = export_page([broken, make(), gone], tmp_path / "p.html", originals=True)
    assert (done.images, set(done.left_out), len(done.files)) == (1, {broken.path, gone.path}, 2)
    for images in ([], [gone]):
        with pytest.raises(SketchDeskError):
            export_page(images, tmp_path / "none.html")
    assert not (tmp_path / "none.html").exists()


def test_large_pictures_are_made_small(make, tmp_path):
    image = make()
    Image.new("RGB", (1600, 400), "red").save(image.path)
    (picture,) = exported([image], tmp_path / "p.html").all("img")
    assert (picture["width"], picture["height"]) == ("320", "80")


def test_stopped_it_leaves_no_page(make, tmp_path, stop_at_2, monkeypatch):
    monkeypatch.setattr(page_module, "PAGE_IMAGES", 1)
    images = [make(), make()]
    before = set(tmp_path.iterdir())
    with pytest.raises(stop_at_2.error):
        export_page(images, tmp_path / "p.html", stop_at_2)
    assert set(tmp_path.iterdir()) == before
