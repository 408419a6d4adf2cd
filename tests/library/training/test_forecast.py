"""What a training will need: the arithmetic against figures worked out by hand, and the way it bends to the memory."""

from __future__ import annotations

import msgspec
import pytest

from sketchdesk.contracts.jobs import TrainJob
from sketchdesk.library.job_threads import Threads
from sketchdesk.library.models.facts import JudgeFacts, Level, ModelFacts
from sketchdesk.library.models.installed import resolve_model
from sketchdesk.library.models.judge_facts import training_facts
from sketchdesk.library.training.forecast import (
    GIB,
    MEMORY_SHARE,
    Speed,
    activation_bytes,
    forecast_disk,
    forecast_memory,
    forecast_time,
    known_step_s,
    lora_parameters,
)
from sketchdesk.library.training.recipes import RECIPES, with_recipe
from sketchdesk.library.training.step_extras import step_extras

DEMO = ModelFacts(
    unet_parameters=15_665_272, text_parameters=738_944, vae_parameters=4_226_827, sample_size_px=128, cell_px=16,
    latent_channels=24, vae_channels=16, text_width=128, text_tokens=32, size_bytes=41_350_223, text_layers=3,
    levels=(Level(channels=160, layers=3, heads=5), Level(channels=224, layers=3, heads=7)),
)  # fmt: skip
JOB = TrainJob(
    model="sd2", dataset="d", out_dir="o", resolution=512, train_batch_size=1, precision="bf16", optimizer="adamw",
    checkpointing_steps=100, max_train_steps=500, checkpoints_total_limit=2,
)  # fmt: skip


def changed(**values: object) -> TrainJob:
    return msgspec.structs.replace(JOB, **values)


def test_weights_gradients_optimiser_and_average_are_counted_to_the_byte(sd2):
    memory = forecast_memory(JOB, sd2, "cuda:0")
    assert memory.weights_gib * GIB == pytest.approx(sd2.unet_parameters * 6)  # the other networks wait elsewhere
    on_cpu = forecast_memory(JOB, sd2, "cpu")  # there they are let go; gradients take the place of the weights' copies
    assert on_cpu.weights_gib * GIB == pytest.approx(sd2.unet_parameters * 4)
    assert memory.gradients_gib * GIB == pytest.approx(865_910_724 * 4)
    assert memory.optimiser_gib * GIB == pytest.approx(865_910_724 * 8)
    assert memory.ema_gib * GIB == pytest.approx(865_910_724 * 4)
    assert memory.low_gib < memory.high_gib


def test_the_eight_bit_optimiser_takes_a_quarter_and_no_average_takes_nothing(sd2):
    memory = forecast_memory(changed(optimizer="adamw_8bit", use_ema=False), sd2, "cuda:0")
    assert memory.optimiser_gib * GIB == pytest.approx(865_910_724 * 2, rel=0.02)
    assert memory.ema_gib == 0


@pytest.mark.parametrize(
    ("resolution", "checkpointing", "mib"), [(512, False, 893), (256, False, 226), (512, True, 147)]
)
def test_activations_meet_what_was_traced_for_stable_diffusion_2_in_bf16(sd2, resolution, checkpointing, mib):
    job = changed(resolution=resolution, gradient_checkpointing=checkpointing)
    assert activation_bytes(job, sd2, "cuda:0", half=True) / 2**20 == pytest.approx(mib, rel=0.05)


def test_activations_grow_with_the_batch_and_on_a_cpu_with_the_attention_matrices(sd2):
    one, four = (activation_bytes(changed(train_batch_size=n), sd2, "cuda:0", half=True) for n in (1, 4))
    assert four == pytest.approx(4 * one)
    assert activation_bytes(JOB, sd2, "cpu", half=True) > 2 * one


def test_a_trained_text_encoder_counts(sd2):
    both = forecast_memory(changed(train_text_encoder=True), sd2, "cuda:0")
    assert both.gradients_gib * GIB == pytest.approx((865_910_724 + 340_387_840) * 4)


