"""Learnt words: read in every form they come in, found by name in a prompt, and their vectors reach the encoder."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.models.embeddings import read_embedding
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion
from sketchdesk.engine.sampling.text import encode_text, token_ids

CPU = torch.device("cpu")
WIDTH = 32
"""Of the tiny model's text encoder."""


@pytest.fixture
def vectors() -> torch.Tensor:
    return torch.randn(3, WIDTH, generator=torch.Generator().manual_seed(0))


def load(folder: Path, *files: Path, **options):
    return load_stable_diffusion(folder, CPU, torch.float32, embeddings=[str(file) for file in files], **options)


def refusal(*arguments, **options) -> SketchDeskError:
    with pytest.raises(SketchDeskError) as caught:
        load(*arguments, **options)
    return caught.value


def test_every_form_gives_the_same_vectors(tmp_path, vectors):
    save_file({"<cat-toy>": vectors}, tmp_path / "diffusers.safetensors")
    save_file({"<cat-toy>": vectors[0]}, tmp_path / "one.safetensors")
    save_file({"emb_params": vectors}, tmp_path / "a1111.safetensors")
    torch.save({"<cat-toy>": vectors}, tmp_path / "diffusers.bin")
    pickled = {"string_to_token": {"*": 265}, "string_to_param": {"*": vectors}, "name": "x", "step": 500}
    torch.save(pickled, tmp_path / "a1111.pt")
    names = {"diffusers": "<cat-toy>", "one": "<cat-toy>", "a1111": None}
    for path in sorted(tmp_path.iterdir()):
        word = read_embedding(path, allow_pickle=True)
        assert torch.equal(word.vectors, vectors[:1] if path.stem == "one" else vectors)
        own = names[path.stem]
        assert word.names == (path.stem, f"<{path.stem}>", f"embedding:{path.stem}", *([own] if own else []))


@pytest.mark.parametrize("call", ["cat-toy", "<cat-toy>", "embedding:cat-toy", "CAT-TOY", "<toy>"])
def test_a_word_is_called_by_name_and_its_vectors_stand_there(tiny_sd, tmp_path, vectors, call):
    save_file({"<toy>": vectors}, tmp_path / "cat-toy.safetensors")
    model = load(tiny_sd, tmp_path / "cat-toy.safetensors")
    plain = load(tiny_sd)
    before, after = (plain.tokenizer(text, add_special_tokens=False).input_ids for text in ("a red", "on grass"))
    ids = token_ids(model, [f"a red {call} on grass"])[0]
    begin = 1 + len(before)
    assert ids[1:begin].tolist() == before
    assert ids[begin + 3 : begin + 3 + len(after)].tolist() == after
    table = model.text_encoder.get_input_embeddings().weight
    assert torch.equal(table[ids[begin : begin + 3]], vectors)
    assert not torch.equal(encode_text(model, [f"a {call}"]), encode_text(plain, [f"a {call}"]))


@pytest.mark.parametrize("text", ["a red cat on grass", "cat-toys", "mycat-toy"])
def test_other_words_are_read_as_before(tiny_sd, tmp_path, vectors, text):
    save_file({"emb_params": vectors}, tmp_path / "cat-toy.safetensors")
    model, plain = load(tiny_sd, tmp_path / "cat-toy.safetensors"), load(tiny_sd)
    assert torch.equal(token_ids(model, [text]), token_ids(plain, [text]))
    assert torch.equal(encode_text(model, [text]), encode_text(plain, [text]))


@pytest.mark.parametrize("call", ["in\u212a", "\u0131nk", "INK"])  # the Kelvin sign and a dotless i are capitals, too
def test_capitals_of_every_kind_are_the_same_word(tiny_sd, tmp_path, vectors, call):
    save_file({"emb_params": vectors}, tmp_path / "ink.safetensors")
    model = load(tiny_sd, tmp_path / "ink.safetensors")
    assert torch.equal(token_ids(model, [f"a {call}"]), token_ids(model, ["a ink"]))


def test_several_words_stand_side_by_side(tiny_sd, tmp_path, vectors):
    save_file({"emb_params": vectors[:1]}, tmp_path / "ink.safetensors")
    save_file({"emb_params": vectors[1:]}, tmp_path / "ink wash.safetensors")
    model = load(tiny_sd, tmp_path / "ink.safetensors", tmp_path / "ink wash.safetensors")
    table = model.text_encoder.get_input_embeddings().weight
    assert torch.equal(table[token_ids(model, ["ink wash"])[0][1:3]], vectors[1:])
    assert torch.equal(table[token_ids(model, ["ink"])[0][1:2]], vectors[:1])
    assert len(table) == len(load(tiny_sd).text_encoder.get_input_embeddings().weight) + 3


def test_diffusers_own_loading_gives_the_same_states(tiny_sd, tmp_path, vectors):
    from diffusers import StableDiffusionPipeline

    save_file({"toy": vectors}, tmp_path / "toy.safetensors")
    stock = StableDiffusionPipeline.from_pretrained(tiny_sd, safety_checker=None)
    stock.load_textual_inversion(str(tmp_path / "toy.safetensors"), token="toy")
    theirs, _ = stock.encode_prompt("a toy on grass", CPU, 1, False)
    ours = encode_text(load(tiny_sd, tmp_path / "toy.safetensors"), ["a toy on grass"])
    assert torch.allclose(ours, theirs, atol=1e-6)


def test_a_single_file_learns_words_too(tiny_parts, write_ldm, tmp_path):
    word = torch.randn(2, 64, generator=torch.Generator().manual_seed(0))
    save_file({"emb_params": word}, tmp_path / "ink.safetensors")
    model = load(write_ldm(tiny_parts(1).ldm()), tmp_path / "ink.safetensors")
    ids = token_ids(model, ["a photo of ink"])[0]
    assert ids[:7].tolist() == [49406, 320, 1125, 539, 49408, 49409, 49407]
    assert torch.equal(model.text_encoder.get_input_embeddings().weight[49408:], word)


def test_files_that_do_not_fit_are_refused_each_in_its_words(tiny_sd, tmp_path, vectors):
    save_file({"emb_params": torch.randn(1, 768)}, tmp_path / "wide.safetensors")
    save_file({"a": vectors, "b": vectors.clone()}, tmp_path / "two.safetensors")
    save_file({"emb_params": torch.zeros(0, WIDTH)}, tmp_path / "empty.safetensors")
    torch.save({"x": vectors}, tmp_path / "old.pt")
    wide = refusal(tiny_sd, tmp_path / "wide.safetensors")
    assert wide.kind is ErrorKind.ADAPTER_MISFIT
    assert "wide.safetensors" in wide.message
    for name, kind in (
        ("two.safetensors", ErrorKind.MODEL_UNREADABLE), ("empty.safetensors", ErrorKind.MODEL_UNREADABLE),
        ("gone.safetensors", ErrorKind.ADAPTER_MISSING), ("old.pt", ErrorKind.UNSAFE_WEIGHTS),
    ):  # fmt: skip
        assert refusal(tiny_sd, tmp_path / name).kind is kind
    assert len(load(tiny_sd, tmp_path / "old.pt", allow_pickle=True).tokenizer) > len(load(tiny_sd).tokenizer)
