"""A tab that is not seen first: loaded once the window has been painted, and built in turns or when it is needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any, Generic, TypeVar, cast

from PySide6.QtWidgets import QWidget

from sketchdesk.contracts.text import language
from sketchdesk.ui.loading import load
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.ui.theme.manager import dressing
from sketchdesk.ui.turns import Turns
from sketchdesk.workers.background import Background
from sketchdesk.workers.runner import JobRunner

T = TypeVar("T", bound=QWidget)


class LateTab(Generic[T]):
    """One tab, of a module whose `build_tab(runner, store, parent)` gives its steps; the last step is the tab."""

    def __init__(
        self, module: str, runner: JobRunner, store: SettingsStore, parent: QWidget, then: Callable[[T], object]
    ) -> None:
        """`parent` is what the tab will lie in, so that it is dressed bit by bit; `then` takes it in."""
        self._module, self._runner, self._store = module, runner, store
        self._parent, self._then = parent, then
        self._tab: T | None = None
        self._loading: Turns | None = None
        self._turns: Turns | None = None
        self._after: Callable[[], object] | None = None

    @property
    def tab(self) -> T:
        """The tab; what is not built of it yet is built now."""
        self.complete()
        assert self._tab is not None
        return self._tab

    def complete(self) -> None:
        """Build now what is not built of it yet."""
        self._begin()
        if self._tab is None and self._turns:
            self._turns.finish()

    def load(self, background: Background, after: Callable[[], object] | None = None) -> None:
        """Import it in a thread, then build it while the window goes on; then do what comes `after` it."""
        self._after = after
        self._loading = load(self._module, background, self._begin, self._parent)

    def stop(self) -> None:
        """Build no more of it."""
        for turns in (self._loading, self._turns):
            if turns:
                turns.stop()

    def _begin(self, _module: object = None) -> None:
        self._turns = self._turns or Turns(self._steps(), self._parent)

    def _steps(self) -> Iterator[T | None]:
        began_in = language()
        for tab in import_module(self._module).build_tab(self._runner, self._store, self._parent):
            yield tab
        assert tab is not None
        if language() != began_in:  # what was built before the change
            cast("Any", tab).retranslate()
        self._tab = tab
        self._then(tab)
        yield tab
        yield from dressing(tab)
        if self._after:
            self._after()