def test_a_large_network_on_a_cpu_meets_what_was_measured(sd2):
    """SD2-base at 256 px, batch 1, 8-bit Adam, bf16, checkpointing, no average: 7.33 GiB by train_speed.py."""
    job = changed(
        resolution=256, train_batch_size=1, optimizer="adamw_8bit", use_ema=False, gradient_checkpointing=True
    )
    assert forecast_memory(job, sd2, "cpu", 4).likely_gib == pytest.approx(7.33, rel=0.1)
    gathered = forecast_memory(msgspec.structs.replace(job, gradient_accumulation_steps=2), sd2, "cpu", 4)
    assert gathered.likely_gib - 7.33 > 865_910_724 * 3 / GIB, "whole gradients, beside the weights' copies"


def test_on_a_cpu_what_is_not_trained_counts_only_where_every_step_needs_it(sd2):
    """With SD2-base at 256 px, batch 1, 8-bit Adam, bf16, no average and no checkpointing, 7.53 GiB were measured."""
    job = changed(resolution=256, train_batch_size=1, optimizer="adamw_8bit", use_ema=False, precision="bf16")
    memory = forecast_memory(job, sd2, "cpu", 4)
    assert memory.likely_gib == pytest.approx(7.53, rel=0.1)
    judged = forecast_memory(msgspec.structs.replace(job, reward_weight=0.1), sd2, "cpu", 4)
    frozen = (sd2.vae_parameters + sd2.text_parameters) * 4 / GIB
    assert judged.weights_gib - memory.weights_gib == pytest.approx(frozen)


def test_an_average_changes_places_with_the_weights_it_is_drawn_with_and_takes_no_room(sd2):
    drawn = changed(validation_prompts=("a",))
    assert forecast_memory(drawn, sd2, "cuda:0").likely_gib == forecast_memory(JOB, sd2, "cuda:0").likely_gib
    halved = changed(validation_prompts=("a",), bf16_weights=True, fused_step=True)
    elsewhere = msgspec.structs.replace(halved, ema_device="cpu")
    both = [forecast_memory(each, sd2, "cuda:0") for each in (halved, elsewhere)]
    copy = both[0].likely_gib - both[0].ema_gib - both[1].likely_gib
    assert copy * GIB == pytest.approx(865_910_724 * 2), "weights in bf16 are copied, in fp32 they are not"


@pytest.mark.parametrize("device", ["cuda:0", "cpu"])
def test_pictures_that_are_encoded_while_training_keep_the_autoencoder_and_no_latents(sd2, device):
    kept, live = (forecast_memory(changed(center_crop=centre), sd2, device, 1000) for centre in (True, False))
    assert (live.weights_gib - kept.weights_gib) * GIB == pytest.approx(sd2.vae_parameters * 4)
    latents = 1000 * 2 * 2 * 64 * 64 * 4 * 4 if device == "cpu" else 0
    assert (kept.other_gib - live.other_gib) * GIB == pytest.approx(latents)


def test_a_batch_is_encoded_in_no_more_memory_than_a_bound_before_anything_is_kept_for_the_backward_pass(sd2):
    live = changed(center_crop=False, resolution=256)
    one, four, many = (
        step_extras(msgspec.structs.replace(live, train_batch_size=n), sd2, on_gpu=True).encoding for n in (1, 4, 64)
    )
    assert one * 4 == four == many == 512 * 512 * 2560
    assert step_extras(changed(resolution=256), sd2, on_gpu=True).encoding == 0
    smallest = msgspec.structs.replace(live, lora_rank=4, gradient_checkpointing=True, train_batch_size=4)
    memory = forecast_memory(smallest, sd2, "cuda:0")
    kept = memory.weights_gib + memory.optimiser_gib + memory.ema_gib + memory.other_gib
    assert memory.likely_gib == pytest.approx(kept + four / GIB)


