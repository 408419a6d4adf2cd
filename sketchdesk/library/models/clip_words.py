"""The vocabulary of CLIP's tokenizer, from the shipped merges: single files come without one."""

from __future__ import annotations

import gzip

from sketchdesk.library.paths import resource

MERGES_FILE = "clip/merges.txt.gz"
START, END, WORD_END = "<|startoftext|>", "<|endoftext|>", "</w>"
MAX_TOKENS = 77


def clip_vocabulary() -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Return CLIP's tokens and merges, from the shipped merges by CLIP's published scheme.

    256 byte symbols, the same again at the end of a word, one token for each merge in order, then the start and the
    end of a text: 49,408 in all.
    """
    lines = gzip.decompress(resource(MERGES_FILE).read_bytes()).decode("utf-8").splitlines()
    merges = [(left, right) for left, right in (line.split() for line in lines)]
    letters = byte_symbols()
    tokens = [*letters, *(letter + WORD_END for letter in letters), *("".join(pair) for pair in merges), START, END]
    return {token: number for number, token in enumerate(tokens)}, merges


def byte_symbols() -> list[str]:
    """Return the printable symbol of each byte in the vocabulary's order: printable bytes stand for themselves and
    come first, the others are numbered on from 256.
    """
    printable = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
    rest = 256 - len(printable)
    return [chr(byte) for byte in printable] + [chr(256 + number) for number in range(rest)]
