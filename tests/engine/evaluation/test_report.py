"""The page: whole, self-contained, and safe whatever the texts say."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser
from itertools import count

import pytest
from PIL import Image

from sketchdesk.contracts.jobs import StudyJob, StudyVariant
from sketchdesk.engine.device import place
from sketchdesk.engine.evaluation import report as report_module
from sketchdesk.engine.evaluation.report import Report, Section, page, write_report
from sketchdesk.engine.evaluation.report_figures import CHART_WIDTH
from sketchdesk.engine.evaluation.scores import Scored, ScoreRow
from sketchdesk.engine.evaluation.study_file import study_of
from sketchdesk.engine.evaluation.summary import summarise
from sketchdesk.library.evaluation.findings import Pair

NASTY = "<script>alert(1)</script> & \"quotes\" 'single'"


class Page(HTMLParser):
    """Collects tags, attributes and text, and checks that elements close in order."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.words, self._open = [], [], [], []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"img", "meta"}:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return "\n".join(self.words)


@pytest.fixture
def make(tmp_path):
    numbers = count()

    def make_one(model, prompt, seed, cosine=0.25, caption="a zebra", size=(128, 128)):
        path = tmp_path / f"{next(numbers)}.png"
        Image.new("RGB", size, "orange").save(path)
        row = ScoreRow(model=model, prompt=prompt, seed=seed, file=path.name, cosine=cosine, caption=caption)
        return Scored(path, row, 0.5)

    return make_one


@pytest.fixture
def pairs(make):
    return [
        make(model, prompt, seed, 0.2 + 0.01 * seed + (0.05 if model == "tuned" else 0), f"{model} {prompt} {seed}")
        for model in ("base", "tuned")
        for prompt in ("a zebra", "a fox")
        for seed in range(2)
    ]


def _report(scored, **more):
    section = Section(title="One", explanation="why", scored=scored, summaries=summarise(scored))
    return Report(title="A report", headline=["It is so."], sections=[section], **more)


def test_the_page_shows_pairs_scores_captions_mapping_settings_and_method(pairs):
    shown = Page(page(_report(pairs, mapping=[("asked", "drawn")], settings=[("Steps", "25")])))
    assert shown.tags.count("img") == 8
    assert shown.tags.count("figure") == 4
    for words in ("A report", "It is so.", "One", "why", "asked", "drawn", "Steps", "25", "0.210", "+0.050", "seed 1",
                  "tuned a fox 1", "base a zebra 0", "Student's t", "All prompts", "4 of 4"):  # fmt: skip
        assert words in shown.text
    assert shown.tags.count("svg") == 3  # all prompts, and each


def test_the_page_refers_to_nothing_outside_itself(pairs, tmp_path):
    write_report(tmp_path / "report.html", _report(pairs))
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    without_pictures = re.sub(r"base64,[^\"]+", "", html)
    assert not re.search(r"https?:|//|url\(|@import|<script|<link", without_pictures)
    attributes = Page(html).attributes
    assert all(value.startswith("data:image/") for name, value in attributes if name == "src")
    assert ("content", "default-src 'none'; img-src data:; style-src 'unsafe-inline'") in attributes
    assert "prefers-color-scheme: dark" in html


def test_pictures_are_embedded_at_their_own_size_and_large_ones_made_small(make):
    scored = [make("m", "a zebra", 0), make("m", "a zebra", 1, size=(64, 40)), make("m", "a zebra", 2, size=(512, 256))]
    shown = Page(page(_report(scored)))
    sources = [value for name, value in shown.attributes if name == "src"]
    sizes = [Image.open(io.BytesIO(base64.b64decode(source.partition(",")[2]))).size for source in sources]
    assert sizes == [(128, 128), (64, 40), (128, 64)]


def test_text_stays_text(make):
    scored = [make("base", NASTY, 0, caption=NASTY), make("tuned", NASTY, 0, caption=NASTY)]
    section = Section(
        title=NASTY, explanation=NASTY, scored=scored, summaries=summarise(scored), prompt_notes={NASTY: NASTY}
    )
    nasty = Report(
        title=NASTY, headline=[NASTY], sections=[section], mapping=[(NASTY, NASTY)], settings=[(NASTY, NASTY)],
        footer=NASTY,
    )  # fmt: skip
    shown = Page(page(nasty))
    assert "script" not in shown.tags
    assert shown.text.count(NASTY) >= 12
    assert ("alt", f"base: {NASTY}") in shown.attributes


def test_one_model_is_shown_without_pairs(make):
    scored = [make("some/model", "a zebra", seed, 0.2 + seed / 100) for seed in range(3)]
    shown = Page(page(_report(scored)))
    assert "figure" not in shown.tags
    assert shown.tags.count("img") == 3
    assert "Sign test" not in shown.text


