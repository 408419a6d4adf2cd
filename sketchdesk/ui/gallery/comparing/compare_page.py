"""Two pictures against each other: one over the other with a line to move, side by side, or in turns; pairs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QSizePolicy,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from sketchdesk.contracts.text import _
from sketchdesk.library.images.record import short_model
from sketchdesk.library.index.index import GalleryImage
from sketchdesk.ui.gallery.buttons import chip, icon_button
from sketchdesk.ui.gallery.comparing.blink_view import BlinkView
from sketchdesk.ui.gallery.comparing.pair_list import Pair, PairList
from sketchdesk.ui.gallery.comparing.swipe_view import SwipeView
from sketchdesk.ui.gallery.grid.thumbnails import Key, Thumbnails
from sketchdesk.ui.gallery.viewing.picture_bar import PictureBar, under_bar
from sketchdesk.ui.gallery.viewing.picture_view import PictureView, Sight
from sketchdesk.ui.gallery.words import clip_text, model_of, title_of
from sketchdesk.ui.naming import describe, named
from sketchdesk.ui.theme.manager import set_role
from sketchdesk.ui.widgets.elided import ElidedLabel
from sketchdesk.ui.widgets.quiet import ComboBox


class ComparePage(QWidget):
    """Shows pairs: those it is given, or the same-seed pairs of two models that are chosen here.

    Signals:
        closed(): Back to the grid.
        pairs_wished(str, str): Same-seed pairs of these models are wanted; answer with show_pairs().
    """

    closed = Signal()
    pairs_wished = Signal(str, str)

    def __init__(self, originals: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gallery_compare")
        self._originals = originals
        self._pair: Pair | None = None
        self._models: tuple[str, ...] = ()
        self._sight = Sight(self)
        self.bar = PictureBar("compare", self._sight)
        self._slider = chip("compare_slider_button", "chevrons-left-right", checkable=True)
        self._beside = chip("compare_beside_button", "columns-2", checkable=True)
        self._blink = chip("compare_blink_button", "eye", checkable=True)
        self._modes = QButtonGroup(self)
        self._left_model = named(ComboBox(), "compare_left_model")
        self._right_model = named(ComboBox(), "compare_right_model")
        self._swap = icon_button("compare_swap_button", "arrow-up-down")
        self.swipe = named(SwipeView(self._sight), "compare_swipe")
        self.blink = named(BlinkView(self._sight), "compare_blink")
        self.left = named(PictureView(self._sight), "compare_left")
        self.right = named(PictureView(self._sight), "compare_right")
        self._captions = tuple(named(ElidedLabel(), f"compare_{side}_caption") for side in ("left", "right"))
        self.pairs = PairList()
        self._build()
        self._connect()
        self.retranslate()

    def _build(self) -> None:
        for place, button in enumerate((self._slider, self._beside, self._blink)):
            self._modes.addButton(button, place)
        self._slider.setChecked(True)
        for combo in (self._left_model, self._right_model):
            combo.setMinimumWidth(88)
            combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.bar.add(self._slider, self._beside, self._blink)
        self.bar.add(self._left_model, stretch=1)
        self.bar.add(self._swap)
        self.bar.add(self._right_model, stretch=1)
        self._build_pictures()
        under_bar(self, self.bar, self._splitter)
        self.setFocusProxy(self.swipe)

    def _build_pictures(self) -> None:
        captions = QHBoxLayout()
        captions.setContentsMargins(16, 8, 16, 0)
        captions.setSpacing(16)
        self._captions[1].setAlignment(Qt.AlignmentFlag.AlignRight)
        for caption in self._captions:
            set_role(caption, "heading")
            captions.addWidget(caption, 1)
        both = QWidget()
        beside = QHBoxLayout(both)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(1)
        beside.addWidget(self.left, 1)
        beside.addWidget(self.right, 1)
        self._views = QStackedWidget()
        for view in (self.swipe, both, self.blink):
            self._views.addWidget(view)
        pictures = QWidget()
        column = QVBoxLayout(pictures)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(captions)
        column.addWidget(self._views, 1)
        self._splitter = named(QSplitter(Qt.Orientation.Horizontal), "compare_splitter")
        self._splitter.addWidget(self.pairs)
        self._splitter.addWidget(pictures)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([250, 650])
        self._splitter.setChildrenCollapsible(False)

    def _connect(self) -> None:
        self.bar.back_pressed.connect(self.closed)
        self._modes.buttonClicked.connect(self._on_mode)
        self._swap.clicked.connect(self._on_swap)
        self._left_model.activated.connect(self._on_models)
        self._right_model.activated.connect(self._on_models)
        self.pairs.chosen.connect(self._on_pair)
        self._originals.arrived.connect(self._on_arrived)

    def retranslate(self) -> None:
        """Take the language in use."""
        self.bar.retranslate()
        self._slider.setText(_("Slider"))
        describe(self._slider, _("One picture over the other, with a line to move (Left and Right)"))
        self._beside.setText(_("Side by side"))
        describe(self._beside, _("Both pictures, zoomed and moved as one"))
        self._blink.setText(_("Blink"))
        describe(self._blink, _("Now one picture, now the other, in the same place; the space bar stops and turns"))
        describe(self._left_model, _("The model at the left: pairs at the same prompt and seed"))
        describe(self._right_model, _("The model at the right: pairs at the same prompt and seed"))
        describe(self._swap, _("Change sides"))
        self.swipe.setAccessibleName(_("Both pictures: Left and Right move the line between them"))
        self.blink.setAccessibleName(_("Both pictures in turns: the space bar stops, and shows the other one"))
        self.left.setAccessibleName(_("The picture at the left"))
        self.right.setAccessibleName(_("The picture at the right"))
        for combo in (self._left_model, self._right_model):
            combo.setPlaceholderText(_("Selected pictures"))
        self.pairs.retranslate()
        self._show()

    # --- what is compared ----------------------------------------------------------------------------------------

    def set_models(self, models: Sequence[str]) -> None:
        """Offer the models that have drawn something."""
        if tuple(models) == self._models:
            return
        self._models = tuple(models)
        for combo in (self._left_model, self._right_model):
            chosen = combo.currentData()
            combo.clear()
            for model in models:
                combo.addItem(short_model(model), model)
                combo.setItemData(combo.count() - 1, model, Qt.ItemDataRole.ToolTipRole)
            combo.setCurrentIndex(combo.findData(chosen))

    def show_selected(self, pairs: Sequence[Pair]) -> None:
        """Compare chosen pictures."""
        for combo in (self._left_model, self._right_model):
            combo.setCurrentIndex(-1)
        self.pairs.show_pairs(pairs)

    def choose_models(self, left: str, right: str) -> None:
        """Ask for the same-seed pairs of two models."""
        self._left_model.setCurrentIndex(self._left_model.findData(left))
        self._right_model.setCurrentIndex(self._right_model.findData(right))
        self._on_models()

    def show_pairs(self, pairs: Sequence[Pair]) -> None:
        """Show the pairs that were wished."""
        self.pairs.show_pairs(pairs)

    @property
    def pair(self) -> Pair | None:
        """What is compared now."""
        return self._pair

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back, Up and Down to other pairs."""
        match event.key():
            case Qt.Key.Key_Escape:
                self.closed.emit()
            case Qt.Key.Key_Up:
                self.pairs.step(-1)
            case Qt.Key.Key_Down:
                self.pairs.step(1)
            case _:
                super().keyPressEvent(event)

    @Slot()
    def zoom_in(self) -> None:
        """Show both larger."""
        self._view().zoom(1)

    @Slot()
    def zoom_out(self) -> None:
        """Show both smaller."""
        self._view().zoom(-1)

    # --- inside --------------------------------------------------------------------------------------------------

    def _view(self) -> PictureView:
        return (self.swipe, self.left, self.blink)[self._modes.checkedId()]

    def _show(self) -> None:
        pair = self._pair
        if pair is None:
            text = _("No two pictures of these models share prompt, seed and size yet.")
            if self._left_model.currentIndex() < 0 or self._right_model.currentIndex() < 0:
                text = _("Choose two models above to compare their pictures at the same seeds.")
            self.swipe.show_images(None, None, text)
            self.blink.show_images(None, None, text=text)
            self.left.show_image(None, text)
            self.right.show_image(None)
            for caption in self._captions:
                caption.set_full_text("")
            return
        keys = [Key(image.path, image.mtime_ns, 0) for image in pair]
        self._originals.want([*keys, *(Key(one.path, one.mtime_ns, 0) for one in self.pairs.ahead())])
        left, right = (self._originals.get(key) for key in keys)
        missing = any(image is not None and image.isNull() for image in (left, right))
        text = _("This picture cannot be read.") if missing else _("Reading …")
        self.swipe.show_images(left, right, text)
        self.blink.show_images(left, right, _names(pair), text)
        self.left.show_image(left, text)
        self.right.show_image(right, text)
        for caption, image in zip(self._captions, pair, strict=True):
            caption.set_full_text(_caption(image))

    @Slot(object)
    def _on_pair(self, pair: Pair | None) -> None:
        self._pair = pair
        self._sight.fit()
        self._show()

    @Slot(object)
    def _on_arrived(self, key: Key) -> None:
        if self._pair and any(key.path == image.path for image in self._pair):
            self._show()

    @Slot()
    def _on_mode(self) -> None:
        self._views.setCurrentIndex(self._modes.checkedId())
        self.setFocusProxy(self._view())

    @Slot()
    def _on_swap(self) -> None:
        left, right = self._left_model.currentIndex(), self._right_model.currentIndex()
        self._left_model.setCurrentIndex(right)
        self._right_model.setCurrentIndex(left)
        self.pairs.swap()

    @Slot()
    def _on_models(self) -> None:
        left, right = self._left_model.currentData(), self._right_model.currentData()
        if left and right:
            self.pairs_wished.emit(left, right)
        else:
            self.pairs.show_pairs([])


def _names(pair: Pair) -> tuple[str, str]:
    """Return what to call the two while they blink: the models, or the seeds where one model drew both."""
    left, right = (model_of(image) or title_of(image) for image in pair)
    if left == right:
        left, right = (_("seed {seed}").format(seed=one.record.seed) if one.record else one.path.name for one in pair)
    return left, right


def _caption(image: GalleryImage) -> str:
    return " · ".join(part for part in (model_of(image) or title_of(image), clip_text(image)) if part)
