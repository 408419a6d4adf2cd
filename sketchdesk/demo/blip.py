"""The demo's captioner: a small BlipForConditionalGeneration that tells what a picture shows and in which style."""

from __future__ import annotations

import json
import random
from itertools import islice
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import BertTokenizer, BlipConfig, BlipForConditionalGeneration, BlipImageProcessorPil

from sketchdesk.demo.autoencoder import pixels
from sketchdesk.demo.captions import caption, corpus
from sketchdesk.demo.clip import SIDE_PX, halved
from sketchdesk.demo.fit import FitRecipe, Say, fit
from sketchdesk.demo.scenes import Scene
from sketchdesk.demo.sprites import Style
from sketchdesk.demo.tokenizer import STYLE_PHRASES
from sketchdesk.demo.views import softened, views

VISION_SHAPE = {
    "image_size": SIDE_PX, "patch_size": 8, "hidden_size": 192, "intermediate_size": 768, "num_hidden_layers": 4,
    "num_attention_heads": 3, "initializer_range": 0.02,
}
TEXT_SHAPE = {
    "hidden_size": 192, "intermediate_size": 768, "num_hidden_layers": 3, "num_attention_heads": 3,
    "max_position_embeddings": 40,
}
BATCH = 96
RECIPE = FitRecipe(steps=1500, warmup_steps=30, decay_share=0.7)

STYLE_WORDS: dict[Style, str] = {"colour": "a colour picture of", "sketch": "a black and white drawing of"}

NO_LABEL = -100
"""Marks the padding, which has nothing to be predicted."""

PAD, UNKNOWN, CLS, SEP, MASK, DECODE = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]"


def told(scene: Scene) -> str:
    """Return the caption the model learns for a scene: its style, its nouns from left to right, its setting."""
    return f"{STYLE_WORDS[scene.style]} {caption(scene, style_words=False)}"


def build_tokenizer(folder: Path) -> BertTokenizer:
    """Write a WordPiece tokenizer of whole words and single letters into `folder` and return it as read back.

    Every word of the captions is one token; any other is spelt in letters, and only strange signs are unknown.
    """
    folder.mkdir(parents=True, exist_ok=True)
    words = sorted({word for text in [*corpus(), *STYLE_PHRASES, *STYLE_WORDS.values()] for word in text.split()})
    letters = [chr(code) for code in range(ord("!"), ord("~") + 1) if not chr(code).isupper()]
    tokens = [PAD, UNKNOWN, CLS, SEP, MASK, *letters, *("##" + letter for letter in letters), *words, DECODE]
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(tokens)) + "\n", encoding="utf-8")
    settings = {
        "tokenizer_class": "BertTokenizer", "do_lower_case": True,
        "model_max_length": TEXT_SHAPE["max_position_embeddings"], "pad_token": PAD, "unk_token": UNKNOWN,
        "cls_token": CLS, "sep_token": SEP, "mask_token": MASK, "bos_token": DECODE,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    return BertTokenizer.from_pretrained(folder, local_files_only=True)


def new_model(tokenizer: BertTokenizer) -> BlipForConditionalGeneration:
    """Return the untrained model; captions start with [DEC] and end with [SEP], as BLIP's do."""
    text = {
        **TEXT_SHAPE, "vocab_size": len(tokenizer), "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.sep_token_id, "sep_token_id": tokenizer.sep_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    return BlipForConditionalGeneration(BlipConfig(text_config=text, vision_config=VISION_SHAPE))


def caption_loss(
    model: BlipForConditionalGeneration, tokenizer: BertTokenizer, prepared: Tensor, scenes: list[Scene]
) -> Tensor:
    """Return the cross entropy of each next token of the scenes' captions, given prepared pictures [B, 3, H, W]."""
    words = tokenizer([told(scene) for scene in scenes], padding=True, return_tensors="pt")
    ids, mask = words.input_ids, words.attention_mask
    ids[:, 0] = tokenizer.bos_token_id
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(pixel_values=prepared, input_ids=ids, attention_mask=mask).logits
    next_ids = ids.masked_fill(mask == 0, NO_LABEL)[:, 1:]
    return F.cross_entropy(logits[:, :-1].float().flatten(0, 1), next_ids.flatten(), ignore_index=NO_LABEL)


def train(folder: Path, say: Say, recipe: FitRecipe = RECIPE) -> BlipForConditionalGeneration:
    """Train the captioner on training scenes; checkpoints go to folder/blip and are resumed from there."""
    torch.manual_seed(0)
    tokenizer = build_tokenizer(folder / "blip-tokenizer")
    model = new_model(tokenizer).train()
    stream = views(random.randrange(2**31))

    def loss_at(step: int) -> Tensor:
        seen = list(islice(stream, BATCH))
        prepared = softened(pixels(halved([picture for _, picture in seen])))
        return caption_loss(model, tokenizer, prepared, [scene for scene, _ in seen])

    fit(model, loss_at, recipe, folder / "blip", say)
    return model.eval()


def save(model: BlipForConditionalGeneration, folder: Path) -> None:
    """Write model (fp16), tokenizer and picture preparation as a stock BLIP folder."""
    build_tokenizer(folder)
    model.half().save_pretrained(folder)
    square = {"height": SIDE_PX, "width": SIDE_PX}
    BlipImageProcessorPil(size=square, image_mean=[0.5] * 3, image_std=[0.5] * 3).save_pretrained(folder)


def build(work: Path, models: Path, say: Say) -> Path:
    """Train demo-blip, going on from the newest checkpoint in `work`, and write it into `models`."""
    save(train(work, say), models / "demo-blip")
    return models / "demo-blip"
