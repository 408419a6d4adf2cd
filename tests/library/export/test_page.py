"""The page holds everything it shows, escapes all it did not write, and can be filtered."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from PIL import Image

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.text import use_language
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


def test_stopped_it_leaves_no_page(make, tmp_path, stop_at_2):
    with pytest.raises(stop_at_2.error):
        export_page([make(), make()], tmp_path / "p.html", stop_at_2)
    assert not (tmp_path / "p.html").exists()
