"""Tiny judges with random weights in the layout of the real ones, and pictures for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

WORDS = ["a", "zebra", "giraffe", "horse", "in", "the", "forest", "black", "and", "white", "sketch", "of", "running"]


@pytest.fixture(scope="session")
def tiny_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CLIPModel folder, 32 px, that reads 16 tokens."""
    import torch
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel, CLIPTokenizer

    folder = tmp_path_factory.mktemp("models") / "tiny-clip"
    folder.mkdir()
    alphabet = sorted(ByteLevel.alphabet())
    tokens = [*alphabet, *(byte + "</w>" for byte in alphabet), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({token: n for n, token in enumerate(tokens)}), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    tokenizer = CLIPTokenizer.from_pretrained(folder)
    tokenizer.model_max_length = 16
    torch.manual_seed(0)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    text_shape = shape | {
        "vocab_size": len(tokens), "max_position_embeddings": 16, "bos_token_id": len(tokens) - 2,
        "eos_token_id": len(tokens) - 1,
    }
    config = CLIPConfig(
        text_config=text_shape, vision_config=shape | {"image_size": 32, "patch_size": 8}, projection_dim=24
    )
    CLIPModel(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    size = {"shortest_edge": 32}
    CLIPImageProcessorPil(size=size, crop_size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_blip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BlipForConditionalGeneration folder, 32 px, that writes WORDS."""
    import torch
    from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipImageProcessorPil

    folder = tmp_path_factory.mktemp("models") / "tiny-blip"
    folder.mkdir()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]"]
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join([*special, *WORDS]), encoding="utf-8")
    tokenizer = BertTokenizer.from_pretrained(folder)
    tokenizer.add_special_tokens({"bos_token": "[DEC]"})
    torch.manual_seed(1)
    shape = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    text_shape = shape | {
        "vocab_size": len(special) + len(WORDS), "encoder_hidden_size": 32, "max_position_embeddings": 64,
        "bos_token_id": 5, "pad_token_id": 0, "sep_token_id": 3, "eos_token_id": 3, "initializer_range": 0.6,
    }  # fmt: skip
    vision_shape = shape | {"image_size": 32, "patch_size": 8, "initializer_range": 0.4}
    config = BlipConfig(text_config=text_shape, vision_config=vision_shape, projection_dim=32)
    BlipForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    BlipImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder


@pytest.fixture
def pictures() -> list[Image.Image]:
    """Seven pictures of different looks and sizes."""
    import numpy as np

    rng = np.random.default_rng(0)
    sizes = [(32, 32), (64, 48), (20, 90), (128, 128), (31, 33), (40, 40), (32, 64)]
    return [
        Image.fromarray(np.uint8(rng.integers(0, 256, (6, 6, 3)))).resize(size, Image.Resampling.BICUBIC)
        for size in sizes
    ]
