"""Every metric of the registry through real jobs with tiny random models, against plain formulas."""

from __future__ import annotations

import math
from typing import get_args

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPModel

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import Notice
from sketchdesk.contracts.jobs import EvaluateJob, Metric, MetricSources
from sketchdesk.engine.evaluation import task
from sketchdesk.engine.evaluation.metrics import IN_SCORING, measure_of
from sketchdesk.engine.evaluation.metrics.agreement import share_found, singular, things
from sketchdesk.engine.evaluation.moments import Moments, frechet_distance
from sketchdesk.engine.evaluation.scores import ALL_PROMPTS, NEAREST, read_scores, read_summary
from sketchdesk.engine.evaluation.set_distances import cmmd, manifolds
from sketchdesk.engine.reporter import Reporter
from sketchdesk.library.evaluation.metric_catalogue import CATALOGUE
from sketchdesk.library.evaluation.studies import read_study
from sketchdesk.library.images.metadata import ImageRecord, save_png

PROMPTS = ["a zebra", "a fox", "an owl", "a bat"]


@pytest.fixture
def folders(tmp_path):
    """Eight drawn pictures, and eight real ones of the same names: the first of each are the same."""
    rng = np.random.default_rng(0)
    for name in ("drawn", "real"):
        for number in range(8):
            colours = rng.integers(0, 256, (5, 5, 3)) if number else np.full((5, 5, 3), 90)
            picture = Image.fromarray(np.uint8(colours)).resize((40, 40), Image.Resampling.BICUBIC)
            record = ImageRecord(
                prompt=PROMPTS[number // 2], seed=number, num_inference_steps=5, guidance_scale=3.0, sampler="ddim",
                width=40, height=40, model="m",
            )  # fmt: skip
            save_png(picture, tmp_path / name / f"{number}.png", record)
            if name == "real":
                caption = PROMPTS[0] if number < 2 else "a horse"
                (tmp_path / name / f"{number}.txt").write_text(caption, encoding="utf-8")
    return tmp_path


@pytest.fixture
def job(folders, tiny_clip, tiny_blip):
    real = str(folders / "real")
    return EvaluateJob(
        images_dir=str(folders / "drawn"), out_dir=str(folders / "out"), clip_model=str(tiny_clip),
        blip_model=str(tiny_blip), batch_size=3, device="cpu", num_threads=1,
        sources=MetricSources(
            reference=real, training_set=real, style_prompt="ink", pickscore_model=str(tiny_clip),
            hps_model=str(tiny_clip),
        ),
    )  # fmt: skip


def run(job, metrics, **sources):
    """Return the job's result, its rows, the numbers of its set, and its notices."""
    job = msgspec.structs.replace(job, metrics=metrics, sources=msgspec.structs.replace(job.sources, **sources))
    events = []
    result = task.run(job, Reporter(events.append))
    from pathlib import Path

    out = Path(job.out_dir)
    sets = {row.metric: row for row in read_summary(out / "summary.csv") if row.prompt == ALL_PROMPTS}
    return result, read_scores(out / "scores.csv"), sets, [e.message for e in events if isinstance(e, Notice)]


@pytest.fixture(scope="module")
def clip(tiny_clip):
    """Embeddings by transformers' own model and processor."""
    model, tokenizer = CLIPModel.from_pretrained(tiny_clip).eval(), AutoTokenizer.from_pretrained(tiny_clip)
    processor = CLIPImageProcessorPil.from_pretrained(tiny_clip)

    class Plain:
        scale = float(model.logit_scale.exp())

        @staticmethod
        @torch.no_grad()
        def images(files):
            opened = [Image.open(file).convert("RGB") for file in files]
            found = model.get_image_features(**processor(opened, return_tensors="pt"))
            return torch.nn.functional.normalize(found.pooler_output).double().numpy()

        @staticmethod
        @torch.no_grad()
        def texts(texts):
            tokens = tokenizer(texts, padding=True, truncation=True, max_length=16, return_tensors="pt")
            found = model.get_text_features(**tokens)
            return torch.nn.functional.normalize(found.pooler_output).double().numpy()

    return Plain


def files(folder):
    return sorted(folder.glob("*.png"))


def column(rows, name):
    return [row.values.get(name) for row in rows]


def test_every_metric_is_in_words_and_has_a_file():
    assert [info.name for info in CATALOGUE] == list(get_args(Metric))
    for info in CATALOGUE:
        assert info.sentence
        if info.name not in IN_SCORING:
            assert callable(measure_of(info.name))


def test_scalings_and_preferences_are_the_cosine_times_their_scale(job, folders, clip):
    metrics = ("clip", "clip_score", "clip_100", "pickscore", "hps")
    _result, rows, _sets, _notices = run(job, metrics)
    prompts = [row.prompt for row in rows]
    cosines = (clip.images(files(folders / "drawn")) * clip.texts(prompts)).sum(axis=1)
    assert [row.cosine for row in rows] == pytest.approx(cosines, abs=2e-5)
    assert column(rows, "clip_score") == pytest.approx(2.5 * np.maximum(cosines, 0), abs=5e-5)
    assert column(rows, "clip_100") == pytest.approx(100 * cosines, abs=2e-3)
    assert column(rows, "pickscore") == pytest.approx(clip.scale * cosines, abs=1e-3)
    assert column(rows, "hps") == pytest.approx(100 * cosines, abs=2e-3)
    assert np.ptp(cosines) > 1e-3


def test_the_scorers_words_are_in_the_scalings_and_not_in_the_preferences(job, folders, clip):
    words = msgspec.structs.replace(job, scorer_prefix="ink of")
    _result, rows, _sets, _notices = run(words, ("clip_100", "hps"))
    images = clip.images(files(folders / "drawn"))
    told, bare = ([f"{start}{row.prompt}" for row in rows] for start in ("ink of ", ""))
    assert column(rows, "clip_100") == pytest.approx(100 * (images * clip.texts(told)).sum(axis=1), abs=2e-3)
    assert column(rows, "hps") == pytest.approx(100 * (images * clip.texts(bare)).sum(axis=1), abs=2e-3)
    assert all(row.cosine is None for row in rows)


def test_pairs_and_style_are_the_formulas(job, folders, clip):
    _result, rows, _sets, _notices = run(job, ("image_similarity", "directional", "style"))
    drawn, real = clip.images(files(folders / "drawn")), clip.images(files(folders / "real"))
    assert column(rows, "image_similarity") == pytest.approx((drawn * real).sum(axis=1), abs=2e-5)
    assert column(rows, "image_similarity")[0] == pytest.approx(1, abs=1e-5)
    prompts = [row.prompt for row in rows]
    words = clip.texts([f"ink {prompt}" for prompt in prompts]) - clip.texts(prompts)
    moved = drawn - real
    expected = (words * moved).sum(axis=1) / np.linalg.norm(words, axis=1) / np.linalg.norm(moved, axis=1).clip(1e-6)
    assert column(rows, "directional")[1:] == pytest.approx(expected[1:], abs=1e-3)
    assert column(rows, "style_prompt") == pytest.approx(drawn @ clip.texts(["ink"])[0], abs=2e-5)
    centre = real.mean(axis=0)
    assert column(rows, "style_set") == pytest.approx(drawn @ centre / np.linalg.norm(centre), abs=2e-5)


def test_sets_are_measured_by_clip(job, folders, clip):
    result, _rows, sets, _notices = run(job, ("cmmd", "fid_clip", "precision_recall"))
    drawn, real = clip.images(files(folders / "drawn")), clip.images(files(folders / "real"))
    assert sets["cmmd"].mean == pytest.approx(cmmd(drawn, real), rel=1e-3, abs=1e-4)
    assert sets["fid_clip"].mean == pytest.approx(frechet_distance(Moments.of(drawn), Moments.of(real)), rel=1e-3)
    shares = manifolds(drawn, real)
    assert {name: sets[name].mean for name in ("precision", "recall", "density", "coverage")} == pytest.approx({
        "precision": shares.precision, "recall": shares.recall, "density": shares.density, "coverage": shares.coverage,
    })  # fmt: skip
    assert (sets["cmmd"].images, sets["cmmd"].prompt, sets["cmmd"].model) == (8, ALL_PROMPTS, "m")
    assert result["cmmd_m"] == pytest.approx(sets["cmmd"].mean, rel=1e-4)


def test_memorised_pictures_are_found_and_the_report_shows_them(job, folders, clip):
    result, rows, sets, _notices = run(job, ("clip", "memorisation"))
    drawn, real = clip.images(files(folders / "drawn")), clip.images(files(folders / "real"))
    assert column(rows, "nearest_training") == pytest.approx((drawn @ real.T).max(axis=1), abs=2e-5)
    assert column(rows, "nearest_training")[0] == pytest.approx(1, abs=1e-5)
    assert column(rows, NEAREST)[0] == str(folders / "real" / "0.png")
    cosines = np.array([row.cosine for row in rows])
    assert sets["training_gap"].mean == pytest.approx(cosines[:2].mean() - cosines[2:].mean(), abs=2e-5)
    assert sets["training_gap"].method == "set"  # a single prompt was trained on: no interval
    assert sets["copied_share"].mean == 0  # the held-out pictures are the training pictures themselves here
    assert sets["copied_share"].method == "wilson"
    assert sets["copied_share"].low == 0 < sets["copied_share"].high < 1
    assert result["copied_share_m_high"] == pytest.approx(sets["copied_share"].high)
    assert "training_gap_m_low" not in result
    page = (folders / "out" / "report.html").read_text(encoding="utf-8")
    assert "Nearest to the training set" in page
    assert "0 % (95 % interval 0 % to " in page
    assert "Korn and Graubard" in page
    assert page.count(">trained on<") == len(set(column(rows, NEAREST)))  # each of them once


def test_captions_are_compared_with_the_prompts(job, folders, clip):
    _result, rows, _sets, _notices = run(job, ("agreement",), style_prompt="a black and white sketch")
    told = [row for row in rows if row.caption]
    assert told
    expected = (clip.texts([row.caption for row in told]) * clip.texts([row.prompt for row in told])).sum(axis=1)
    assert column(told, "caption_cosine") == pytest.approx(expected, abs=2e-4)
    assert not any(row.values for row in rows if not row.caption)
    for row in told:
        thing, caption = row.prompt.split()[1], row.caption.split()
        assert row.values["nouns_found"] == float(thing in caption)
        assert row.values["style_words"] == pytest.approx(len({"black", "white", "sketch"} & set(caption)) / 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a boy riding a bike on the road", {"boy", "bike", "road"}),
        ("two women and three children with red umbrellas", {"woman", "child", "umbrella"}),
        ("a black and white sketch of a zebra running", {"zebra"}),
        ("standing", set()),
    ],
)
def test_the_things_of_a_text(text, expected):
    assert things(text) == expected


