"""The evaluate job on real folders with tiny real models."""

from __future__ import annotations

import pytest
from PIL import Image

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.events import Notice, ScoreReady, StageChanged, StepDone
from sketchdesk.contracts.jobs import EvaluateJob
from sketchdesk.engine.device import place
from sketchdesk.engine.evaluation import task
from sketchdesk.engine.evaluation.blip import Captioner
from sketchdesk.engine.evaluation.clip import ClipScorer
from sketchdesk.engine.evaluation.scores import ALL_PROMPTS, read_scores, read_summary
from sketchdesk.engine.reporter import Cancelled, Reporter
from sketchdesk.library.images.metadata import ImageRecord, save_png


def record(prompt, seed, model="some-model"):
    return ImageRecord(
        prompt=prompt, seed=seed, num_inference_steps=5, guidance_scale=3.0, sampler="ddim", width=32, height=32,
        model=model,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path, pictures):
    """Six images of two prompts that say how they were made."""
    for number, picture in enumerate(pictures[:6]):
        prompt = "a zebra" if number < 3 else "a fox"
        save_png(picture, tmp_path / "images" / f"{number}.png", record(prompt, number % 3))
    return tmp_path / "images"


@pytest.fixture
def job(folder, tiny_clip, tiny_blip, tmp_path):
    return EvaluateJob(
        images_dir=str(folder), out_dir=str(tmp_path / "out"), scorer_prefix="ink", clip_model=str(tiny_clip),
        blip_model=str(tiny_blip), batch_size=4, device="cpu", num_threads=1,
    )  # fmt: skip


@pytest.fixture
def quick(job):
    """The job without captions, which take longest."""
    return changed(job, metrics=("clip",))


def changed(job, **fields):
    import msgspec

    return msgspec.structs.replace(job, **fields)


def evaluate(job, events=None):
    return task.run(job, Reporter(events.append if events is not None else lambda event: None))


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def test_every_image_is_scored_captioned_and_reported(job, folder, pictures, tiny_clip, tiny_blip, tmp_path):
    events = []
    result = evaluate(job, events)
    rows = read_scores(tmp_path / "out" / "scores.csv")
    placement = place("cpu", "fp32", 1)
    texts = ["ink a zebra"] * 3 + ["ink a fox"] * 3
    cosines = ClipScorer.load(tiny_clip, placement).cosines(pictures[:6], texts)
    assert [row.cosine for row in rows] == pytest.approx(cosines, abs=2e-6)
    assert [row.caption for row in rows] == Captioner.load(tiny_blip, placement).captions(pictures[:6])
    assert [(row.prompt, row.seed, row.model, row.file) for row in rows[:4]] == [
        ("a zebra", 0, "some-model", "../images/0.png"),
        ("a zebra", 1, "some-model", "../images/1.png"),
        ("a zebra", 2, "some-model", "../images/2.png"),
        ("a fox", 0, "some-model", "../images/3.png"),
    ]
    assert [event.stage for event in of(StageChanged, events)] == ["loading", "scoring", "writing"]
    assert [(event.step, event.total) for event in of(StepDone, events)] == [(4, 6), (6, 6)]
    ready = of(ScoreReady, events)
    assert [event.values["cosine"] for event in ready] == pytest.approx(cosines, abs=1e-6)
    assert [event.caption for event in ready] == [row.caption for row in rows]
    means = [cosines[:3].mean(), cosines[3:].mean()]
    assert result["images"] == 6
    assert result["mean_cosine"] == pytest.approx(sum(means) / 2, abs=1e-6)
    summary = {(row.metric, row.prompt): row for row in read_summary(tmp_path / "out" / "summary.csv")}
    assert summary["cosine", "a fox"].mean == pytest.approx(means[1], abs=2e-6)
    assert summary["cosine", ALL_PROMPTS].images == 6
    assert (tmp_path / "out" / "report.html").read_text(encoding="utf-8").count("data:image/") == 6


@pytest.mark.parametrize(("metric", "has_cosine", "has_caption"), [("clip", True, False), ("blip", False, True)])
def test_only_the_metrics_asked_for_are_computed(job, tmp_path, metric, has_cosine, has_caption):
    events = []
    result = evaluate(changed(job, metrics=(metric,)), events)
    rows = read_scores(tmp_path / "out" / "scores.csv")
    assert all((row.cosine is not None) is has_cosine for row in rows)
    assert all((event.caption is not None) is has_caption for event in of(ScoreReady, events))
    assert (result["mean_cosine"] is not None) is has_cosine


def test_an_unreadable_image_is_named_and_the_rest_is_scored(quick, folder, tmp_path):
    (folder / "2b.png").write_bytes(b"this is no picture")
    events = []
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a zebra\n" * 4 + "a fox\n" * 3, encoding="utf-8")
    assert evaluate(changed(quick, prompts_file=str(prompts)), events)["images"] == 6
    assert any("2b.png" in notice.message and notice.level == "warning" for notice in of(Notice, events))


