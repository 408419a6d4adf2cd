"""Every key layout gives W + w (α / r) B A, to fp32's last bits; what does not fit is counted, or refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.jobs import LoraUse
from sketchdesk.engine.models.lora_keys import flat
from sketchdesk.engine.models.stable_diffusion import load_stable_diffusion

CPU = torch.device("cpu")
RANK, ALPHA = 4, 3.0
QUERY = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
OUTPUT = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_out.0"
WORDS = "encoder.layers.1.self_attn.q_proj"
CONVOLUTION = "down_blocks.0.resnets.0.conv1"


def load(folder: Path, *loras: tuple[Path, float], **options):
    uses = [LoraUse(path=str(path), weight=weight) for path, weight in loras]
    return load_stable_diffusion(folder, CPU, torch.float32, uses, **options)


def weight(model, network: str, name: str) -> torch.Tensor:
    return getattr(model, network).get_submodule(name).weight


def pair(shape, rank=RANK, seed=0, square=False):
    """B [out, r] and A [r, in] for a weight [out, in]; with `square`, as 1 × 1 convolutions."""
    generator = torch.Generator().manual_seed(seed)
    up, down = torch.randn(shape[0], rank, generator=generator), torch.randn(rank, shape[1], generator=generator)
    return (up[:, :, None, None], down[:, :, None, None]) if square else (up, down)


def kohya(name, network, up, down):
    prefix = {"unet": "lora_unet_", "text_encoder": "lora_te_text_model_"}[network] + name.replace(".", "_")
    return {f"{prefix}.lora_up.weight": up, f"{prefix}.lora_down.weight": down, f"{prefix}.alpha": torch.tensor(ALPHA)}


def peft(name, network, up, down):
    name = f"{network}.{'text_model.' if network == 'text_encoder' else ''}{name}"
    return {f"{name}.lora_B.weight": up, f"{name}.lora_A.weight": down, f"{name}.alpha": torch.tensor(ALPHA)}


def bare_peft(name, network, up, down):
    return {f"base_model.model.{name}.lora_B.weight": up, f"base_model.model.{name}.lora_A.weight": down}


def processor(name, network, up, down):
    if network == "text_encoder":
        name = f"text_encoder.text_model.{name}.lora_linear_layer"
        return {f"{name}.up.weight": up, f"{name}.down.weight": down}
    block, _, part = name.removesuffix(".0").rpartition(".")
    return {f"unet.{block}.processor.{part}_lora.{side}.weight": t for side, t in (("up", up), ("down", down))}


def dotted(name, network, up, down):
    return {f"{network}.{name}.lora.up.weight": up, f"{network}.{name}.lora.down.weight": down}


@pytest.mark.parametrize(
    ("layout", "scale"),
    [(kohya, ALPHA / RANK), (peft, ALPHA / RANK), (bare_peft, 1.0), (processor, 1.0), (dotted, 1.0)],
)
@pytest.mark.parametrize("place", [("unet", QUERY), ("unet", OUTPUT), ("text_encoder", WORDS)])
def test_a_fused_weight_is_the_closed_form(tiny_sd, tmp_path, layout, scale, place):
    network, name = place
    before = weight(load(tiny_sd), network, name)
    up, down = pair(before.shape)
    if layout is bare_peft and network == "text_encoder":
        name = "text_model." + name
    save_file(layout(name, network, up, down), tmp_path / "a.safetensors")
    after = weight(load(tiny_sd, (tmp_path / "a.safetensors", 0.7)), *place)
    expected = before.double() + 0.7 * scale * (up.double() @ down.double())
    assert (after - expected).abs().max() <= 1e-6 * max(1.0, expected.abs().max())
    assert (after - before).abs().max() > 0.1


def test_several_loras_add_up_whatever_their_order(tiny_sd, tmp_path):
    before = weight(load(tiny_sd), "unet", QUERY)
    expected, uses = before.double(), []
    for number, (strength, layout) in enumerate(((0.5, kohya), (-1.25, peft), (2.0, kohya))):
        up, down = pair(before.shape, seed=number)
        path = tmp_path / f"{number}.safetensors"
        save_file(layout(QUERY, "unet", up, down), path)
        uses.append((path, strength))
        expected = expected + strength * ALPHA / RANK * (up.double() @ down.double())
    for order in (uses, uses[::-1]):
        assert (weight(load(tiny_sd, *order), "unet", QUERY) - expected).abs().max() <= 1e-5


def test_convolutions_of_locon_with_and_without_a_middle(tiny_sd, tmp_path):
    before = weight(load(tiny_sd), "unet", CONVOLUTION)
    out, into = before.shape[:2]
    generator = torch.Generator().manual_seed(3)
    up = torch.randn(out, RANK, 1, 1, generator=generator)
    down = torch.randn(RANK, into, 3, 3, generator=generator)
    save_file(kohya(CONVOLUTION, "unet", up, down), tmp_path / "locon.safetensors")
    after = weight(load(tiny_sd, (tmp_path / "locon.safetensors", 1.0)), "unet", CONVOLUTION)
    x = torch.randn(2, into, 8, 8, generator=generator)
    conv = torch.nn.functional.conv2d
    assert torch.allclose(
        conv(x, after, padding=1), conv(x, before, padding=1) + ALPHA / RANK * conv(conv(x, down, padding=1), up),
        atol=1e-4,
    )  # fmt: skip

    first = torch.randn(RANK, into, 1, 1, generator=generator)
    middle = torch.randn(RANK, RANK, 3, 3, generator=generator)
    tensors = kohya(CONVOLUTION, "unet", up, first)
    tensors[f"lora_unet_{CONVOLUTION.replace('.', '_')}.lora_mid.weight"] = middle
    save_file(tensors, tmp_path / "middle.safetensors")
    after = weight(load(tiny_sd, (tmp_path / "middle.safetensors", 1.0)), "unet", CONVOLUTION)
    through = conv(conv(conv(x, first), middle, padding=1), up)
    assert torch.allclose(conv(x, after - before, padding=1), ALPHA / RANK * through, atol=1e-4)


def test_one_by_one_convolutions_and_linear_layers_stand_in_for_each_other(tiny_sd, tmp_path):
    name = "down_blocks.1.attentions.0.proj_in"
    before = weight(load(tiny_sd), "unet", name)
    flat_pair, square_pair = pair(before.shape), pair(before.shape, square=True)
    fused = []
    for number, (up, down) in enumerate((flat_pair, square_pair)):
        save_file(kohya(name, "unet", up, down), tmp_path / f"{number}.safetensors")
        fused.append(weight(load(tiny_sd, (tmp_path / f"{number}.safetensors", 1.0)), "unet", name))
    assert torch.equal(fused[0], fused[1])
    assert not torch.equal(fused[0], before)


def test_alpha_from_the_settings_diffusers_and_peft_write(tiny_sd, tmp_path):
    before = weight(load(tiny_sd), "unet", QUERY)
    up, down = pair(before.shape)
    other = pair(weight(load(tiny_sd), "unet", OUTPUT).shape, rank=8)
    tensors = {
        f"unet.{QUERY}.lora_B.weight": up, f"unet.{QUERY}.lora_A.weight": down,
        f"unet.{OUTPUT}.lora_B.weight": other[0], f"unet.{OUTPUT}.lora_A.weight": other[1],
    }  # fmt: skip
    settings = {"unet.r": RANK, "unet.lora_alpha": 2.0, "unet.alpha_pattern": {"attn2.to_out.0": 16}}
    save_file(tensors, tmp_path / "a.safetensors", {"lora_adapter_metadata": json.dumps(settings)})
    model = load(tiny_sd, (tmp_path / "a.safetensors", 1.0))
    assert torch.allclose(weight(model, "unet", QUERY) - before, 2.0 / RANK * up @ down, atol=1e-5)
    moved = weight(model, "unet", OUTPUT) - weight(load(tiny_sd), "unet", OUTPUT)
    assert torch.allclose(moved, 16 / 8 * other[0] @ other[1], atol=1e-5)

    folder = tmp_path / "peft"
    folder.mkdir()
    save_file(bare_peft(QUERY, "unet", up, down), folder / "adapter_model.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps({"r": RANK, "lora_alpha": 6, "use_rslora": True}))
    after = weight(load(tiny_sd, (folder, 1.0)), "unet", QUERY)
    assert torch.allclose(after - before, 6 / math.sqrt(RANK) * up @ down, atol=1e-5)


def test_what_fits_nowhere_is_counted_in_a_sentence(tiny_sd, tmp_path):
    up, down = pair(weight(load(tiny_sd), "unet", QUERY).shape)
    strange = "lora_unet_down_blocks_9_x"
    unknown = {f"{strange}.lora_up.weight": up.clone(), f"{strange}.lora_down.weight": down.clone()}
    lone = {f"lora_unet_{QUERY.replace('.', '_')}.dora_scale": torch.ones(3), "something": torch.ones(1)}
    save_file(kohya(QUERY, "unet", up, down) | unknown | lone, tmp_path / "mixed.safetensors")
    model = load(tiny_sd, (tmp_path / "mixed.safetensors", 1.0))
    assert model.notices == [
        "4 of the 7 tensors of the LoRA “mixed.safetensors” fit nothing in this model and were not used."
    ]
    save_file(kohya(QUERY, "unet", up, down), tmp_path / "whole.safetensors")
    assert load(tiny_sd, (tmp_path / "whole.safetensors", 1.0)).notices == []


def refused(folder, path, **options):
    with pytest.raises(SketchDeskError) as caught:
        load(folder, (path, 1.0), **options)
    return caught.value


def test_a_lora_of_another_model_is_refused(tiny_sd, tmp_path):
    up, down = pair((320, 320))
    save_file(kohya(QUERY, "unet", up, down), tmp_path / "wide.safetensors")
    save_file(kohya("nothing.of.ours", "unet", up, down), tmp_path / "strange.safetensors")
    save_file({"weight": up}, tmp_path / "none.safetensors")
    for name in ("wide", "strange", "none"):
        error = refused(tiny_sd, tmp_path / f"{name}.safetensors")
        assert error.kind is ErrorKind.ADAPTER_MISFIT
        assert f"{name}.safetensors" in error.message


MIDDLE = f"lora_unet_{CONVOLUTION.replace('.', '_')}.lora_mid.weight"
ALPHA_KEY = f"lora_unet_{CONVOLUTION.replace('.', '_')}.alpha"


@pytest.mark.parametrize(
    "changes",
    [
        {ALPHA_KEY: torch.ones(2)},
        {ALPHA_KEY: torch.ones(0)},
        {MIDDLE: torch.ones(RANK, RANK)},
        {MIDDLE: torch.ones(RANK + 1, RANK, 3, 3)},
        {MIDDLE: torch.ones(RANK, RANK, 9, 1)},
        {MIDDLE: torch.ones(())},
    ],
    ids=["two alphas", "no alpha", "flat middle", "wide middle", "long middle", "a number for a middle"],
)
def test_tensors_that_cannot_be_multiplied_are_refused(tiny_sd, tmp_path, changes):
    up, down = pair(weight(load(tiny_sd), "unet", CONVOLUTION).shape[:2], square=True)
    save_file(kohya(CONVOLUTION, "unet", up, down) | changes, tmp_path / "a.safetensors")
    assert refused(tiny_sd, tmp_path / "a.safetensors").kind is ErrorKind.ADAPTER_MISFIT


def test_a_lora_of_no_rank_is_refused(tiny_sd, tmp_path):
    up, down = pair(weight(load(tiny_sd), "unet", QUERY).shape, rank=0)
    save_file(kohya(QUERY, "unet", up, down), tmp_path / "a.safetensors")
    assert refused(tiny_sd, tmp_path / "a.safetensors").kind is ErrorKind.ADAPTER_MISFIT


def test_missing_broken_and_pickled_files_say_so(tiny_sd, tmp_path):
    assert refused(tiny_sd, tmp_path / "gone.safetensors").kind is ErrorKind.ADAPTER_MISSING
    (tmp_path / "cut.safetensors").write_bytes(b"12345678")
    assert refused(tiny_sd, tmp_path / "cut.safetensors").kind is ErrorKind.MODEL_UNREADABLE
    before = weight(load(tiny_sd), "unet", QUERY)
    up, down = pair(before.shape)
    torch.save(kohya(QUERY, "unet", up, down), tmp_path / "old.pt")
    assert refused(tiny_sd, tmp_path / "old.pt").kind is ErrorKind.UNSAFE_WEIGHTS
    after = weight(load(tiny_sd, (tmp_path / "old.pt", 1.0), allow_pickle=True), "unet", QUERY)
    assert torch.allclose(after - before, ALPHA / RANK * up @ down, atol=1e-5)


def test_names_without_dots_stay_different_from_each_other():
    from diffusers import UNet2DConditionModel

    from sketchdesk.library.models.families import UNET_2

    with torch.device("meta"):
        names = [name for name, _module in UNet2DConditionModel.from_config(UNET_2).named_modules()]
    assert len({flat(name) for name in names}) == len(names)


def test_diffusers_own_fusing_agrees(tiny_sd, tmp_path):
    """Kohya's layout through diffusers and peft, the reference many use."""
    from diffusers import StableDiffusionPipeline

    before = weight(load(tiny_sd), "unet", QUERY)
    up, down = pair(before.shape)
    save_file(kohya(QUERY, "unet", up, down), tmp_path / "a.safetensors")
    pipeline = StableDiffusionPipeline.from_pretrained(tiny_sd, safety_checker=None)
    pipeline.load_lora_weights(str(tmp_path / "a.safetensors"), adapter_name="a")
    pipeline.set_adapters(["a"], [0.6])
    pipeline.fuse_lora(adapter_names=["a"])
    pipeline.unload_lora_weights()
    after = weight(load(tiny_sd, (tmp_path / "a.safetensors", 0.6)), "unet", QUERY)
    assert torch.allclose(after, pipeline.unet.get_submodule(QUERY).weight, atol=1e-5)