def test_a_reward_counts_its_clip_and_what_it_sees_through(sd2):
    clip = JudgeFacts(clip_parameters=151_277_313, layers=12, width=768, heads=12, tokens=50)
    tiny = msgspec.structs.replace(clip, tiny_parameters=1_222_000)
    plain = forecast_memory(JOB, sd2, "cuda:0")
    job = changed(reward_weight=0.1)
    through_vae, through_tiny = (
        forecast_memory(job, msgspec.structs.replace(sd2, judge=judge), "cuda:0") for judge in (clip, tiny)
    )
    held = [(each.weights_gib - plain.weights_gib) * GIB for each in (through_vae, through_tiny)]
    assert held == pytest.approx([(151_277_313 + sd2.vae_parameters) * 4, (151_277_313 + 1_222_000) * 4])
    kept = [each.activations_gib - plain.activations_gib for each in (through_vae, through_tiny)]
    assert kept[0] > 3 * kept[1] > 0
    twice = msgspec.structs.replace(job, train_batch_size=2)
    two = forecast_memory(twice, msgspec.structs.replace(sd2, judge=tiny), "cuda:0")
    assert two.activations_gib == pytest.approx(2 * through_tiny.activations_gib)
    assert through_vae.likely_gib > plain.likely_gib + 4


def test_the_judges_files_say_how_large_it_is(tmp_path):
    demo = resolve_model("demo-base")
    judge = training_facts(changed(model="demo-base", reward_weight=1.0, reward_clip="demo-clip"), demo).judge
    assert (judge.layers, judge.width, judge.tokens) == (4, 192, 65)
    assert judge.tiny_channels == 32
    assert judge.clip_parameters > 1_000_000 > judge.tiny_parameters > 0
    assert training_facts(changed(model="demo-base"), demo).judge is None
    gone = changed(model="demo-base", reward_weight=1.0, reward_clip=str(tmp_path / "gone"))
    assert training_facts(gone, demo).judge is None


@pytest.mark.parametrize(
    ("values", "gib"),
    [
        ({}, 0.737), ({"use_ema": True}, 0.797), ({"optimizer": "adamw_8bit"}, 0.651), ({"lora_rank": 8}, 0.616),
        ({"train_batch_size": 16}, 0.851), ({"train_batch_size": 16, "gradient_checkpointing": True}, 0.793),
        ({"train_batch_size": 64, "precision": "bf16"}, 1.074), ({"train_text_encoder": True}, 0.747),
        ({"fused_step": True, "bf16_weights": True, "precision": "bf16"}, 0.693),
    ],
)  # fmt: skip
def test_the_forecast_meets_what_was_measured_of_the_demo_model(values, gib):
    """By tests/benchmarks/train_memory.py --pictures 16, each in a process of its own."""
    base = {"resolution": 128, "train_batch_size": 4, "use_ema": False, "precision": "fp32"}
    memory = forecast_memory(changed(**(base | values)), DEMO, "cpu", 16)
    assert memory.likely_gib == pytest.approx(gib, rel=0.1)
    assert memory.low_gib <= memory.likely_gib <= memory.high_gib


def test_cached_examples_take_main_memory_on_a_cpu_only(sd2):
    without, with_them = (forecast_memory(JOB, sd2, "cpu", n).other_gib for n in (0, 1000))
    latents = 1000 * 2 * 2 * 64 * 64 * 4 * 4
    captions = 1000 * 77 * 1024 * 4
    assert (with_them - without) * GIB == pytest.approx(latents + captions)
    assert forecast_memory(JOB, sd2, "cuda:0", 1000) == forecast_memory(JOB, sd2, "cuda:0", 0)


