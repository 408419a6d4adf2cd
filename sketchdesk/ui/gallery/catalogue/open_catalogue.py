"""The catalogue that counts: of the folders that the settings name, told what the engine draws and scores."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from sketchdesk.contracts.events import ImageSaved, JobEnded, ScoreReady
from sketchdesk.library.settings import Settings
from sketchdesk.ui.gallery.catalogue.calm_walk import CalmWalk
from sketchdesk.ui.gallery.catalogue.catalogue import Catalogue
from sketchdesk.ui.gallery.grid.thumbnails import Thumbnails
from sketchdesk.ui.settings_store import SettingsStore
from sketchdesk.workers.runner import JobRunner


class OpenCatalogue(QObject):
    """Keeps one catalogue open, another one when the settings name other folders. End it with shutdown().

    Signals:
        opened(Catalogue): This one counts from now on; the one before tells nothing more.
    """

    opened = Signal(object)

    def __init__(
        self, runner: JobRunner, store: SettingsStore, thumbnails: Thumbnails, parent: QObject | None = None
    ) -> None:
        """Where disks are looked through by themselves, `thumbnails` come first."""
        super().__init__(parent)
        self._runner = runner
        self._folders = store.value.all_image_folders
        self._calm_walk = CalmWalk(thumbnails, self)
        self.catalogue = Catalogue(self._folders, self)
        runner.image_saved.connect(self._on_image_saved)
        runner.job_ended.connect(self._on_job_ended)
        runner.score_ready.connect(self._on_score)
        store.changed.connect(self._on_settings)

    def begin(self) -> None:
        """Tell of the first catalogue."""
        self._calm_walk.use(self.catalogue)
        self.opened.emit(self.catalogue)

    @Slot()
    def look_on_disk(self) -> None:
        """Look soon what has changed in the folders."""
        self._calm_walk.wish()

    def shutdown(self) -> None:
        """End every thread and timer."""
        self._calm_walk.shutdown()
        self.catalogue.shutdown()

    @Slot(ImageSaved)
    def _on_image_saved(self, event: ImageSaved) -> None:
        self.catalogue.image_saved(Path(event.path), self._runner.run(event.job_id).title)

    @Slot(JobEnded)
    def _on_job_ended(self, event: JobEnded) -> None:
        if event.state == "failed":  # an engine that died may have saved what it could not tell any more
            self.look_on_disk()

    @Slot(ScoreReady)
    def _on_score(self, event: ScoreReady) -> None:
        self.catalogue.image_scored(Path(event.path), event.values, event.caption)

    @Slot(Settings)
    def _on_settings(self, settings: Settings) -> None:
        folders = settings.all_image_folders
        if folders == self._folders:
            return
        left = [folder for folder in self._folders if folder not in folders]
        self._folders = folders
        self.catalogue.shutdown()
        self.catalogue.deleteLater()
        self.catalogue = Catalogue(folders, self)
        self.begin()
        self.catalogue.leave(left)
        self.catalogue.walk()
