"""What a job asks for in vain is refused or said, in one sentence each."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from safetensors.numpy import save_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import GenerateJob, PromptRow
from sketchdesk.library.drawing.check import check_job, refusals, remarks
from sketchdesk.library.models.draw_facts import DrawFacts

FACTS = DrawFacts(text_layers=12, guidance_scale=7.5)
JOB = GenerateJob(model="m", prompts=(PromptRow(prompt="a cat"), PromptRow(prompt="a dog")), out_dir="out")


def but(**changes) -> GenerateJob:
    return msgspec.structs.replace(JOB, **changes)


@pytest.mark.parametrize(
    ("job", "facts", "field", "words"),
    [
        (but(strength=0.5), FACTS, "strength", "picture to begin with"),
        (but(mask_image="m.png"), FACTS, "mask_image", "picture to go with"),
        (but(clip_skip=12), FACTS, "clip_skip", "12 layers; clip skip can be at most 11"),
        (but(seed=2**63 - 1, count=2), FACTS, "seed", "at most 9223372036854775807"),
        (but(prompts=(PromptRow(prompt="a", seed=2**63 - 3, count=4),)), FACTS, "seed", "at most 9223372036854775807"),
        (JOB, msgspec.structs.replace(FACTS, inpaints=True), "model", "picture and a mask"),
        (but(init_image="p.png"), msgspec.structs.replace(FACTS, inpaints=True), "model", "picture and a mask"),
    ],
)
def test_what_is_impossible_is_refused(job, facts, field, words):
    assert words in refusals(job, facts)[field]
    with pytest.raises(SketchDeskError, match=words) as refused:
        check_job(job, facts)
    assert refused.value.kind is ErrorKind.BAD_INPUT


def test_what_is_possible_is_not_refused():
    both = {"init_image": "p.png", "mask_image": "m.png"}
    check_job(JOB, FACTS)
    check_job(but(seed=2**63 - 2, count=2), FACTS)
    check_job(but(clip_skip=11, strength=0.5, **both), msgspec.structs.replace(FACTS, inpaints=True))
    check_job(but(clip_skip=90), DrawFacts())  # of a pickle nobody knows how many layers it has before it is read


@pytest.mark.parametrize("guidance", [0.0, 1.0])
def test_without_guidance_negative_prompt_and_rescale_are_said_to_count_for_nothing(guidance):
    job = but(guidance_scale=guidance, negative_prompt="blurry", guidance_rescale=0.5)
    assert sorted(remarks(job, FACTS)) == ["guidance_rescale", "negative_prompt"]
    assert remarks(msgspec.structs.replace(job, guidance_scale=1.5), FACTS) == {}
    own = msgspec.structs.replace(job, guidance_scale=None)
    assert sorted(remarks(own, msgspec.structs.replace(FACTS, guidance_scale=guidance))) == [
        "guidance_rescale", "negative_prompt",
    ]  # fmt: skip
    assert remarks(own, FACTS) == {}


def test_rows_count_each_by_itself():
    guided, unguided = PromptRow(prompt="a", guidance_scale=5), PromptRow(prompt="b", guidance_scale=1)
    job = but(prompts=(guided, unguided), negative_prompt="blurry", guidance_rescale=0.5)
    assert sorted(remarks(job, FACTS)) == ["negative_prompt"]  # rescale counts for one of them
    without = but(prompts=(guided, msgspec.structs.replace(unguided, negative_prompt="")), negative_prompt="blurry")
    assert remarks(without, FACTS) == {}


@pytest.fixture
def word(tmp_path) -> Path:
    save_file({"<sks>": np.zeros((2, 8), np.float32)}, tmp_path / "ink.safetensors")
    return tmp_path / "ink.safetensors"


@pytest.mark.parametrize(
    ("text", "is_called"),
    [
        ("a cat", False), ("a cat in ink", True), ("INK", True), ("inkwell", False), ("<ink> cat", True),
        ("embedding:ink", True), ("a <SKS> cat", True), ("{ink|oil}", True),
    ],
)  # fmt: skip
def test_a_learnt_word_that_no_prompt_calls_is_told(word, text, is_called):
    job = but(prompts=(PromptRow(prompt="a dog"), PromptRow(prompt=text)), embeddings=(str(word),))
    told = remarks(job, FACTS)
    assert (told == {}) is is_called
    if not is_called:
        assert told["embeddings"] == "No prompt calls these learnt words: ink."
    for elsewhere in ({"negative_prompt": text}, {"style_prefix": text}, {"style_suffix": text}):
        assert (remarks(but(embeddings=(str(word),), **elsewhere), FACTS) == {}) is is_called


def test_what_a_pickled_word_is_called_is_known_once_it_is_read(tmp_path):
    path = tmp_path / "ink.pt"
    path.write_bytes(b"a pickle")
    job = but(embeddings=(str(path), str(tmp_path / "gone.safetensors")))
    assert remarks(job, FACTS) == {}
    assert "ink" in remarks(job, FACTS, {str(path): ("ink", "<sks>")})["embeddings"]