def test_words_are_found_in_either_number():
    assert share_found(things("two foxes in the grass"), "a fox on a bus") == 0.5
    assert share_found(frozenset(), "a fox") is None
    assert [singular(word) for word in ("ponies", "glass", "bus", "gas")] == ["pony", "glass", "bus", "gas"]


@pytest.fixture(scope="module")
def inception_file(tmp_path_factory):
    from sketchdesk.engine.evaluation.inception import Inception

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "inception.safetensors"
    save_file(Inception().state_dict(), path)
    return str(path)


def test_fid_of_few_pictures_is_refused_with_what_to_use_instead_and_shown_on_insisting(job, inception_file):
    metrics = ("fid", "fid_5k", "kid", "inception_score")
    result, _rows, sets, notices = run(job, metrics, inception_weights=inception_file)
    assert "fid" not in sets
    assert any("2048" in notice.replace(",", "") and "KID" in notice for notice in notices)
    assert math.isfinite(sets["kid"].mean)
    assert sets["inception_score"].mean >= 1
    assert "fid_m" not in result
    _result, _rows, sets, notices = run(job, metrics, inception_weights=inception_file, insist=True)
    assert sets["fid"].images == 8
    assert sets["fid"].mean > 0
    assert "fid_5k" not in sets  # a protocol's name is not given to fewer pictures
    assert any("5000" in notice.replace(",", "") for notice in notices)