def test_a_picture_drawn_by_one_model_only_is_shown_beside_the_pairs(pairs, make):
    shown = Page(page(_report([*pairs, make("tuned", "a fox", 9)])))
    assert shown.tags.count("figure") == 4
    assert shown.tags.count("img") == 9


def test_a_folder_scored_without_clip_still_has_a_page(make):
    shown = Page(page(_report([make("m", "", None, cosine=None)])))
    assert shown.tags.count("img") == 1
    assert "Without a prompt" in shown.text


def test_a_picture_that_has_gone_is_named(pairs):
    pairs[0].path.unlink()
    shown = Page(page(_report(pairs)))
    assert shown.tags.count("img") == 7
    assert "base: a zebra" in shown.text


def test_what_is_too_much_for_a_page_is_counted(pairs, make, monkeypatch):
    monkeypatch.setattr(report_module, "MAX_PICTURES", 3)
    shown = Page(page(_report(pairs)))
    assert shown.tags.count("img") == 3
    assert "5 more images are not shown here; scores.csv has them." in shown.text


def test_where_not_all_fits_whole_prompts_from_the_whole_list_are_shown_of_every_model(make, monkeypatch):
    scored = [make(model, f"prompt {n}", seed) for model in ("base", "tuned") for n in range(6) for seed in range(2)]
    monkeypatch.setattr(report_module, "MAX_PICTURES", 13)
    shown = Page(page(_report(scored)))
    assert shown.tags.count("img") == 12
    assert shown.tags.count("figure") == 6
    alts = {value for name, value in shown.attributes if name == "alt"}
    assert alts == {f"{model}: prompt {n}" for model in ("base", "fine-tuned") for n in (0, 2, 4)}


def test_every_experiment_has_its_share_of_the_pictures(pairs, monkeypatch):
    monkeypatch.setattr(report_module, "MAX_PICTURES", 8)
    (section,) = _report(pairs).sections
    shown = Page(page(Report(title="Two", headline=[], sections=[section, section])))
    assert shown.tags.count("img") == 8
    assert shown.text.count("4 more images are not shown here") == 2


@pytest.fixture
def three(make):
    """Pictures of three models at two seeds, of which the one that is proposed draws in the style."""
    means = {"base": 0.3, "step 1": 0.29, "step 2": 0.1}
    captions = {"base": "a zebra", "step 1": "a sketch of a zebra", "step 2": "a sketch"}
    return [
        make(model, f"prompt {n}", seed, mean + 0.01 * ((n + seed) % 3), captions[model])
        for model, mean in means.items() for n in range(4) for seed in range(2)
    ]  # fmt: skip


def test_many_models_stand_beside_each_other_seed_by_seed_and_one_is_proposed(three):
    summaries, pair = summarise(three, Pair("base", "step 1")), Pair("base", "step 1")
    job = StudyJob(title="t", out_dir="", prompts=("a",), models=(), metrics=("clip",))
    study = study_of(job, "t", [StudyVariant(name="")], three, summaries, pair, place("cpu", "fp32", 1))
    section = Section(title="", explanation="", scored=three, summaries=summaries, findings=study.variants[0])
    html = page(Report(title="Board", headline=[], sections=[section], pair=pair))
    shown = Page(html)
    assert shown.tags.count("figure") == 8  # four prompts, two seeds
    assert shown.tags.count("img") == 24
    assert html.count('class="pairs wide" style="--beside: 3"') == 4
    assert "step 1 fits the prompts best (0.299); every other is told apart from it." in shown.text
    plot = html[html.index('class="plot"') :].partition("</svg>")[0]
    assert plot.count("<circle") == 3
    assert 'class="proposed"' in plot
    rows = re.findall(r"<tr><th>(base|step 1|step 2)</th>", html)
    assert rows[:3] == ["base", "step 1", "step 2"]


def test_an_interval_of_two_images_does_not_squeeze_all_others(make):
    wild = [make(model, "wild", seed, 0.2 + (seed if model == "tuned" else 0)) for model in ("base", "tuned")
            for seed in range(2)]  # fmt: skip
    tame = [make(model, f"tame {n}", seed, 0.2 + 0.001 * n * seed + (0.05 if model == "tuned" else 0))
            for model in ("base", "tuned") for n in range(12) for seed in range(2)]  # fmt: skip
    html = page(_report([*wild, *tame]))
    xs = [float(x) for x in re.findall(r' x[12]="(-?[\d.]+)"', html)]
    assert min(xs) >= 0
    assert max(xs) <= CHART_WIDTH
    assert len(re.findall('class="bar"', html)) == 14 + 4  # one bar is cut at both ends, with an arrow of two lines


def test_nothing_scored_is_a_page_too():
    assert "A report" in Page(page(_report([]))).text