def test_the_disk_holds_the_checkpoints_kept_and_the_model_and_for_a_moment_one_checkpoint_more(sd2):
    disk = forecast_disk(JOB, sd2)
    one = 865_910_724 * (4 + 8 + 4) / GIB
    assert disk.checkpoints_gib == pytest.approx(2 * one)
    assert disk.model_gib == pytest.approx(5)
    assert disk.peak_gib == pytest.approx(3 * one + 5)
    short = forecast_disk(changed(max_train_steps=50), sd2)
    assert short.checkpoints_gib == pytest.approx(one)  # the one at the end


def test_the_disk_holds_what_is_encoded_too_and_for_the_time_of_a_run_an_average_in_a_file(sd2):
    disk = forecast_disk(JOB, sd2, examples=1000)
    latents, captions = 1000 * 2 * 2 * 64 * 64 * 4 * 4, 1000 * 77 * 1024 * 2
    assert disk.caches_gib * GIB == pytest.approx(latents + captions)
    assert disk.peak_gib - forecast_disk(JOB, sd2).peak_gib == pytest.approx(disk.caches_gib)
    assert forecast_disk(changed(center_crop=False), sd2, 1000).caches_gib * GIB == pytest.approx(captions)
    assert forecast_disk(changed(cache_latents=False), sd2, 1000).caches_gib == 0
    average = forecast_disk(changed(ema_device="disk"), sd2).peak_gib - forecast_disk(JOB, sd2).peak_gib
    assert average * GIB == pytest.approx(865_910_724 * 4)


def test_the_time_comes_from_runs_alike_and_is_not_known_without_one():
    job = changed(max_train_steps=100, train_batch_size=4, gradient_accumulation_steps=2)
    fast = Speed(model="sd2", device="cpu", resolution=512, gradient_checkpointing=False, images_per_s=4.0)
    slow = msgspec.structs.replace(fast, images_per_s=2.0)
    unlike = {"model": "sd1", "device": "cuda:0", "resolution": 256, "gradient_checkpointing": True}
    others = [msgspec.structs.replace(fast, **{field: value}) for field, value in unlike.items()]
    assert forecast_time(job, "cpu", others) is None
    low, high = forecast_time(job, "cpu", [fast, slow, *others])
    assert low == pytest.approx(800 / 4 * 0.85)
    assert high == pytest.approx(800 / 2 * 1.15)


def test_what_was_measured_of_the_very_recipe_counts_before_runs_that_are_only_like_it():
    job = changed(max_train_steps=100, train_batch_size=4)
    like = Speed(model="sd2", device="cpu", resolution=512, gradient_checkpointing=False, images_per_s=4.0)
    same = msgspec.structs.replace(like, images_per_s=2.0, job=msgspec.structs.replace(job, max_train_steps=2))
    other = msgspec.structs.replace(like, images_per_s=1.0, job=msgspec.structs.replace(job, use_ema=not job.use_ema))
    assert known_step_s(job, "cpu", [like, other]) is None
    assert known_step_s(job, "cpu", [like, same, other]) == 2.0
    assert known_step_s(job, "cuda:0", [same]) is None
    assert forecast_time(job, "cpu", [like, same, other]) == pytest.approx((200 * 0.85, 200 * 1.15))


def test_on_a_processor_only_runs_with_as_many_threads_tell_the_time():
    job = changed(max_train_steps=100, train_batch_size=1)
    one = Speed(
        model="sd2", device="cpu", resolution=512, gradient_checkpointing=False, images_per_s=1.0, job=job,
        threads=Threads(asked=1, used=1),
    )  # fmt: skip
    left_open = msgspec.structs.replace(one, images_per_s=4.0, threads=Threads(asked=None, used=4))
    expected = {None: (25 * 0.85, 25 * 1.15), 1: (100 * 0.85, 100 * 1.15), 4: (25 * 0.85, 25 * 1.15), 2: None}
    for threads, seconds in expected.items():
        wanted = msgspec.structs.replace(job, num_threads=threads)
        unlike = msgspec.structs.replace(wanted, use_ema=not job.use_ema)  # of which only runs that are like it tell
        for each in (wanted, unlike):
            assert forecast_time(each, "cpu", [one, left_open]) == (seconds and pytest.approx(seconds))
        assert known_step_s(wanted, "cpu", [one, left_open]) == (seconds and pytest.approx(seconds[0] / 85))
    on_card = msgspec.structs.replace(one, device="cuda:0")
    assert known_step_s(msgspec.structs.replace(job, num_threads=2), "cuda:0", [on_card]) == 1.0


