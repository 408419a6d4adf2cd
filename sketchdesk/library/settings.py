"""What a person chose, kept in one file: typed, bounded, moved along as the program changes, and never lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta, Struct

from sketchdesk.contracts.errors import SketchDeskError
from sketchdesk.contracts.jobs import Count, ImageFormat, Precision
from sketchdesk.contracts.reading import convert
from sketchdesk.library.files.atomic import disk_errors, write_json
from sketchdesk.library.files.locking import only_one
from sketchdesk.library.paths import images_dir, settings_file

log = logging.getLogger(__name__)

Values = dict[str, Any]
Migration = Callable[[Values], Values]


class Settings(Struct, frozen=True, kw_only=True):
    """Every setting, its limits and what it is until someone changes it."""

    version: int = 1
    """Which layout the file has; one more for every migration."""
    language: Literal["system", "en", "es", "pt"] = "system"
    theme: Literal["system", "light", "dark"] = "system"
    device: Annotated[str, Meta(pattern=r"^(auto|cpu|mps|cuda(:\d{1,3})?)$")] = "auto"
    """What the forms begin with."""
    precision: Precision = "auto"
    images_dir: str = ""
    """Where images go; "" for the data folder's own."""
    image_format: ImageFormat = "png"
    """What drawn images are saved as."""
    engine_memory_gib: Annotated[float, Meta(ge=0.5, le=4096.0)] | None = None
    """How much an engine may keep loaded between jobs; None lets it choose."""
    num_threads: Count | None = None
    """Threads an engine on the CPU works with; None for all cores."""
    model_paths: tuple[str, ...] = ()
    """Models elsewhere on this machine that are listed too, and used where they lie."""
    gallery_folders: tuple[str, ...] = ()
    """Folders elsewhere whose pictures are in the gallery too; they are read where they lie, and never changed."""

    @property
    def all_image_folders(self) -> tuple[Path, ...]:
        """Where the gallery's pictures are."""
        return self.images_folder, *(Path(folder) for folder in self.gallery_folders)

    @property
    def images_folder(self) -> Path:
        """Where images go."""
        return Path(self.images_dir).expanduser() if self.images_dir else images_dir()


MIGRATIONS: tuple[Migration, ...] = ()
"""The n-th turns version n's values into version n + 1's."""


def load_settings() -> Settings:
    """Read the settings; never raises.

    What is not possible is logged and falls back to its default, and the rest is kept. The file as it was is set
    aside first, beside the settings, so that nothing a person wrote is lost.
    """
    path = settings_file()
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        log.warning("the settings cannot be read: %s", error)
        return Settings()
    settings, problems = parse_settings(data, MIGRATIONS)
    if problems:
        log.warning("the settings were repaired: %s", "; ".join(problems))
        try:
            _set_aside(path)
            save_settings(settings)
        except (OSError, SketchDeskError) as error:
            log.warning("the repaired settings could not be saved: %s", error)
    return settings


def save_settings(settings: Settings) -> None:
    """Write the settings, whole. Raises SketchDeskError(DISK_FULL or NOT_WRITABLE)."""
    write_json(settings_file(), settings)


def change_settings(change: Callable[[Settings], Settings], waits: bool = True) -> Settings:
    """Change the settings as they are on the disk now, write them and return them; no other process writes meanwhile.

    Raises SketchDeskError(DISK_FULL or NOT_WRITABLE), and what `only_one` raises where another holds the file.
    """
    with only_one(settings_file(), waits):
        changed = change(load_settings())
        save_settings(changed)
    return changed


def with_model(settings: Settings, path: str) -> Settings:
    """Return the settings with a model elsewhere on this machine listed."""
    return msgspec.structs.replace(settings, model_paths=tuple(dict.fromkeys((*settings.model_paths, path))))


def without_model(settings: Settings, path: str) -> Settings:
    """Return the settings without it."""
    return msgspec.structs.replace(settings, model_paths=tuple(one for one in settings.model_paths if one != path))


def with_folders(settings: Settings, folders: Iterable[Path]) -> tuple[str, ...]:
    """Return the added folders with some more; one that lies in another that is there already is left out."""
    added = list(settings.gallery_folders)
    for folder in (folder.absolute() for folder in folders):
        there = (settings.images_folder.absolute(), *map(Path, added))
        if not any(folder.is_relative_to(one) for one in there):
            added = [one for one in added if not Path(one).is_relative_to(folder)]
            added.append(str(folder))
    return tuple(added)


def parse_settings(data: bytes, migrations: Sequence[Migration]) -> tuple[Settings, list[str]]:
    """Return the settings a file's bytes hold, and why any part of them could not be taken as it is.

    A file of a newer version is read as far as its fields are known here.
    """
    try:
        values = msgspec.json.decode(data, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return Settings(), [f"not a settings file: {error}"]
    newest = len(migrations) + 1
    version = values.pop("version", 1)
    problems = []
    if not isinstance(version, int) or not 1 <= version <= newest:
        problems.append(f"version {version} is not known here")
        version = newest
    for migrate in migrations[version - 1 :]:
        values = migrate(values)
    good, refused = _possible(values)
    return Settings(version=newest, **good), problems + refused


def _possible(values: Values) -> tuple[Values, list[str]]:
    """Return the values that are settings and within their limits, and what is wrong with the others."""
    types = get_type_hints(Settings, include_extras=True)
    good, problems = {}, []
    for name, value in values.items():
        if name not in types:
            problems.append(f"there is no setting {name}")
            continue
        try:
            good[name] = convert(value, types[name])
        except msgspec.ValidationError as error:
            problems.append(f"{name}: {error}")
    return good, problems


def _set_aside(path: Path) -> None:
    """Rename a file so that its name tells what and when it was; an earlier one set aside is never overwritten."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (f"{path.stem}-set-aside-{stamp}{extra}{path.suffix}" for extra in ("", *(f"-{n}" for n in range(2, 100))))
    free = next(path.with_name(name) for name in names if not path.with_name(name).exists())
    with disk_errors(free):
        path.rename(free)
