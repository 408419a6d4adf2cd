"""Textual inversion (Gal et al., arXiv 2208.01618): words of one or more learnt vectors, called by name in a prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from tokenizers import AddedToken
from torch import Tensor, nn
from transformers import CLIPTokenizer

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.engine.models.parts import StableDiffusion
from sketchdesk.engine.models.pickles import read_pickle
from sketchdesk.library.drawing.check import names_of_word, words_pattern
from sketchdesk.library.models.adapter_files import embedding_file
from sketchdesk.library.models.weights import SAFE_SUFFIX, safetensors_header

A1111_KEY, A1111_PICKLE_KEY = "emb_params", "string_to_param"


@dataclass(frozen=True)
class Embedding:
    """A learnt word: the names it is called by, and its vectors [n, D]."""

    names: tuple[str, ...]
    vectors: Tensor


class PromptTokenizer:
    """A tokenizer that knows learnt words too: called with text, it puts their tokens where the names stand.

    Everything else is the tokenizer's own.
    """

    def __init__(self, tokenizer: CLIPTokenizer, words: Mapping[str, str]) -> None:
        self._tokenizer = tokenizer
        longest_first = sorted(words, key=len, reverse=True)
        self._tokens = [words[name] for name in longest_first]
        self._pattern = words_pattern(longest_first)

    def __call__(self, text: str | Sequence[str], **options: Any) -> Any:
        """Tokenize text or texts as the wrapped tokenizer does."""
        texts = self.with_tokens(text) if isinstance(text, str) else [self.with_tokens(each) for each in text]
        return self._tokenizer(texts, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)

    def __len__(self) -> int:
        return len(self._tokenizer)

    def with_tokens(self, text: str) -> str:
        """Return the text with every learnt word's name replaced by its tokens."""
        return self._pattern.sub(lambda found: f" {self._tokens[(found.lastindex or 1) - 1]} ", text)


def add_embeddings(model: StableDiffusion, paths: Sequence[str], allow_pickle: bool = False) -> None:
    """Teach the model the words of these files.

    A word is called by the file's name, as `<name>` or `embedding:name`, and by the name the file gives it.

    Raises SketchDeskError: ADAPTER_MISSING, UNSAFE_WEIGHTS or CODE_IN_WEIGHTS for a pickle, MODEL_UNREADABLE for a
    broken file, ADAPTER_MISFIT for vectors of another width.
    """
    words: dict[str, str] = {}
    rows: dict[int, Tensor] = {}
    for number, name in enumerate(paths):
        path = embedding_file(name)
        embedding = read_embedding(path, allow_pickle)
        if embedding.vectors.shape[1] != model.text_encoder.config.hidden_size:
            sentence = _("The embedding “{name}” does not fit this model.").format(name=path.name)
            raise SketchDeskError(ErrorKind.ADAPTER_MISFIT, sentence, str(path))
        tokens = [f"<|word-{number}-{part}|>" for part in range(len(embedding.vectors))]
        model.tokenizer.add_tokens([AddedToken(token, normalized=False) for token in tokens])
        rows |= dict(zip(model.tokenizer.convert_tokens_to_ids(tokens), embedding.vectors, strict=True))
        words |= dict.fromkeys(embedding.names, " ".join(tokens))
        model.word_names[name] = embedding.names
    if rows:
        _write_rows(model.text_encoder, rows)
        model.tokenizer = PromptTokenizer(model.tokenizer, words)


def read_embedding(path: Path, allow_pickle: bool = False) -> Embedding:
    """Return the word a file holds, in diffusers' form ({name: vectors}) or A1111's; raises as add_embeddings does."""
    content: Any
    if path.suffix.lower() == SAFE_SUFFIX:
        safetensors_header(path)
        try:
            content = load_file(path)
        except (SafetensorError, OSError, ValueError) as error:
            raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), str(error)) from error
    elif allow_pickle:
        content = read_pickle(path)
    else:
        raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, str(path))
    inner, vectors = _word(content)
    if vectors is None or vectors.ndim not in (1, 2) or not vectors.is_floating_point() or not vectors.numel():
        raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), "no vectors of a word")
    return Embedding(names_of_word(path.stem, inner), vectors.reshape(-1, vectors.shape[-1]))


def _word(content: object) -> tuple[str, Tensor | None]:
    """Return the name inside a file, "" where it has none, and its vectors, None where it is another kind of file."""
    if not isinstance(content, Mapping):
        return "", None
    if isinstance(told := content.get(A1111_PICKLE_KEY), Mapping):
        content = told
    tensors = {str(name): value for name, value in content.items() if isinstance(value, Tensor)}
    if A1111_KEY in tensors:
        return "", tensors[A1111_KEY]
    if len(tensors) != 1:
        return "", None
    return next(iter(tensors.items()))


@torch.no_grad()
def _write_rows(text_encoder: Any, rows: dict[int, Tensor]) -> None:
    """Put vectors into the table of tokens, which grows where it ends before them."""
    old: nn.Embedding = text_encoder.get_input_embeddings()
    size = max(old.num_embeddings, max(rows) + 1)
    table = old.weight.new_zeros((size, old.embedding_dim))
    table[: old.num_embeddings] = old.weight
    for row, vector in rows.items():
        table[row] = vector.to(table)
    text_encoder.set_input_embeddings(nn.Embedding.from_pretrained(table))