@pytest.mark.parametrize("content", [None, b"no picture"])
def test_a_folder_without_images_is_an_error(job, tmp_path, content):
    empty = tmp_path / "empty"
    empty.mkdir()
    if content is not None:
        (empty / "a.png").write_bytes(content)
    with pytest.raises(SketchDeskError) as caught:
        evaluate(changed(job, images_dir=str(empty), metrics=("blip",)))
    assert caught.value.kind is ErrorKind.NO_IMAGES
    assert not (tmp_path / "out").exists()


def test_a_folder_that_ends_with_an_unreadable_file_is_scored(quick, folder):
    for name in "xy":
        (folder / f"{name}.png").write_bytes(b"this is no picture")
    assert evaluate(changed(quick, batch_size=3))["images"] == 6


def test_a_missing_folder_is_an_error(job, tmp_path):
    with pytest.raises(SketchDeskError) as caught:
        evaluate(changed(job, images_dir=str(tmp_path / "nowhere")))
    assert caught.value.kind is ErrorKind.NO_IMAGES


def test_images_that_do_not_say_their_prompt_get_a_caption_only(job, folder, tmp_path):
    Image.new("RGB", (32, 32), "red").save(folder / "9.png")
    events = []
    evaluate(job, events)
    last = read_scores(tmp_path / "out" / "scores.csv")[-1]
    assert (last.prompt, last.cosine, last.seed) == ("", None, None)
    assert any("do not say their prompt" in notice.message for notice in of(Notice, events))


def test_a_folder_in_which_no_image_says_its_prompt_asks_for_a_list(quick, tmp_path):
    plain = tmp_path / "plain"
    plain.mkdir()
    for name in "ab":
        Image.new("RGB", (32, 32), "red").save(plain / f"{name}.png")
    with pytest.raises(SketchDeskError) as caught:
        evaluate(changed(quick, images_dir=str(plain)))
    assert caught.value.kind is ErrorKind.BAD_INPUT
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a horse\nan owl\n", encoding="utf-8")
    evaluate(changed(quick, images_dir=str(plain), prompts_file=str(prompts)))
    assert [row.prompt for row in read_scores(tmp_path / "out" / "scores.csv")] == ["a horse", "an owl"]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ("prompt\nx\ny\n", "xxxyyy"),
        ("prompt,count\nx,2\ny,4\n", "xxyyyy"),
        ("prompt\na fox\na zebra\n", None),
    ],
)
def test_a_list_of_prompts_is_dealt_out_in_order_unless_the_images_name_them(quick, tmp_path, listed, expected):
    prompts = tmp_path / "prompts.csv"
    prompts.write_text(listed, encoding="utf-8")
    evaluate(changed(quick, prompts_file=str(prompts)))
    found = [row.prompt for row in read_scores(tmp_path / "out" / "scores.csv")]
    assert found == (list(expected) if expected else ["a zebra"] * 3 + ["a fox"] * 3)


def test_a_list_that_does_not_fit_is_refused_with_both_numbers(job, tmp_path):
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("a\nb\nc\nd\n", encoding="utf-8")
    with pytest.raises(SketchDeskError) as caught:
        evaluate(changed(job, prompts_file=str(prompts)))
    assert "4 images, but there are 6" in caught.value.message


def test_a_prompt_longer_than_the_model_reads_is_told_once(quick, folder, pictures):
    for name in ("7", "8"):
        save_png(pictures[0], folder / f"{name}.png", record("x" * 30, 0))
    events = []
    evaluate(quick, events)
    told = [notice for notice in of(Notice, events) if "16 tokens" in notice.message]
    assert len(told) == 1
    assert "x" * 30 in told[0].message


def test_cancelling_stops_between_batches_and_writes_nothing(job, tmp_path):
    events = []

    def sink(event):
        events.append(event)
        if isinstance(event, ScoreReady):
            reporter.cancel()

    reporter = Reporter(sink)
    with pytest.raises(Cancelled):
        task.run(job, reporter)
    assert len(of(ScoreReady, events)) == 4
    assert not (tmp_path / "out" / "scores.csv").exists()


def test_source_images_are_not_changed(job, folder):
    before = {file: file.read_bytes() for file in folder.iterdir()}
    evaluate(job)
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


def test_a_missing_model_is_named(job):
    with pytest.raises(SketchDeskError) as caught:
        evaluate(changed(job, clip_model="no-such-model"))
    assert caught.value.kind is ErrorKind.MODEL_NOT_FOUND


def test_a_file_name_that_is_no_text_is_left_out(quick, folder):
    import os
    import sys

    if sys.platform != "linux":
        pytest.skip("other systems have no such names")
    (folder / os.fsdecode(b"\xff.png")).write_bytes((folder / "0.png").read_bytes())
    events = []
    assert evaluate(quick, events)["images"] == 6
    assert any("\\udcff.png" in notice.message for notice in of(Notice, events))
