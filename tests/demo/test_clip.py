from __future__ import annotations

import random
from dataclasses import replace
from itertools import islice

import pytest
import torch
import torch.nn.functional as F
from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

from sketchdesk.demo import clip
from sketchdesk.demo.autoencoder import pixels
from sketchdesk.demo.dataset import scenes
from sketchdesk.demo.judge import nouns_said
from sketchdesk.demo.scenes import Scene, draw
from sketchdesk.demo.tokenizer import build_tokenizer
from sketchdesk.demo.views import views
from sketchdesk.demo.vocabulary import STYLE_PREFIX
from sketchdesk.engine.device import place
from sketchdesk.engine.evaluation.clip import ClipScorer

SOME = list(islice(scenes("train", 5, 0.5), 500))
ZEBRA = Scene(("zebra",), None, "sketch", 1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The saved folder of an untrained model."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("demo-clip")
    clip.save(clip.new_model(build_tokenizer(path)), path)
    return path


def test_every_claim_is_true_of_its_own_scene_and_of_no_scene_without_its_nouns():
    rng = random.Random(0)
    for scene in SOME:
        said = clip.claim(scene, rng)
        assert said.is_true_of(scene)
        assert nouns_said(said.text) == said.nouns
        assert not said.is_true_of(replace(scene, nouns=("no such thing",)))


def test_claims_of_sketches_mostly_say_so_and_never_of_colour_pictures():
    rng = random.Random(0)
    sketch = [clip.claim(ZEBRA, rng) for _ in range(300)]
    colour = [clip.claim(replace(ZEBRA, style="colour"), rng) for _ in range(300)]
    assert 0.6 < sum("sketch" in said.text or "drawing" in said.text for said in sketch) / 300 < 0.8
    assert any(said.text.startswith(STYLE_PREFIX) for said in sketch)
    assert not any("sketch" in said.text or "black and white" in said.text for said in colour)


def test_a_claim_with_style_words_is_false_of_the_other_style_and_one_without_is_true_of_both():
    said = clip.Claim("a black and white sketch of a zebra", frozenset({"zebra"}), None, "sketch")
    assert said.is_true_of(ZEBRA)
    assert not said.is_true_of(replace(ZEBRA, style="colour"))
    assert replace(said, style=None).is_true_of(replace(ZEBRA, style="colour", nouns=("zebra", "cat")))
    assert not replace(said, setting="forest").is_true_of(replace(ZEBRA, setting="road"))


def test_the_loss_is_clips_where_every_caption_is_true_of_one_picture_only():
    similarity = torch.randn(6, 6, generator=torch.Generator().manual_seed(0))
    rows, columns = similarity.log_softmax(1).diagonal(), similarity.log_softmax(0).diagonal()
    expected = -(rows.mean() + columns.mean()) / 2
    assert clip.contrastive_loss(similarity, torch.eye(6, dtype=torch.bool)).item() == pytest.approx(expected.item())


def test_captions_true_of_another_picture_do_not_count_against_it():
    similarity = torch.tensor([[9.0, 9.0, 0.0], [9.0, 9.0, 0.0], [0.0, 0.0, 9.0]])
    twins = torch.tensor([[1, 1, 0], [1, 1, 0], [0, 0, 1]], dtype=torch.bool)
    assert clip.contrastive_loss(similarity, torch.eye(3, dtype=torch.bool)) > 0.4
    assert clip.contrastive_loss(similarity, twins) < 0.001


def test_a_batch_has_twins_in_both_styles():
    pictures, shown, claims = clip.batch(views(0), random.Random(0))
    assert len(pictures) == len(shown) == len(claims) == clip.SCENES_PER_BATCH + clip.TWINS_PER_BATCH
    for scene, twin in zip(shown[: clip.TWINS_PER_BATCH], shown[clip.SCENES_PER_BATCH :], strict=True):
        assert twin.nouns == scene.nouns and twin.setting == scene.setting and twin.style != scene.style


def test_the_saved_folder_is_a_stock_clip_within_its_size(folder):
    model = CLIPModel.from_pretrained(folder, local_files_only=True)
    tokenizer = CLIPTokenizer.from_pretrained(folder, local_files_only=True)
    assert model.dtype == torch.float16
    assert model.num_parameters() <= 4_000_000
    assert (folder / "model.safetensors").stat().st_size <= 8_000_000
    assert model.config.text_config.eos_token_id == tokenizer.eos_token_id != 2
    assert model.config.text_config.max_position_embeddings == tokenizer.model_max_length


def test_the_stock_preparation_is_what_training_saw(folder):
    processor = CLIPImageProcessorPil.from_pretrained(folder, local_files_only=True)
    pictures = [draw(scene) for scene in SOME[:4]]
    prepared = processor(pictures, return_tensors="pt").pixel_values
    assert prepared.shape == (4, 3, clip.SIDE_PX, clip.SIDE_PX)
    assert torch.allclose(prepared, pixels(clip.halved(pictures)), atol=1e-5)


def test_padding_does_not_move_a_texts_embedding(folder):
    scorer = ClipScorer.load(folder, place("cpu", "fp32"))
    alone = scorer.text_embeddings(["a zebra"])
    again = ClipScorer.load(folder, place("cpu", "fp32"))
    padded = again.text_embeddings(["a zebra", "a black and white sketch of a zebra and a monkey in front of a house"])
    assert torch.allclose(alone[0], padded[0], atol=1e-5)


def test_it_learns_which_caption_belongs_to_which_picture(tmp_path):
    torch.manual_seed(0)
    tokenizer = build_tokenizer(tmp_path)
    model = clip.new_model(tokenizer)
    model.set_attn_implementation("eager")
    shown = [Scene((noun,), None, style, 1) for noun in ("zebra", "castle") for style in ("colour", "sketch")]
    texts = ["a zebra", "a black and white sketch of a zebra", "a castle", "a black and white sketch of a castle"]
    prepared = pixels(clip.halved([draw(scene) for scene in shown]))
    optimizer = torch.optim.AdamW(model.parameters(), 3e-4)
    own = torch.eye(4, dtype=torch.bool)
    for _ in range(150):
        loss = clip.contrastive_loss(clip.similarities(model, tokenizer, prepared, texts), own)
        if loss < 0.15:
            break
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    similarity = clip.similarities(model, tokenizer, prepared, texts)
    assert similarity.argmax(1).tolist() == similarity.argmax(0).tolist() == [0, 1, 2, 3]


def test_training_goes_on_from_its_checkpoint_and_ends_in_a_usable_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(clip, "SCENES_PER_BATCH", 6)
    monkeypatch.setattr(clip, "TWINS_PER_BATCH", 2)
    said: list[str] = []
    clip.train(tmp_path, said.append, replace(clip.RECIPE, steps=2, log_every=1))
    before = len(said)
    model = clip.train(tmp_path, said.append, replace(clip.RECIPE, steps=3, log_every=1))
    assert said[before:][0].startswith("resuming at step 2") and len(said) == before + 2
    assert all(torch.isfinite(parameter).all() for parameter in model.parameters())
    clip.save(model, tmp_path / "demo-clip")
    scorer = ClipScorer.load(tmp_path / "demo-clip", place("cpu", "fp32"))
    embedding = scorer.image_embeddings([draw(ZEBRA)])
    assert F.cosine_similarity(embedding, embedding).item() == pytest.approx(1)
    assert -1 <= scorer.cosines([draw(ZEBRA)], ["a zebra"])[0] <= 1