def test_a_metric_that_lacks_its_source_is_refused_before_anything_is_loaded(job):
    for metric, field in (("cmmd", "reference"), ("memorisation", "training_set"), ("style", "style_prompt"),
                          ("pickscore", "pickscore_model"), ("image_similarity", "reference")):  # fmt: skip
        with pytest.raises(SketchDeskError) as caught:
            run(job, (metric,), **{field: ""})
        assert caught.value.kind is ErrorKind.BAD_INPUT


def test_what_was_measured_is_in_study_json_and_the_report(job, folders):
    run(job, ("clip", "style", "cmmd"))
    (variant,) = read_study(folders / "out").variants
    assert set(variant.images[0].values) == {"style_prompt", "style_set"}
    assert set(variant.model("m").metrics) == {"style_prompt", "style_set"}
    assert [one.metric for one in variant.sets] == ["cmmd"]
    page = (folders / "out" / "report.html").read_text(encoding="utf-8")
    for words in ("Like the style&#39;s words", "CMMD", "All metrics"):
        assert words in page or words.replace("&#39;", "&#x27;") in page or words.replace("&#39;", "'") in page


def test_pictures_that_cannot_be_read_are_left_out_of_the_reference(job, folders):
    (folders / "real" / "9.png").write_bytes(b"no picture")
    _result, _rows, sets, notices = run(job, ("cmmd",))
    assert any("9.png" in notice for notice in notices)
    assert math.isfinite(sets["cmmd"].mean)
