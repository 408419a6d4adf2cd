"""The interface between the processes grows only on purpose: a changed name or field fails here first.

Runs saved by one version are read by the next, so fields may be added with a default; none may be renamed or removed.
"""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from sketchdesk.contracts import events, jobs, wire
from sketchdesk.contracts.errors import ErrorKind

JOBS = {
    "generate": """model prompts out_dir loras style_prefix negative_prompt count seed num_inference_steps
        guidance_scale sampler width height device precision batch_size num_threads kept style_suffix
        wildcards prompt_weighting clip_skip guidance_rescale init_image strength mask_image memory_savings keep
        embeddings allow_pickle fast image_format keep_unmasked""",
    "train": """model dataset out_dir image_column caption_column resolution center_crop random_flip max_train_samples
        max_train_steps train_batch_size gradient_accumulation_steps gradient_checkpointing learning_rate lr_scheduler
        lr_warmup_steps optimizer adam_beta1 adam_beta2 adam_weight_decay adam_epsilon max_grad_norm use_ema ema_decay
        loss_weighting snr_gamma noise_offset input_perturbation caption_dropout train_text_encoder cache_latents
        validation_prompts validation_steps validation_share checkpointing_steps checkpoints_total_limit seed device
        precision num_threads resume aspect_buckets streaming captions_file lora_rank lora_alpha lora_targets
        non_finite_limit loss huber_c huber_schedule fused_step bf16_weights ema_device allow_tf32
        activation_budget_gib reward_weight reward_clip reward_prefix reward_below reward_threshold reward_start_step
        reward_every fork_from optimizer_device tracker""",
    "trial": "training",
    "evaluate": """images_dir out_dir prompts_file scorer_prefix metrics clip_model blip_model batch_size device
        precision num_threads sources""",
    "study": """title out_dir prompts models variants seeds negative_prompt num_inference_steps guidance_scale sampler
        width height metrics clip_model blip_model device precision num_threads sources timing""",
    "distill": """model out_dir loras prompts dataset pairs_dir num_pairs num_held_out_pairs pairs_batch_size
        num_inference_steps sampler guidance_scale resolution student lora_rank reflow_steps distil_steps matching_steps
        student_steps time_shape endpoint_share huber_c feature_weight matching_guidance_scale critic_rank
        critic_learning_rate critic_updates matching_pairs_weight train_batch_size gradient_accumulation_steps
        gradient_checkpointing learning_rate final_learning_rate lr_warmup_steps optimizer adam_weight_decay
        max_grad_norm ema_decay non_finite_limit validation_prompts validation_steps checkpointing_steps seed device
        precision num_threads resume captions_file start start_base lpips_weights""",
    "caption": """dataset captions_file pictures prefix blip_model batch_size device precision num_threads
        image_column caption_column streaming""",
    "download": "repos revision weights file name",
    "convert": "path name",
    "probe": "",
}
STAMP = "job_id time_s"
EVENTS = {
    "JobStarted": "pid device precision num_threads",
    "StageChanged": "stage index total",
    "StepDone": "step total eta_s rate_per_s unit",
    "PreviewReady": "path prompt seed step total",
    "ImageSaved": "path prompt seed width height seconds",
    "MetricLogged": "step values",
    "CheckpointSaved": "step path",
    "ScoreReady": "path prompt values caption",
    "CaptionReady": "key caption",
    "DeviceFound": "device name memory_gib precisions preferred",
    "Notice": "message level",
    "JobEnded": "state kind message next_step details result",
}
REQUESTS = {"run": "job_id job run_dir", "cancel": "job_id", "pause": "job_id paused"}
PARTS = {
    jobs.LoraUse: "path weight",
    jobs.MetricSources: "reference training_set style_prompt inception_weights pickscore_model hps_model insist",
    jobs.StudyModel: "name model loras images num_inference_steps guidance_scale sampler",
    jobs.StudyTiming: "runs warm_up batch_size",
    jobs.StudyVariant: "name title generator_prefix scorer_prefix",
    jobs.PromptRow: "prompt negative_prompt count seed num_inference_steps guidance_scale width height sampler",
}
ERROR_KINDS = """bad_input model_not_found model_unreadable unsafe_weights code_in_weights model_incomplete
    family_unknown adapter_missing adapter_misfit changed dataset_unreadable no_captions no_images device_missing
    precision_unsupported out_of_memory disk_full not_writable nothing_to_resume not_finite hub_not_found
    hub_gated hub_denied hub_unreachable hub_offline hub_busy hub_failed wrong_bytes disk_short engine_died
    engine_missing internal"""
SAMPLERS = "pndm ddim ddpm euler euler_a heun dpmpp_2m dpmpp_2m_karras dpmpp_sde unipc lcm tcd rectified_flow perflow"


def fields_by_tag(union: object) -> dict[object, list[str]]:
    return {member.__struct_config__.tag: list(member.__struct_fields__) for member in get_args(union)}


@pytest.mark.parametrize(
    ("union", "frozen", "prefix"),
    [(jobs.Job, JOBS, ""), (events.Event, EVENTS, STAMP), (wire.Request, REQUESTS, "")],
    ids=["jobs", "events", "requests"],
)
def test_names_and_fields_are_those_agreed(union: object, frozen: dict[str, str], prefix: str) -> None:
    assert fields_by_tag(union) == {tag: f"{prefix} {names}".split() for tag, names in frozen.items()}


def test_parts_of_jobs_are_those_agreed() -> None:
    for part, names in PARTS.items():
        assert list(part.__struct_fields__) == names.split()


def test_error_kinds_and_samplers_are_those_agreed() -> None:
    assert [kind.value for kind in ErrorKind] == ERROR_KINDS.split()
    assert list(get_args(jobs.Sampler)) == SAMPLERS.split()


@pytest.mark.parametrize("union", [jobs.Job, events.Event, wire.Request], ids=["jobs", "events", "requests"])
def test_every_message_is_frozen(union: object) -> None:
    assert all(member.__struct_config__.frozen for member in get_args(union))


def test_a_job_cannot_be_changed_once_made() -> None:
    with pytest.raises(AttributeError):
        jobs.ProbeJob().seed = 3  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        jobs.LoraUse(path="a").path = "b"  # type: ignore[misc]


def test_a_train_job_of_the_reports_recipe_can_be_written_with_its_three_required_fields() -> None:
    required = [field.name for field in msgspec.structs.fields(jobs.TrainJob) if field.required]
    assert required == ["model", "dataset", "out_dir"]
