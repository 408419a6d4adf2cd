"""What is refused or doubted before a distillation is begun, by its settings and by its models' files."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import DistillJob
from sketchdesk.library.distillation.conflicts import conflicts, doubts, refuse
from sketchdesk.library.distillation.told import Told, told_of

TOLD = Told(head="epsilon", cell_px=8)


def job(**fields: object) -> DistillJob:
    return DistillJob(**({"model": "demo-base", "out_dir": "", "prompts": ("a zebra",)} | fields))


@pytest.mark.parametrize(
    ("fields", "told", "field"),
    [
        ({"lora_rank": 4}, {}, "lora_rank"),
        ({"reflow_steps": 0, "distil_steps": 0}, {}, "reflow_steps"),
        ({"resolution": 100}, {}, "resolution"),
        ({"start": "demo-flow", "student": "teacher", "lora_rank": 4}, {}, "lora_rank"),
        ({"start": "demo-flow", "student": "teacher"}, {"start_head": "velocity"}, "start"),
        ({"start": "other"}, {"start_head": "v_prediction"}, "start"),
        ({"student": "teacher", "student_steps": 2}, {"windows": 4}, "student_steps"),
        ({}, {"inpaints": True}, "model"),
    ],
)
def test_what_the_engine_refuses_is_said_at_its_field(fields, told, field):
    assert list(conflicts(job(**fields), msgspec.structs.replace(TOLD, **told))) == [field]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"lora_rank": 4}, {"head": "velocity"}),
        ({"start": "demo-flow"}, {"start_head": "velocity"}),
        ({"start": "demo-flow", "student": "teacher"}, {"head": "velocity", "start_head": "velocity"}),
        ({"start": "unknown", "student": "teacher"}, {}),
        ({"student": "velocity", "student_steps": 1}, {"windows": 4}),
    ],
)
def test_what_goes_together_is_not_refused(fields, told):
    assert conflicts(job(**fields), msgspec.structs.replace(TOLD, **told)) == {}


def test_the_models_files_tell_what_they_say():
    told = told_of(job(start="demo-flow"))
    assert (told.head, told.start_head, told.windows, told.cell_px, told.inpaints) == (
        "epsilon", "velocity", 1, 16, False,
    )  # fmt: skip
    assert told_of(job(model="demo-flow")).head == "velocity"


def test_a_student_that_says_what_its_teacher_says_cannot_begin_as_a_flow():
    with pytest.raises(SketchDeskError, match="“demo-flow” says “velocity”") as caught:
        refuse(job(start="demo-flow", student="teacher"))
    assert caught.value.kind is ErrorKind.BAD_INPUT


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"student_steps": 4}, "distil_steps"),
        ({"num_held_out_pairs": 0}, "num_held_out_pairs"),
        ({"final_learning_rate": 1.0}, "final_learning_rate"),
    ],
)
def test_what_is_possible_but_odd_is_remarked(fields, field):
    assert list(doubts(job(**fields))) == [field]
