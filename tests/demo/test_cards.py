from __future__ import annotations

import pytest

from sketchdesk.demo import blip, clip
from sketchdesk.demo.cards import Effort, Figure, write_card
from sketchdesk.demo.tokenizer import build_tokenizer

EFFORT = Effort(hours=0.25, hardware="two cores")


@pytest.mark.parametrize(
    ("figure", "shown", "target", "verdict"),
    [
        (Figure("m", "top-1", 0.954, 0.95), "95.4 %", "≥ 95.0 %", "reached"),
        (Figure("m", "top-1", 0.949, 0.95), "94.9 %", "≥ 95.0 %", "missed"),
        (Figure("m", "PSNR", 28.04, 28.0, "dB"), "28.0 dB", "≥ 28.0 dB", "reached"),
        (Figure("m", "gap", 0.1234, None, "cosine"), "0.123", "", ""),
    ],
)
def test_figures_are_shown_with_their_targets(figure, shown, target, verdict):
    assert (figure.shown, figure.shown_target, figure.verdict) == (shown, target, verdict)


def test_a_card_tells_licence_size_recipe_effort_and_every_figure(tmp_path):
    folder = tmp_path / "demo-clip"
    model = clip.new_model(build_tokenizer(folder))
    clip.save(model, folder)
    figures = [Figure("demo-clip", "noun named first", 0.97, 0.95), Figure("demo-clip", "pairs", 0.5)]
    text = write_card(folder, figures, EFFORT).read_text(encoding="utf-8")
    assert text.startswith("---\nlicense: apache-2.0\n")
    assert f"{model.num_parameters() / 1e6:.1f} million" in text
    assert f"{clip.RECIPE.steps} steps" in text
    assert "two cores; 0.2 hours" in text
    assert "| noun named first | 97.0 % | ≥ 95.0 % | reached |" in text
    assert "| pairs | 50.0 % |  |  |" in text


def test_each_model_has_its_own_card(tmp_path):
    texts = {}
    for name in ("demo-base", "demo-clip", "demo-blip"):
        texts[name] = write_card(tmp_path / name, [], EFFORT).read_text(encoding="utf-8")
    assert "StableDiffusionPipeline" in texts["demo-base"]
    assert "CLIPModel" in texts["demo-clip"]
    assert f"{blip.RECIPE.steps} steps of {blip.BATCH} pictures" in texts["demo-blip"]
    assert all(f"sketchdesk demo build {name[5:]}" in text for name, text in texts.items())


def test_there_is_no_card_for_other_models(tmp_path):
    with pytest.raises(KeyError):
        write_card(tmp_path / "another", [], EFFORT)