def test_a_lora_trains_as_many_numbers_as_peft_makes(sd2):
    """Rank × (inputs + outputs) of what is adapted, counted on networks without weights."""
    from diffusers import UNet2DConditionModel
    from peft import LoraConfig, inject_adapter_in_model
    from torch import device

    from sketchdesk.engine.training.adapter_targets import TARGETS
    from sketchdesk.library.models.families import UNET_2

    for targets, within in (("attention", 0.0), ("attention_ff", 0.0), ("all", 0.15)):
        with device("meta"):
            unet = UNet2DConditionModel.from_config(UNET_2).requires_grad_(False)
            inject_adapter_in_model(LoraConfig(r=4, target_modules=list(TARGETS["unet"][targets])), unet)
        made = sum(parameter.numel() for parameter in unet.parameters() if parameter.requires_grad)
        job = changed(lora_rank=4, lora_targets=targets)
        assert lora_parameters(job, sd2) == pytest.approx(made, rel=within), targets


def test_a_frozen_base_in_bf16_takes_two_bytes_a_number_and_adapters_next_to_nothing(sd2):
    memory = forecast_memory(changed(lora_rank=16, optimizer="adamw"), sd2, "cuda:0")
    assert memory.weights_gib * GIB == pytest.approx(865_910_724 * 2, rel=0.01)
    assert memory.optimiser_gib + memory.gradients_gib + memory.ema_gib < 0.2


def test_steps_within_the_backward_pass_keep_no_gradients_and_weights_in_bf16_halve(sd2):
    memory = forecast_memory(changed(fused_step=True, bf16_weights=True, ema_device="cpu"), sd2, "cuda:0")
    assert memory.gradients_gib == memory.ema_gib == 0
    assert memory.weights_gib * GIB == pytest.approx(865_910_724 * 2)
    assert forecast_memory(changed(ema_device="cpu"), sd2, "cpu").ema_gib > 3
    elsewhere = changed(optimizer_device="cpu")
    assert forecast_memory(elsewhere, sd2, "cuda:0").optimiser_gib == 0
    assert forecast_memory(elsewhere, sd2, "cpu").optimiser_gib > 6


def test_a_budget_for_activations_is_kept_between_all_and_nothing_computed_again(sd2):
    full, none = changed(gradient_checkpointing=True, resolution=512), changed(resolution=512)
    least, most = (activation_bytes(job, sd2, "cuda:0", True) for job in (full, none))
    for budget, wanted in ((0.0, least), (0.4, 0.4 * GIB), (90.0, most)):
        job = msgspec.structs.replace(full, activation_budget_gib=budget)
        assert activation_bytes(job, sd2, "cuda:0", True) == pytest.approx(wanted)


@pytest.mark.parametrize(("name", "card_gib"), [("sd2-6gb", 6), ("lora-4gb", 4)])
def test_the_recipes_for_small_cards_fit_them(sd2, name, card_gib):
    recipe = next(recipe for recipe in RECIPES if recipe.name == name)
    job = with_recipe(TrainJob(model="sd2", dataset="d", out_dir="o"), recipe)
    memory = forecast_memory(job, sd2, "cuda:0", examples=10_000)
    assert memory.high_gib <= card_gib * MEMORY_SHARE
    plain = msgspec.structs.replace(job, lora_rank=0, bf16_weights=False, fused_step=False)
    assert forecast_memory(plain, sd2, "cuda:0").low_gib > card_gib  # it is the recipe that makes it fit
