"""How long a study's models take to draw: every timed draw, what they come to for one picture, and the words for it."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from sketchdesk.contracts.text import _
from sketchdesk.library.evaluation.finding_words import model_name
from sketchdesk.library.evaluation.findings import Pair
from sketchdesk.library.files.csv_rows import write_table
from sketchdesk.library.wording.number_words import number, short

TIMINGS = "timings.csv"
BUSY_CORES = 0.25
"""From so much work of other programs on, the reader is told of it."""
STAGES = ("text", "denoise", "decode")


class TimedDraw(Struct, frozen=True, kw_only=True):
    """One draw of one batch, in seconds of the whole batch."""

    text_s: float
    denoise_s: float
    decode_s: float

    @property
    def whole_s(self) -> float:
        """From the prompt to the pictures."""
        return self.text_s + self.denoise_s + self.decode_s


class TimedWay(Struct, frozen=True, kw_only=True):
    """One model drawing in batches of one size."""

    model: str
    batch_size: int
    steps: int
    width_px: int
    height_px: int
    guidance_scale: float
    draws: tuple[TimedDraw, ...]
    peak_gib: float
    """The most memory while it warmed up: what torch held on a GPU, elsewhere what the whole process held."""
    others_cores: float
    """How many of the machine's cores other programs kept busy while it was timed."""


class Machine(Struct, frozen=True, kw_only=True):
    """What the times were taken on."""

    device: str
    name: str
    """The GPU's or the processor's own."""
    precision: str
    num_threads: int
    cores: int
    """Logical ones, of the whole machine."""
    torch: str
    system: str


class Timings(Struct, frozen=True, kw_only=True):
    """Everything that was timed in one study."""

    machine: Machine
    warm_up: int
    """Draws before each way's first timed one."""
    ways: tuple[TimedWay, ...]


class Spread(Struct, frozen=True):
    """A median and the quartiles: half of the values lie from `low` to `high`."""

    median: float
    low: float
    high: float


class TimingRow(Struct, frozen=True, kw_only=True):
    """One way in numbers. Seconds are those of one picture: a batch's, divided by its size."""

    model: str
    batch_size: int
    steps: int
    draws: int
    text_s: Spread
    denoise_s: Spread
    decode_s: Spread
    whole_s: Spread
    steps_per_s: Spread
    """Denoising steps a second, as a progress bar counts them: those of a batch count once."""
    peak_gib: float


