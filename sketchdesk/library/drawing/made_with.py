"""Whether the files that made a picture are still what they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.contracts.text import _
from sketchdesk.library.drawing.found_here import SHORTEST_HASH
from sketchdesk.library.drawing.source_picture import file_hash
from sketchdesk.library.images.record import ImageRecord, short_model
from sketchdesk.library.models.adapter_files import embedding_file, lora_file, lora_hash
from sketchdesk.library.models.installed import check_model, locate
from sketchdesk.library.models.notes import model_hash
from sketchdesk.library.models.schedules import schedule_of_file
from sketchdesk.library.models.tiny_decoder import find_tiny_decoder
from sketchdesk.library.models.weights import UNSAFE_SUFFIXES

Tell = Callable[[int], None]


class Checker:
    """Compares pictures' files with the checksums in their records; each file is looked at once.

    `tell` hears how many bytes each step has read; it may raise to end a long look.
    """

    def __init__(self, tell: Tell | None = None) -> None:
        self._tell = tell
        self._seen: dict[tuple[Callable[..., str], Path], str] = {}

    def changes(self, record: ImageRecord) -> list[str]:
        """Return a sentence for each file that is not what it was; one that is missing is told when it is needed.

        Reads the files, unless their checksums are known (library.models.notes).
        """
        of_each = (self._of_model, self._of_decoder, self._of_added, self._of_source)
        return [change for of_one in of_each for change in of_one(record)]

    def _of_model(self, record: ImageRecord) -> Iterator[str]:
        path = locate(record.model)
        if path is None:
            return
        if self._differs(model_hash, path, record.model_hash):
            yield _("The model “{name}” has changed since it drew this picture.").format(name=short_model(record.model))
            return
        schedule = schedule_of_file(path) if record.scheduler else None
        if schedule is not None and schedule != record.scheduler:
            sentence = _("What “{name}” predicts is set otherwise than when it drew this picture.")
            yield sentence.format(name=short_model(record.model))

    def _of_decoder(self, record: ImageRecord) -> Iterator[str]:
        model = locate(record.model) if record.decoder_hash else None
        decoder = find_tiny_decoder(model) if model else None
        if decoder is not None and self._differs(model_hash, decoder, record.decoder_hash):
            yield _("The tiny decoder “{name}” is not the one this picture was drawn with.").format(name=decoder.name)

    def _of_added(self, record: ImageRecord) -> Iterator[str]:
        loras = zip((lora.path for lora in record.loras), record.lora_hashes, strict=False)
        words = zip(record.embeddings, record.embedding_hashes, strict=False)
        asked = (*((lora_file, lora_hash, *each) for each in loras),
                 *((embedding_file, model_hash, *each) for each in words))  # fmt: skip
        for find, hash_of, name, wanted in asked:
            try:
                path = find(name)
            except SketchDeskError:
                continue
            if self._differs(hash_of, path, wanted):
                yield _("“{file}” has changed since this picture was drawn with it.").format(file=path.name)

    def _of_source(self, record: ImageRecord) -> Iterator[str]:
        if not record.init_image:
            return
        for name, wanted in ((record.init_image, record.init_hash), (record.mask_image, record.mask_hash)):
            if name and wanted and file_hash(Path(name)) != wanted:
                sentence = _("“{file}” has been changed since this picture was drawn from it.")
                yield sentence.format(file=Path(name).name)

    def _differs(self, hash_of: Callable[..., str], path: Path, wanted: str) -> bool:
        if len(wanted) < SHORTEST_HASH:
            return False
        if (hash_of, path) not in self._seen:
            try:
                self._seen[hash_of, path] = hash_of(path, self._tell)
            except OSError as error:
                raise SketchDeskError(ErrorKind.MODEL_UNREADABLE, str(path), str(error)) from error
        return not self._seen[hash_of, path].startswith(wanted.lower())


def check_unpickled(record: ImageRecord) -> None:
    """Raise SketchDeskError(UNSAFE_WEIGHTS) where a picture was drawn with files that can run code when read.

    A picture may come from anywhere, so what it says is no reason to read such a file: the person is asked again.
    """
    if (model := locate(record.model)) is not None:
        check_model(model)
    for name in (*(lora.path for lora in record.loras), *record.embeddings):
        if Path(name).suffix.lower() in UNSAFE_SUFFIXES:
            raise SketchDeskError(ErrorKind.UNSAFE_WEIGHTS, name)


def needs_pickle(record: ImageRecord) -> bool:
    """Tell whether a picture was drawn with files that can run code when read."""
    try:
        check_unpickled(record)
    except SketchDeskError as error:
        return error.kind is ErrorKind.UNSAFE_WEIGHTS
    return False
