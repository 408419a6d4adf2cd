"""Does BLIP, which has not seen the prompt, say the same of the picture? By CLIP's text embeddings, and by words."""

from __future__ import annotations

import re
from functools import cache

import numpy as np

from sketchdesk.engine.evaluation.metrics.material import Material, Measured
from sketchdesk.engine.evaluation.scores import Value

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?")
_NO_THINGS = """
    a an the this that these those some any each every no all both one two three four five six seven eight nine ten
    and or but nor so as than then of in on at to from by with without within into onto over under above below between
    behind beside near next through across around along against about for off out up down front back top left right
    is are was were be been being am has have had do does did can could will would shall should may might must not it
    its his her their our my your he she they we you i who which what where when while there here very much many more
    most few little lot several other another same such only just also too own
    black white red green blue yellow orange purple pink brown grey gray golden silver dark bright light colorful
    colourful big small large tiny huge tall short long wide old young new beautiful pretty happy sad
    sits stands runs walks rides holds looks plays wears lies flies jumps eats drinks sleeps stand sit run walk ride
    hold look play wear lie fly jump eat drink sleep
    sketch sketches drawing drawings drawn picture pictures photo photos photograph image images painting painted
    illustration style"""
"""Words that name no thing: function words, colours and sizes, common verbs, and words for the picture itself."""


def measure(material: Material) -> Measured:
    """Return three columns; None where a picture has no prompt or no caption, or there is no such word to find."""
    rows = [one.row for one in material.scored]
    asked = [row.prompt and row.caption for row in rows]
    captions, prompts = ([getattr(row, name) for row in rows] for name in ("caption", "prompt"))
    cosines = (material.text_embeddings(captions).astype(np.float64) * material.text_embeddings(prompts)).sum(axis=1)
    style = _style_words(material.sources.style_prompt)
    columns: dict[str, list[Value | None]] = {
        "caption_cosine": [float(c) if is_asked else None for c, is_asked in zip(cosines, asked, strict=True)],
        "nouns_found": [
            share_found(things(row.prompt), row.caption) if is_asked else None
            for row, is_asked in zip(rows, asked, strict=True)
        ],
    }
    if style:
        columns["style_words"] = [share_found(style, row.caption) if row.caption else None for row in rows]
    return Measured(dict(columns))


def things(text: str) -> frozenset[str]:
    """Return the words of an English text that may name a thing, in the singular.

    There is no grammar in it: what is left when function words, common adjectives and verbs, and words in -ing and -ed
    are taken away.
    """
    found = (word for word in _WORD.findall(text.lower()) if word not in _no_things())
    return frozenset(singular(word) for word in found if not _is_verb(word))


def share_found(words: frozenset[str], text: str) -> float | None:
    """Return how many of the words, all in the singular, a text has, 0..1; None for no words."""
    there = {singular(word) for word in _WORD.findall(text.lower())}
    return len(words & there) / len(words) if words else None


def singular(word: str) -> str:
    """Return an English noun's singular by the regular endings; what has none stays."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


@cache
def _no_things() -> frozenset[str]:
    return frozenset(_NO_THINGS.split())


def _style_words(style: str) -> frozenset[str]:
    small = {"a", "an", "the", "of", "in", "and", "with", "style"}
    return frozenset(singular(word) for word in _WORD.findall(style.lower()) if word not in small)


def _is_verb(word: str) -> bool:
    return len(word) > 5 and word.endswith(("ing", "ed"))


_IRREGULAR = {"men": "man", "women": "woman", "children": "child", "people": "person", "mice": "mouse",
              "geese": "goose", "feet": "foot", "teeth": "tooth", "leaves": "leaf", "wolves": "wolf",
              "knives": "knife", "loaves": "loaf", "shelves": "shelf", "buses": "bus"}  # fmt: skip