class SpeedUp(Struct, frozen=True, kw_only=True):
    """How many times as fast a picture comes from the second model as from the first, in batches of one size."""

    batch_size: int
    times: float
    """Of the medians."""
    low: float
    """Between the quartiles that lie nearest."""
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Return the median and the quartiles (the inclusive method's) of one value or more."""
    if len(values) < 2:
        return Spread(values[0], values[0], values[0])
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


def timing_rows(timings: Timings) -> list[TimingRow]:
    """Return a row for each way, in the order timed."""
    return [_row(way) for way in timings.ways if way.draws]


def _row(way: TimedWay) -> TimingRow:
    each = {
        f"{stage}_s": spread([getattr(draw, f"{stage}_s") / way.batch_size for draw in way.draws])
        for stage in (*STAGES, "whole")
    }
    return TimingRow(
        model=way.model, batch_size=way.batch_size, steps=way.steps, draws=len(way.draws), peak_gib=way.peak_gib,
        steps_per_s=spread([way.steps / draw.denoise_s if draw.denoise_s else 0.0 for draw in way.draws]), **each,
    )  # fmt: skip


def speed_ups(timings: Timings, pair: Pair) -> list[SpeedUp]:
    """Return how much faster the pair's second model is, for each batch size both were timed at."""
    rows = {(row.model, row.batch_size): row for row in timing_rows(timings)}
    found = []
    for size in dict.fromkeys(row.batch_size for row in rows.values()):
        first, second = rows.get((pair.base, size)), rows.get((pair.tuned, size))
        if first and second and second.whole_s.low > 0:
            slow, fast = first.whole_s, second.whole_s
            found.append(SpeedUp(
                batch_size=size, times=slow.median / fast.median, low=slow.low / fast.high, high=slow.high / fast.low
            ))
    return found


def speed_sentences(timings: Timings, pair: Pair) -> list[str]:
    """Say how much faster the pair's second model draws, a sentence for each batch size."""
    rows = {(row.model, row.batch_size): row for row in timing_rows(timings)}
    return [
        _(
            "{way}: a picture takes {fast} s with {tuned} and {slow} s with {base}, {times} times as long "
            "({low}–{high})."
        ).format(
            way=way_words(found.batch_size), tuned=model_name(pair.tuned), base=model_name(pair.base),
            fast=seconds(rows[pair.tuned, found.batch_size].whole_s.median),
            slow=seconds(rows[pair.base, found.batch_size].whole_s.median),
            times=number(found.times, 1), low=number(found.low, 1), high=number(found.high, 1),
        )
        for found in speed_ups(timings, pair)
    ]  # fmt: skip


def machine_sentences(timings: Timings) -> list[str]:
    """Say what was timed, on what, and what the numbers leave out."""
    machine, way = timings.machine, timings.ways[0]
    words = _(
        "Timed on {name} ({device}, {precision}, {threads} of {cores} threads), {width} × {height} px, torch {torch}, "
        "{system}: medians of {draws} draws, quartiles beside them, after {warm_up} that do not count; half of them in "
        "the opposite order of the models."
    )
    said = words.format(
        name=machine.name or machine.device, device=machine.device, precision=machine.precision,
        threads=machine.num_threads, cores=machine.cores, width=way.width_px, height=way.height_px,
        torch=machine.torch, system=machine.system, draws=len(way.draws), warm_up=timings.warm_up,
    )  # fmt: skip
    sentences = [said, _("The text is read anew for every picture. Loading the model and saving are not in the times.")]
    if machine.device.startswith("cuda"):
        sentences.append(_("Memory is the most that torch held on the GPU."))
    else:
        sentences.append(_("Memory is the most that the whole process held, the program itself among it."))
    busiest = max(way.others_cores for way in timings.ways)
    if busiest > BUSY_CORES:
        warning = _(
            "Other programs kept up to {busy} of {cores} cores busy meanwhile; on a quiet machine times may be shorter."
        )
        sentences.append(warning.format(busy=number(busiest, 1), cores=machine.cores))
    return sentences


def way_words(batch_size: int) -> str:
    """Say how pictures were drawn: one by one, or how many together."""
    return _("One by one") if batch_size == 1 else _("In batches of {size}").format(size=batch_size)


def seconds(value: float) -> str:
    """Return seconds with three significant digits at least: 0.0123, 1.23, 12.3, 123."""
    return number(value, 4 if value < 0.1 else 3 if value < 1 else 2 if value < 10 else 1 if value < 100 else 0)


def spread_words(found: Spread) -> str:
    """Return "0.0123 [0.0119–0.0131]"."""
    return f"{seconds(found.median)} [{seconds(found.low)}–{seconds(found.high)}]"


def write_timings(path: Path, timings: Timings) -> None:
    """Write timings.csv, a row a draw; seconds are the whole batch's. Raises as write_table does."""
    write_table(path, DRAW_COLUMNS, draw_rows(timings))


DRAW_COLUMNS = (
    "model", "batch_size", "draw", "steps", "guidance_scale", "width_px", "height_px", "text_s", "denoise_s",
    "decode_s", "whole_s", "peak_gib", "others_cores", "device", "precision", "num_threads",
)  # fmt: skip


def draw_rows(timings: Timings) -> list[list[str | float | None]]:
    """Return a row for each timed draw, as DRAW_COLUMNS names the columns."""
    machine = timings.machine
    return [
        [
            way.model, way.batch_size, place, way.steps, way.guidance_scale, way.width_px, way.height_px, draw.text_s,
            draw.denoise_s, draw.decode_s, draw.whole_s, way.peak_gib, way.others_cores, machine.device,
            machine.precision, machine.num_threads,
        ]
        for way in timings.ways for place, draw in enumerate(way.draws)
    ]  # fmt: skip


def timing_titles() -> list[str]:
    """Return the columns of the table of times, for the window, the report and the papers alike."""
    return [
        _("Model"), _("Drawn"), _("Steps"), _("Text, s"), _("Denoising, s"), _("Decoding, s"), _("A picture, s"),
        _("Steps/s"), _("Memory, GiB"),
    ]  # fmt: skip


def timing_cells(row: TimingRow) -> list[tuple[str, float | str]]:
    """Return a row's cells: what each shows, and what it is sorted by."""
    spreads = (row.text_s, row.denoise_s, row.decode_s, row.whole_s, row.steps_per_s)
    return [
        (model_name(row.model), row.model),
        (way_words(row.batch_size), float(row.batch_size)),
        (short(row.steps), float(row.steps)),
        *((spread_words(found), found.median) for found in spreads),
        (number(row.peak_gib, 2), row.peak_gib),
    ]
