"""Whatever a safetensors header holds, a file is described or refused with a sentence; nothing crashes or hangs."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.library.models.added_files import added_kind
from sketchdesk.library.models.draw_facts import draw_facts
from sketchdesk.library.models.facts import model_facts
from sketchdesk.library.models.few_steps import few_steps_of
from sketchdesk.library.models.installed import ModelEntry, describe
from sketchdesk.library.models.schedules import schedule_of_file
from sketchdesk.library.models.weights import safetensors_header

FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

NAMES = st.one_of(
    st.text(max_size=12),
    st.sampled_from([
        "__metadata__", "emb_params", "lora_unet_x.lora_up.weight", "model.diffusion_model.input_blocks.0.0.weight",
        "first_stage_model.post_quant_conv.weight", "cond_stage_model.model.token_embedding.weight",
        "cond_stage_model.transformer.embeddings.token_embedding.weight", "conv_in.weight", "down_blocks.0.x",
    ]),
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
NEARLY = st.fixed_dictionaries(
    {},
    optional={
        "dtype": st.sampled_from(["F32", "BF16", "nonsense"]) | ANYTHING,
        "shape": st.lists(st.integers(-2, 2**70), max_size=4) | ANYTHING,
        "data_offsets": st.lists(st.integers(-2, 2**70), max_size=3) | ANYTHING,
    },
)
HEADERS = st.dictionaries(NAMES, NEARLY | ANYTHING, max_size=8)


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "x.safetensors"


def look_everywhere(path: Path) -> None:
    """Ask all that is asked of a file before it is loaded."""
    assert isinstance(describe("x", path, "own"), ModelEntry)
    draw_facts(path)
    few_steps_of(str(path))
    schedule_of_file(path)
    for ask in (safetensors_header, added_kind, model_facts):
        with suppress(SketchDeskError):
            ask(path)


@FUZZ
@given(header=HEADERS, data=st.binary(max_size=64))
def test_any_header_is_described_or_refused(place, header, data):
    text = json.dumps(header).encode()
    place.write_bytes(len(text).to_bytes(8, "little") + text + data)
    look_everywhere(place)


@FUZZ
@given(length=st.integers(0, 2**64 - 1), content=st.binary(max_size=64))
def test_any_bytes_are_described_or_refused(place, length, content):
    place.write_bytes(length.to_bytes(8, "little") + content)
    look_everywhere(place)


def test_a_header_nested_without_end_is_refused(place):
    text = b'{"x":' + b"[" * 100_000
    place.write_bytes(len(text).to_bytes(8, "little") + text)
    look_everywhere(place)
    with pytest.raises(SketchDeskError):
        safetensors_header(place)
