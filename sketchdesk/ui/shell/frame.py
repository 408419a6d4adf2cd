"""Where everything is: top bar, the prompt beside the gallery, the other pages, the queue, the foot."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from sketchdesk.library.window_state import JSON, PanelState
from sketchdesk.ui.naming import named
from sketchdesk.ui.queue.queue_view import QueueView
from sketchdesk.ui.queue.strip import QueueStrip
from sketchdesk.ui.shell.message_bar import MessageBar
from sketchdesk.ui.shell.status import StatusLine
from sketchdesk.ui.shell.top_bar import TopBar
from sketchdesk.ui.theme.manager import set_role

GALLERY, TRAINING, EVALUATION, MODELS = range(4)
PROMPT_PX, QUEUE_PX = 320, 220
FOOT_PX = 32


class Frame(QWidget):
    """Puts the parts in place and remembers their sizes; it knows nothing of what they do.

    Signals:
        page_changed(int): Another page is on show.
    """

    page_changed = Signal(int)

    def __init__(
        self,
        top_bar: TopBar,
        prompt: QWidget,
        pages: list[QWidget],
        queue: QueueView,
        strip: QueueStrip,
        messages: MessageBar,
        status: StatusLine,
    ) -> None:
        super().__init__()
        self.setObjectName("frame")
        self._top_bar, self._prompt, self._queue, self._strip = top_bar, prompt, queue, strip
        self._desk = _splitter("desk_splitter", Qt.Orientation.Horizontal, prompt, pages[GALLERY])
        self._desk.setSizes([PROMPT_PX, 1000])
        self._pages = named(QStackedWidget(), "pages")
        for page in (self._desk, *pages[1:]):
            self._pages.addWidget(page)
        self._column = _splitter("queue_splitter", Qt.Orientation.Vertical, self._pages, queue)
        self._column.setStretchFactor(0, 1)
        self._column.setStretchFactor(1, 0)
        self._column.setSizes([600, QUEUE_PX])
        self._splitters = {"desk": self._desk, "column": self._column}
        self._restored: PanelState = {}
        queue.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(top_bar)
        layout.addWidget(self._column, 1)
        for widget in (strip, messages.panel, _foot(messages, status)):
            layout.addWidget(widget)
        top_bar.page_chosen.connect(self.show_page)
        strip.list_toggled.connect(self.toggle_queue)
        queue.closed.connect(self.toggle_queue)
        top_bar.show_page(GALLERY)

    @property
    def pages(self) -> QStackedWidget:
        """What the pages lie in."""
        return self._pages

    @property
    def page(self) -> int:
        """The page on show: GALLERY, TRAINING, EVALUATION or MODELS."""
        return self._pages.currentIndex()

    @property
    def prompt_is_shown(self) -> bool:
        """Whether the prompt panel is open, beside the gallery."""
        return not self._prompt.isHidden()

    @Slot(int)
    def show_page(self, number: int) -> None:
        """Bring a page to the front."""
        if number != self.page:
            self._pages.setCurrentIndex(number)
            self.page_changed.emit(number)
        self._top_bar.show_page(number)

    @Slot()
    def toggle_prompt(self) -> None:
        """Close the prompt panel, or open it; from another page it is gone to."""
        if self.page == GALLERY:
            self._prompt.setVisible(not self.prompt_is_shown)
        else:
            self.show_prompt()

    def set_page(self, number: int, page: QWidget) -> None:
        """Put a page in the place of the one that kept it free."""
        shown, old = self.page, self._pages.widget(number)
        self._pages.insertWidget(number, page)
        if old is not None:
            self._pages.removeWidget(old)
            old.deleteLater()
        self._pages.setCurrentIndex(shown)

    def show_prompt(self) -> None:
        """Go to the gallery with the prompt panel open."""
        self.show_page(GALLERY)
        self._prompt.show()

    @Slot()
    def toggle_queue(self) -> None:
        """Open the list of jobs, or close it."""
        self.show_queue(self._queue.isHidden())

    def show_queue(self, is_open: bool) -> None:
        """Open or close the list of jobs."""
        self._queue.setVisible(is_open)
        self._strip.set_list_open(is_open)

    def save_state(self) -> PanelState:
        """Return which page is on show, what is open, and the sizes."""
        return {
            "page": self.page,
            "prompt": self.prompt_is_shown,
            "queue": not self._queue.isHidden(),
            **{name: self._sizes(name, splitter) for name, splitter in self._splitters.items()},
        }

    def _sizes(self, name: str, splitter: QSplitter) -> JSON:
        """Return a splitter's sizes; one that was never seen has none of its own, what was restored stays."""
        return list(splitter.sizes()) if splitter.width() == self.width() else self._restored.get(name)

    def restore_state(self, state: PanelState) -> None:
        """Take them back; what makes no sense is passed over."""
        self._restored = state
        for name, splitter in self._splitters.items():
            match state.get(name):
                case [int(first), int(second)] if first >= 0 and second > 0:
                    splitter.setSizes([first, second])
        if isinstance(page := state.get("page"), int) and 0 <= page < self._pages.count():
            self.show_page(page)
        if isinstance(shown := state.get("prompt"), bool):
            self._prompt.setVisible(shown)
        if isinstance(is_open := state.get("queue"), bool):
            self.show_queue(is_open)


def _splitter(name: str, direction: Qt.Orientation, first: QWidget, second: QWidget) -> QSplitter:
    splitter = named(QSplitter(direction), name)
    splitter.setChildrenCollapsible(False)
    splitter.addWidget(first)
    splitter.addWidget(second)
    splitter.setStretchFactor(0, 0)
    splitter.setStretchFactor(1, 1)
    return splitter


def _foot(messages: MessageBar, status: StatusLine) -> QFrame:
    foot = named(QFrame(), "foot")
    set_role(foot, "foot")
    foot.setFixedHeight(FOOT_PX)
    layout = QHBoxLayout(foot)
    layout.setContentsMargins(16, 0, 16, 0)
    layout.setSpacing(24)
    layout.addWidget(messages, 1)
    layout.addWidget(status)
    return foot
