"""What crosses a pipe arrives as it was sent, and what is wrong is refused with a reason, never half understood."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sketchdesk.contracts import wire
from sketchdesk.contracts.events import Event, ImageSaved, Notice, StepDone
from sketchdesk.contracts.jobs import GenerateJob, Job, PromptRow, TrainJob
from sketchdesk.contracts.wire import Request, RunJob

REFUSED = (msgspec.ValidationError, msgspec.DecodeError)
GENERATE = {"type": "generate", "model": "m", "prompts": [{"prompt": "a"}], "out_dir": "o"}
TRAIN = {"type": "train", "model": "m", "dataset": "d", "out_dir": "o"}


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def messages(kind: object) -> st.SearchStrategy[Any]:
    """Return a strategy for a struct, or a union of structs, with every field within its bounds."""
    return _of(msgspec.inspect.type_info(kind))


def _of(info: Any) -> st.SearchStrategy[Any]:
    match info:
        case msgspec.inspect.StructType():
            fields = {field.encode_name: _of(field.type) for field in info.fields}
            return st.builds(lambda values, cls=info.cls: cls(**values), st.fixed_dictionaries(fields))
        case msgspec.inspect.UnionType():
            return st.one_of(*map(_of, info.types))
        case msgspec.inspect.LiteralType():
            return st.sampled_from(info.values)
        case msgspec.inspect.VarTupleType():
            return st.lists(_of(info.item_type), min_size=info.min_length or 0, max_size=3).map(tuple)
        case msgspec.inspect.DictType():
            return st.dictionaries(_of(info.key_type), _of(info.value_type), max_size=3)
        case msgspec.inspect.IntType():
            return st.integers(-(2**63) if info.ge is None else info.ge, 2**63 - 1 if info.le is None else info.le)
        case msgspec.inspect.FloatType():
            low = info.gt if info.ge is None else info.ge
            return st.floats(low, info.le, exclude_min=info.gt is not None, allow_nan=False, allow_infinity=False)
        case msgspec.inspect.StrType():
            return TEXT
        case msgspec.inspect.BoolType():
            return st.booleans()
        case msgspec.inspect.NoneType():
            return st.none()
    raise NotImplementedError(info)


def reason(job: object) -> str:
    with pytest.raises(REFUSED) as caught:
        wire.decode_job(json.dumps(job).encode())
    return str(caught.value)


@settings(deadline=None)
@given(job=messages(Job))
def test_a_job_arrives_as_it_was_sent(job: Job) -> None:
    line = wire.encode(job)
    assert wire.decode_job(line) == job
    assert line.index(b"\n") == len(line) - 1


@settings(deadline=None)
@given(event=messages(Event))
def test_an_event_arrives_as_it_was_sent_on_one_line(event: Event) -> None:
    line = wire.encode(event)
    assert wire.decode_event(line) == event
    assert line.index(b"\n") == len(line) - 1


@settings(deadline=None)
@given(request=messages(Request))
def test_a_request_arrives_as_it_was_sent_on_one_line(request: Request) -> None:
    line = wire.encode(request)
    assert wire.decode_request(line) == request
    assert line.index(b"\n") == len(line) - 1


@settings(deadline=None)
@given(data=st.binary(max_size=80) | st.recursive(
    st.none() | st.integers() | st.text(max_size=5), lambda inner: st.dictionaries(
        st.sampled_from(["type", "job", "job_id", "step"]), inner), max_leaves=5).map(lambda v: json.dumps(v).encode()))
def test_any_line_is_understood_or_refused_with_a_reason(data: bytes) -> None:
    for decode in (wire.decode_job, wire.decode_event, wire.decode_request):
        try:
            decode(data)
        except (*REFUSED, UnicodeDecodeError) as error:
            assert str(error)


@pytest.mark.parametrize("base", [GENERATE, TRAIN], ids=["generate", "train"])
def test_a_setting_that_does_not_exist_is_refused_by_name(base: dict[str, object]) -> None:
    assert "stepz" in reason(base | {"stepz": 3})


def test_a_field_that_does_not_exist_is_refused_in_the_parts_too() -> None:
    assert "sed" in reason(GENERATE | {"prompts": [{"prompt": "a", "sed": 3}]})
    assert "wait" in reason(GENERATE | {"loras": [{"path": "a", "wait": 3}]})


def test_a_kind_of_message_that_does_not_exist_is_refused_by_name() -> None:
    assert "paint" in reason({"type": "paint"})
    for decode in (wire.decode_event, wire.decode_request):
        with pytest.raises(REFUSED, match="paint"):
            decode(b'{"type": "paint"}')


@pytest.mark.parametrize("base", [GENERATE, TRAIN], ids=["generate", "train"])
def test_a_job_without_a_required_field_is_refused_by_its_name(base: dict[str, object]) -> None:
    for name in base.keys() - {"type"}:
        assert name in reason({key: value for key, value in base.items() if key != name})


@pytest.mark.parametrize(
    ("base", "field", "value"),
    [
        (GENERATE, "count", 0), (GENERATE, "count", 100_001), (GENERATE, "seed", -1), (GENERATE, "seed", 2**63),
        (GENERATE, "num_inference_steps", 0), (GENERATE, "num_inference_steps", 1001), (GENERATE, "width", 8),
        (GENERATE, "height", 5000), (GENERATE, "guidance_scale", -0.1), (GENERATE, "guidance_scale", 101),
        (GENERATE, "sampler", "magic"), (GENERATE, "precision", "fp8"), (GENERATE, "seed", 1.5),
        (GENERATE, "seed", "1"), (GENERATE, "count", True), (GENERATE, "prompts", "a zebra"), (GENERATE, "model", None),
        (TRAIN, "learning_rate", 0), (TRAIN, "learning_rate", -1e-5), (TRAIN, "ema_decay", 1.1),
        (TRAIN, "max_train_steps", 0), (TRAIN, "optimizer", "sgd"), (TRAIN, "lr_scheduler", "wavy"),
        (TRAIN, "caption_dropout", -0.1), (TRAIN, "validation_prompts", [1]), (TRAIN, "use_ema", "yes"),
    ],
)  # fmt: skip
def test_a_value_out_of_its_bounds_is_refused_with_its_place(
    base: dict[str, object], field: str, value: object
) -> None:
    assert f"$.{field}" in reason(base | {field: value})


def test_the_bounds_themselves_are_allowed() -> None:
    job = GENERATE | {"count": 100_000, "seed": 2**63 - 1, "width": 16, "height": 4096, "guidance_scale": 0}
    assert wire.decode_job(json.dumps(job).encode()) == GenerateJob(
        model="m", prompts=(PromptRow(prompt="a"),), out_dir="o", count=100_000, seed=2**63 - 1, width=16, height=4096,
        guidance_scale=0.0,
    )  # fmt: skip


def test_the_defaults_of_a_job_are_within_their_own_bounds() -> None:
    job = TrainJob(model="m", dataset="d", out_dir="o")
    assert wire.decode_job(wire.encode(job)) == job


def test_a_later_versions_extra_field_in_an_event_is_no_obstacle() -> None:
    line = b'{"type": "StepDone", "step": 3, "total": 9, "mood": "good"}'
    assert wire.decode_event(line) == StepDone(step=3, total=9)


def test_a_job_crosses_inside_a_request_with_everything_it_holds() -> None:
    request = RunJob(job_id="1", job=TrainJob(model="ñ\n", dataset="d", out_dir="o"), run_dir="r")
    line = wire.encode(request)
    assert line.count(b"\n") == 1
    assert wire.decode_request(line) == request


def test_an_event_says_which_kind_it_is_in_words() -> None:
    assert json.loads(wire.encode(Notice(message="hello"))) == {"type": "Notice", "message": "hello"}
    assert {json.loads(wire.encode(kind))["type"] for kind in (Notice(message=""), StepDone(step=1, total=1))} == {
        "Notice", "StepDone"
    }  # fmt: skip
    assert ImageSaved in get_args(Event)
