"""The report of a data set whose captions change: made beside the window, which never waits for it."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from sketchdesk.library.dataset.captions import CaptionEdits, Edit
from sketchdesk.library.dataset.check import Seen, SetFacts
from sketchdesk.library.dataset.facts import PictureFacts
from sketchdesk.library.dataset.token_counts import PORTION, TokenCounter
from sketchdesk.ui.training.dataset.set_recount import SetRecount

PATIENCE_S = 20


class SlowTokenizer:
    """Takes as long for its first texts as a test lets it."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()
        self.texts = 0

    def encode_batch_fast(self, texts: list[str], add_special_tokens: bool) -> list[SimpleNamespace]:
        """Give each text a token a word."""
        self.began.set()
        self.may_end.wait(PATIENCE_S)
        self.texts += len(texts)
        return [SimpleNamespace(ids=text.split()) for text in texts]


@pytest.fixture
def tokenizer():
    made = SlowTokenizer()
    yield made
    made.may_end.set()


@pytest.fixture
def facts(tokenizer) -> SetFacts:
    seen = tuple(
        Seen(f"{n}.png", f"caption {n}", 1, PictureFacts(width=64, height=64, digest=str(n)))
        for n in range(3 * PORTION)
    )
    return SetFacts("letters", seen, tuple(range(len(seen))), (), counter=TokenCounter(tokenizer, 77))


@pytest.fixture
def recount(qapp, facts):
    made = SetRecount()
    made.follow(facts)
    yield made
    made.shutdown()


def counting() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "recount"]


def test_the_newest_captions_are_counted(qtbot, recount, tokenizer):
    tokenizer.may_end.set()
    recount.ask(CaptionEdits("", {"0.png": Edit("one")}))
    with qtbot.waitSignal(recount.counted, timeout=30_000) as told:
        recount.ask(CaptionEdits("", {"0.png": Edit("one two three")}))
    assert told.args[0].token_counts[:2] == (5, 4)


def test_closing_does_not_wait_for_a_report_and_ends_it_soon(qtbot, recount, tokenizer):
    told = []
    recount.counted.connect(told.append)
    recount.ask(CaptionEdits("", {"0.png": Edit("one")}))
    qtbot.waitUntil(tokenizer.began.is_set, timeout=30_000)
    recount.shutdown()
    assert tokenizer.texts == 0, "closing waited for the report"
    (thread,) = counting()
    tokenizer.may_end.set()
    thread.join(PATIENCE_S)
    assert not thread.is_alive()
    assert tokenizer.texts == PORTION, "the rest was counted for nobody"
    qtbot.wait(1)
    assert told == []


def test_a_set_that_is_looked_at_again_is_counted_again(qtbot, recount, facts, tokenizer):
    recount.ask(CaptionEdits("", {"0.png": Edit("of the old look")}))
    qtbot.waitUntil(tokenizer.began.is_set, timeout=30_000)
    recount.follow(facts)
    recount.ask(CaptionEdits("", {"0.png": Edit("new")}))
    with qtbot.waitSignal(recount.counted, timeout=30_000) as told:
        tokenizer.may_end.set()
    assert told.args[0].token_counts[0] == 3
