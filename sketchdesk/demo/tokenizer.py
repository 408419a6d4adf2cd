"""The demo's tokenizer: a byte-level CLIP BPE learnt from the captions, in the files a stock CLIPTokenizer reads."""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTokenizer

from sketchdesk.demo.captions import corpus

START, END, WORD_END = "<|startoftext|>", "<|endoftext|>", "</w>"
MAX_TOKENS = 32
"""Positions of a caption, both special tokens counted; the longest caption takes 21."""

STYLE_PHRASES = [
    "a colour picture of",
    "a black and white drawing of",
    "a drawing of", "a sketch of", "a picture of", "a photo of", "a statue of",
]
"""Words the scorers' captions and the reports' prompts use beside those of the demo's own captions."""


def build_tokenizer(folder: Path) -> CLIPTokenizer:
    """Learn the tokenizer, write its files into `folder` and return it as read back from there.

    The end token has the largest id: CLIP's text model looks for the largest id when the configuration's end token
    is the old 2, and for the configured id otherwise, so that this numbering is right either way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    merges = _learn_merges([*corpus(), *STYLE_PHRASES])
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    # Every byte twice, within a word and at its end, so that no text is unknown.
    tokens = [*alphabet, *(byte + WORD_END for byte in alphabet), *(left + right for left, right in merges), START, END]
    vocabulary = {token: index for index, token in enumerate(dict.fromkeys(tokens))}
    special = {"bos_token": START, "eos_token": END, "unk_token": END, "pad_token": END}
    _write_json(folder / "vocab.json", vocabulary)
    lines = ["#version: 0.2", *(f"{left} {right}" for left, right in merges)]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    _write_json(folder / "special_tokens_map.json", special)
    settings = {**special, "tokenizer_class": "CLIPTokenizer", "model_max_length": MAX_TOKENS, "do_lower_case": True}
    _write_json(folder / "tokenizer_config.json", settings)
    return CLIPTokenizer.from_pretrained(folder, local_files_only=True)


def _learn_merges(texts: list[str]) -> list[tuple[str, str]]:
    """Return the pairs to join, most frequent first, until every word is one token."""
    learner = Tokenizer(models.BPE(end_of_word_suffix=WORD_END))
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]
    )
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=4096, initial_alphabet=alphabet, end_of_word_suffix=WORD_END, show_progress=False
    )
    learner.train_from_iterator(texts, trainer)
    return [tuple(pair) for pair in json.loads(learner.to_str())["model"]["merges"]]


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
