"""Where one has been in the guide, and the way back and forward."""

from __future__ import annotations

from sketchdesk.library.guide.pages import Place


class History:
    """A row of places with one that is read now; going somewhere new forgets what lay ahead."""

    def __init__(self, place: Place) -> None:
        self._places = [place]
        self._at = 0

    @property
    def place(self) -> Place:
        """What is read now."""
        return self._places[self._at]

    @property
    def can_go_back(self) -> bool:
        """Whether there is a place before."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a place one came back from."""
        return self._at + 1 < len(self._places)

    def go(self, place: Place) -> None:
        """Read something else; the same place again changes nothing."""
        if place != self.place:
            self._places[self._at + 1 :] = [place]
            self._at += 1

    def leave(self, place: Place) -> None:
        """Note how far one has read in the present place, so that the way back leads there."""
        self._places[self._at] = place

    def back(self, left: Place) -> bool:
        """Go to the place before; False where there is none. `left` is how far one has read here."""
        return self._move(-1, left) if self.can_go_back else False

    def forward(self, left: Place) -> bool:
        """Go to the place one came back from; False where there is none."""
        return self._move(1, left) if self.can_go_forward else False

    def _move(self, by: int, left: Place) -> bool:
        self.leave(left)
        self._at += by
        return True
