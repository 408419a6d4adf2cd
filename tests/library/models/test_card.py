"""What a tuned model says of itself."""

from __future__ import annotations

import tomllib
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from PIL import Image

from sketchdesk.contracts.events import MetricLogged
from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.models.card import curves_of, fingerprint_of, write_card
from sketchdesk.library.models.kind import licence_of

JOB = TrainJob(
    model="base", dataset="/somewhere/pictures", out_dir="/nowhere", max_train_steps=7, learning_rate=3e-5,
    validation_prompts=("a zebra",),
)  # fmt: skip


@pytest.fixture
def model(tmp_path: Path) -> Path:
    base, folder, samples = tmp_path / "base", tmp_path / "run" / "model", tmp_path / "samples"
    for each in (base, folder, samples):
        each.mkdir(parents=True)
    (base / "README.md").write_text("---\nlicense: openrail\n---\n")
    Image.new("RGB", (8, 8)).save(samples / "000.png")
    events = [MetricLogged(step=step, values={"loss": 1 / step}) for step in (1, 2, 3)]
    events += [MetricLogged(step=3, values={"loss": 0.5, "val_loss": 0.4})]
    write_card(folder, JOB, base, ["b", "a"], events, samples)
    return folder


def test_it_says_base_licence_data_and_recipe_and_names_no_place_of_this_machine(model):
    text = (model / "README.md").read_text()
    assert licence_of(model) == "openrail"
    assert fingerprint_of(["a", "b"]) in text
    assert "`pictures`: 2 pictures" in text
    assert "base_model: base\n" in text
    recipe = tomllib.loads(text.split("```toml\n")[1].split("```")[0])
    assert recipe["learning_rate"] == 3e-5
    assert "/somewhere" not in text


def test_curves_and_samples_lie_beside_it(model):
    text = (model / "README.md").read_text()
    drawing = ElementTree.parse(model / "loss.svg").getroot()
    assert len(drawing.findall("{http://www.w3.org/2000/svg}polyline")) == 2
    assert "](loss.svg)" in text
    assert "![a zebra](samples/000.png)" in text
    assert (model / "samples" / "000.png").is_file()


def test_a_step_done_twice_counts_once():
    events = [MetricLogged(step=step, values={"loss": loss}) for step, loss in ((1, 3.0), (2, 2.0), (1, 1.0))]
    assert curves_of(events) == {"loss": [(1, 1.0), (2, 2.0)]}


def written(folder: Path, base: Path, **values: object) -> str:
    for each in (folder, base):
        each.mkdir(parents=True, exist_ok=True)
    write_card(folder, msgspec.structs.replace(JOB, **values), base, ["b", "a"], [], None)
    return (folder / "README.md").read_text()


def test_a_loras_card_says_what_it_goes_onto_and_which_file_it_is(tmp_path):
    text = written(tmp_path / "ink" / "lora", tmp_path / "base", lora_rank=8)
    assert "# ink\n" in text
    assert "A LoRA of rank 8 for base" in text
    assert 'from_pretrained("base")\npipeline.load_lora_weights("ink.safetensors")' in text
    assert "tags:\n- lora\n" in text
    assert fingerprint_of(["a", "b"]) in text


@pytest.mark.parametrize("rank", [0, 8])
@pytest.mark.parametrize(
    ("file", "content", "told"),
    [
        ("model_index.json", '{"_class_name": "RectifiedFlowPipeline"}', "x + unet(x, 1000 * (1 - i / N), text) / N"),
        ("scheduler/scheduler_config.json", '{"_class_name": "PeRFlowScheduler"}', "PeRFlowScheduler.from_config"),
    ],
)
def test_what_diffusers_has_no_sampler_for_says_how_it_draws(tmp_path, rank, file, content, told):
    folder, base = tmp_path / "ink" / ("lora" if rank else "model"), tmp_path / "base"
    settings = (base if rank else folder) / file
    settings.parent.mkdir(parents=True)
    settings.write_text(content)
    text = written(folder, base, lora_rank=rank)
    assert told in text
    assert ('load_lora_weights("ink.safetensors")' in text) is bool(rank)
    assert 'pipeline("a zebra").images' not in text, "that would draw noise"
