"""How many tokens a model's own tokenizer makes of a caption, counted without loading the model, or torch."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.files.loose import mapping, whole
from sketchdesk.library.models.clip_words import END, MAX_TOKENS, START, WORD_END, clip_vocabulary

BETWEEN = 2
"""The tokens for the beginning and the end of a text."""
PORTION = 1000
"""How many texts are counted before anybody is asked whether to go on."""
_WORDS = r"""<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"""
"""How CLIP's tokenizer parts a text into words (Radford et al., 2103.00020)."""


class TokenCounter:
    """Counts a model's tokens. `limit` is how many its text encoder reads, beginning and end included."""

    def __init__(self, tokenizer: Any, limit: int) -> None:
        self._tokenizer, self.limit = tokenizer, limit
        self._known: dict[str, int] = {}

    @classmethod
    def of(cls, model: Path) -> TokenCounter:
        """Read a model folder's tokenizer; CLIP's own for a single file. Raises SketchDeskError(MODEL_UNREADABLE)."""
        if model.is_file():
            return cls.of_clip()
        folder = model / "tokenizer"
        try:
            limit = whole(mapping(_json(folder / "tokenizer_config.json")).get("model_max_length"))
            whole_file = folder / "tokenizer.json"
            if whole_file.is_file():
                from tokenizers import Tokenizer

                tokenizer = Tokenizer.from_file(str(whole_file))
                tokenizer.no_truncation()
                tokenizer.no_padding()
            else:
                lines = (folder / "merges.txt").read_text(encoding="utf-8").splitlines()
                merges = [pair for line in lines if len(pair := line.split(" ")) == 2 and not line.startswith("#v")]
                tokenizer = _clip(_json(folder / "vocab.json"), [(left, right) for left, right in merges])
        except Exception as error:  # tokenizers raises plain Exceptions
            raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(model), f"{type(error).__name__}: {error}") from error
        return cls(tokenizer, limit if limit and limit <= 4096 else MAX_TOKENS)

    @classmethod
    def of_clip(cls) -> TokenCounter:
        """Return CLIP's own, which most Stable Diffusion models have."""
        return cls(_clip(*clip_vocabulary()), MAX_TOKENS)

    def counts(self, texts: Sequence[str], check: Callable[[], None] = lambda: None) -> list[int]:
        """Return how many tokens each text has, beginning and end included, however many are read of them.

        A text is counted once: captions are counted again and again while single ones change. `check` is called now
        and then; what it raises ends the counting, and what was counted till then is known.
        """
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        for first in range(0, len(new), PORTION):
            check()
            portion = new[first : first + PORTION]
            encoded = self._tokenizer.encode_batch_fast(portion, add_special_tokens=False)
            self._known |= {text: len(one.ids) + BETWEEN for text, one in zip(portion, encoded, strict=True)}
        return [self._known[text] for text in texts]


def _clip(vocabulary: dict[str, int], merges: list[tuple[str, str]]) -> Any:
    """Return CLIP's tokenizer for a vocabulary: lower case, words parted, bytes merged in order."""
    from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
    from tokenizers.models import BPE

    tokenizer = Tokenizer(
        BPE(vocab=vocabulary, merges=merges, continuing_subword_prefix="", end_of_word_suffix=WORD_END, unk_token=END)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(_WORDS), behavior="removed", invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])
    tokenizer.add_special_tokens([mark for mark in (START, END) if mark in vocabulary])  # found in texts as well
    return tokenizer


def _json(file: Path) -> Any:
    return json.loads(file.read_bytes())
