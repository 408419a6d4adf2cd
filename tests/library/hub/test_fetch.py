from __future__ import annotations

import errno
import os
import random
from collections import namedtuple
from pathlib import Path

import pytest

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.library.hub import fetch as fetching
from sketchdesk.library.hub import room
from sketchdesk.library.hub.manifest import read_manifest
from sketchdesk.library.hub.staging import Staging, discard, unfinished_downloads
from sketchdesk.library.models.installed import list_models

REPO = "owner/tiny"
UNET = "unet/diffusion_pytorch_model.safetensors"
NEEDED = {
    "model_index.json", "README.md", "unet/config.json", UNET, "vae/config.json",
    "vae/diffusion_pytorch_model.safetensors", "tokenizer/vocab.json", "tokenizer/merges.txt",
}  # fmt: skip
Usage = namedtuple("Usage", "total used free")


def files_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {".download.json"}


def names_here() -> list[str]:
    return [entry.path.name for entry in list_models() if entry.origin == "own"]


def same(folder: Path, files: dict[str, bytes]) -> bool:
    return all((folder / name).read_bytes() == files[name] for name in files_in(folder))


def problem(fetch, *repos: str, **fields: str) -> SketchDeskError:
    with pytest.raises(SketchDeskError) as caught:
        fetch(*repos, **fields)
    return caught.value


def test_a_pipeline_arrives_with_what_it_needs_and_nothing_else(fetch, tiny, heard, home):
    got = fetch()
    assert got.path == home / "models" / "tiny"
    assert files_in(got.path) == NEEDED
    assert same(got.path, tiny)
    assert heard.stages == ["asking", "downloading"]
    assert heard.steps[-1] == (got.size_bytes, got.size_bytes)
    assert [done for done, _total in heard.steps] == sorted(done for done, _total in heard.steps)
    assert heard.notices == ["Licence: openrail++"]
    (entry,) = [entry for entry in list_models() if entry.origin == "own"]
    assert (entry.family, entry.licence, entry.problem) == ("stable_diffusion", "openrail++", "")
    assert unfinished_downloads() == []
    manifest = read_manifest(got.path)
    assert (manifest.repo, manifest.revision, manifest.weights) == (REPO, "main", "fp32")


def test_half_precision_is_taken_where_it_is_wished_for_and_there(fetch, tiny, home):
    got = fetch(weights="fp16")
    assert got.path.name == "tiny-fp16"
    assert "unet/diffusion_pytorch_model.fp16.safetensors" in files_in(got.path)
    assert UNET not in files_in(got.path)
    assert "vae/diffusion_pytorch_model.safetensors" in files_in(got.path)  # there is only this one
    assert read_manifest(got.path).weights == "fp16"


def test_one_file_of_a_repository_becomes_a_model_of_its_own(fetch, tiny, home):
    got = fetch(file="single-file.safetensors")
    assert got.path == home / "models" / "single-file.safetensors"
    assert got.path.read_bytes() == tiny["single-file.safetensors"]
    assert names_here() == ["single-file.safetensors"]


def test_what_is_here_already_is_not_fetched_again(fetch, tiny, hub, heard):
    first = fetch()
    before = dict(hub.sent)
    assert fetch().path == first.path
    assert {name: count for name, count in hub.sent.items() if name != "model_index.json"} == {
        name: count for name, count in before.items() if name != "model_index.json"
    }
    assert "is here already" in heard.notices[-1]
    assert names_here() == ["tiny"]


def test_another_model_of_the_same_name_is_not_touched(fetch, tiny, home):
    other = home / "models" / "tiny"
    other.mkdir(parents=True)
    (other / "mine.txt").write_text("mine")
    assert fetch().path.name == "tiny (2)"
    assert (other / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize("seed", range(3))
def test_a_line_cut_at_random_points_goes_on_where_it_stopped(fetch, tiny, hub, seed):
    chance = random.Random(seed)
    hub.cuts = [chance.randrange(1, 15_000) for _cut in range(8)]
    cuts = list(hub.cuts)
    got = fetch()
    assert same(got.path, tiny)
    assert hub.cuts == []
    assert any(hub.ranges())
    large = [name for name in NEEDED if name.endswith(".safetensors")]
    assert sum(hub.sent[name] for name in large) == sum(len(tiny[name]) for name in large), cuts


def test_a_line_that_is_cut_again_and_again_without_a_byte_ends_with_a_sentence_and_can_be_resumed(fetch, tiny, hub):
    hub.cuts = [5_000, *[0] * 20]
    assert problem(fetch).kind is ErrorKind.HUB_UNREACHABLE
    assert names_here() == []
    hub.cuts = []
    sent = sum(hub.sent.values())
    assert same(fetch().path, tiny)
    assert sent > 0
    assert "bytes=5000-" in hub.ranges()


def test_a_download_that_is_stopped_goes_on_later_and_fetches_no_byte_twice(fetch, tiny, hub, heard):
    heard.stop_at = 50_000
    with pytest.raises(Exception, match="^$"):
        fetch()
    assert names_here() == []
    (left,) = unfinished_downloads()
    assert (left.name, left.size_bytes > 0) == ("tiny", True)
    heard.stop_at = None
    assert same(fetch().path, tiny)
    assert "checking" in heard.stages
    part = next(asked for asked in hub.ranges() if asked)
    assert int(part.removeprefix("bytes=").removesuffix("-")) > 0


def test_a_server_without_ranges_is_asked_from_the_start(fetch, tiny, hub, heard):
    hub.no_range = True
    hub.cuts = [10_000]
    assert same(fetch().path, tiny)
    assert heard.steps[-1][0] == heard.steps[-1][1]


def test_a_flipped_byte_is_noticed_and_fetched_once_more(fetch, tiny, hub):
    hub.wrong_bytes, hub.wrong_times = {UNET}, 1
    assert same(fetch().path, tiny)


def test_bytes_that_stay_wrong_are_refused(fetch, tiny, hub):
    hub.wrong_bytes = {UNET}
    error = problem(fetch)
    assert error.kind is ErrorKind.WRONG_BYTES
    assert UNET in error.message
    assert names_here() == []


def test_a_part_that_was_damaged_on_the_disk_is_fetched_anew(fetch, tiny, hub, heard):
    heard.stop_at = 50_000
    with pytest.raises(Exception, match="^$"):
        fetch()
    heard.stop_at = None
    (part,) = (path for path in Staging("tiny").folder.glob("*.part") if path.stat().st_size)
    part.write_bytes(b"x" * part.stat().st_size)
    assert same(fetch().path, tiny)


@pytest.mark.parametrize(
    ("status", "headers", "kind", "words"),
    [
        (404, {"X_Error_Code": "RepoNotFound"}, ErrorKind.HUB_NOT_FOUND, "The hub has no “owner/tiny”"),
        (401, {"X_Error_Code": "RepoNotFound"}, ErrorKind.HUB_NOT_FOUND, "The hub has no “owner/tiny”"),
        (404, {"X_Error_Code": "RevisionNotFound"}, ErrorKind.HUB_NOT_FOUND, "The hub has no"),
        (401, {"X_Error_Code": "GatedRepo"}, ErrorKind.HUB_GATED, "those who accept its terms"),
        (403, {"X_Error_Code": "GatedRepo"}, ErrorKind.HUB_GATED, "those who accept its terms"),
        (403, {}, ErrorKind.HUB_DENIED, "refused access"),
        (401, {"X_Error_Message": "Invalid credentials in Authorization header"}, ErrorKind.HUB_DENIED, "refused"),
        (429, {"Retry_After": "3600"}, ErrorKind.HUB_BUSY, "wait 60 minutes"),
        (500, {}, ErrorKind.HUB_FAILED, "500"),
        (400, {}, ErrorKind.HUB_FAILED, "400"),
    ],
)
@pytest.mark.parametrize("place", ["/api/models/", "/owner/tiny/resolve/", "/storage/"])
def test_each_refusal_has_its_own_sentence(fetch, tiny, hub, place, status, headers, kind, words):
    if place != "/api/models/" and headers.get("X_Error_Code") in ("RepoNotFound", "RevisionNotFound"):
        words = "The hub has no"
    hub.refuse(place, status, **headers)
    error = problem(fetch)
    assert error.kind is kind, error.details
    assert words in error.message
    assert names_here() == []


def test_a_busy_hub_is_given_the_time_it_asks_for(fetch, tiny, hub, heard):
    hub.refuse("/api/models/", 429, times=1, Retry_After="1")
    hub.refuse("/storage/", 503, times=1)
    assert same(fetch().path, tiny)
    assert heard.notices[0] == "The hub asks to wait 1 second; the download goes on then."


def test_mirrors_are_tried_in_order_and_told(fetch, tiny, hub, heard):
    hub.refuse("/api/models/gone/model", 404, X_Error_Code="RepoNotFound")
    hub.refuse("/api/models/closed/model", 401, X_Error_Code="GatedRepo")
    got = fetch("gone/model", "closed/model", REPO)
    assert (got.repo, got.path.name) == (REPO, "model")
    assert "Trying closed/model." in heard.notices[0]
    assert "Trying owner/tiny." in heard.notices[1]


def test_a_mirror_goes_on_with_what_another_began(fetch, tiny, hub, heard):
    hub.add("other/tiny", tiny)
    hub.cuts = [20_100, 30_000, *[0] * 20]  # the first holds one file and a little, the others break off at once
    assert problem(fetch).kind is ErrorKind.HUB_UNREACHABLE
    hub.cuts = []
    hub.asked.clear()
    got = fetch("other/tiny")
    assert (got.repo, got.path.name) == ("other/tiny", "tiny")
    assert same(got.path, tiny)
    assert hub.ranges()[0] is not None


def test_where_every_mirror_fails_the_one_that_exists_is_told_of(fetch, hub):
    hub.refuse("/api/models/gone/model", 404, X_Error_Code="RepoNotFound")
    hub.refuse("/api/models/closed/model", 401, X_Error_Code="GatedRepo")
    error = problem(fetch, "gone/model", "closed/model")
    assert (error.kind, error.what) == (ErrorKind.HUB_GATED, "closed/model")
    assert "gone/model" in error.details


def test_without_a_network_there_is_a_sentence(fetch, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert problem(fetch).kind is ErrorKind.HUB_UNREACHABLE


def test_offline_what_is_here_is_used_and_what_is_not_is_told(fetch, tiny, hub, heard, monkeypatch):
    first = fetch()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    asked = len(hub.asked)
    assert fetch().path == first.path
    assert problem(fetch, "owner/other").kind is ErrorKind.HUB_OFFLINE
    assert len(hub.asked) == asked


@pytest.mark.parametrize("name", ["no-owner/too/much", "../etc/passwd", "", "a b/c"])
def test_what_is_no_name_of_a_repository_is_told(fetch, name):
    assert problem(fetch, name).kind is ErrorKind.BAD_INPUT


def test_a_full_disk_is_told_before_the_first_large_byte(fetch, tiny, hub, monkeypatch):
    monkeypatch.setattr(room.shutil, "disk_usage", lambda _path: Usage(10**9, 10**9 - 1000, 1000))
    error = problem(fetch)
    assert error.kind is ErrorKind.DISK_SHORT
    assert "0.0 GiB are free" in error.message
    assert UNET not in hub.sent


def test_a_disk_that_fills_up_on_the_way_is_told_and_what_has_arrived_is_kept(fetch, tiny, home):
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))  # no file may grow beyond that
    try:
        assert problem(fetch).kind is ErrorKind.DISK_FULL
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert unfinished_downloads()[0].size_bytes > 20_000
    assert same(fetch().path, tiny)


def test_a_folder_that_cannot_be_written_to_is_told(fetch, tiny, home):
    if os.geteuid() == 0:
        (home / "models").write_text("a file where the folder should be")
    else:
        (home / "models").mkdir()
        (home / "models").chmod(0o500)
    assert problem(fetch).kind is ErrorKind.NOT_WRITABLE


def test_pickles_are_not_fetched(fetch, tiny, hub):
    del tiny[UNET], tiny["unet/diffusion_pytorch_model.fp16.safetensors"]
    del tiny["unet/diffusion_pytorch_model.non_ema.safetensors"]
    assert problem(fetch).kind is ErrorKind.UNSAFE_WEIGHTS
    assert "unet/diffusion_pytorch_model.bin" not in hub.sent


def test_what_the_hubs_cache_has_is_taken_from_there(fetch, tiny, hub, home, heard):
    blobs = home / "hub-cache" / "models--some--body" / "blobs"
    blobs.mkdir(parents=True)
    blob = blobs / hub.digest(tiny[UNET])
    blob.write_bytes(tiny[UNET])
    got = fetch()
    assert same(got.path, tiny)
    assert UNET not in hub.sent
    assert blob.read_bytes() == tiny[UNET]
    assert blob.stat().st_ino == (got.path / UNET).stat().st_ino


def test_what_the_hubs_cache_has_on_another_disk_is_copied(fetch, tiny, hub, home, heard, monkeypatch):
    def refuse(_source: Path, _target: Path) -> None:
        raise OSError(errno.EXDEV, "another disk")

    blobs = home / "hub-cache" / "models--some--body" / "blobs"
    blobs.mkdir(parents=True)
    blob = blobs / hub.digest(tiny[UNET])
    blob.write_bytes(tiny[UNET])
    monkeypatch.setattr(os, "link", refuse)
    got = fetch()
    assert same(got.path, tiny)
    assert UNET not in hub.sent
    assert heard.steps[-1] == (got.size_bytes, got.size_bytes)
    assert blob.stat().st_ino != (got.path / UNET).stat().st_ino


def test_a_damaged_file_of_the_cache_is_not_believed(fetch, tiny, hub, home):
    blobs = home / "hub-cache" / "models--some--body" / "blobs"
    blobs.mkdir(parents=True)
    blob = blobs / hub.digest(tiny[UNET])
    blob.write_bytes(b"x" * len(tiny[UNET]))
    assert same(fetch().path, tiny)
    assert blob.read_bytes() == b"x" * len(tiny[UNET])


def test_a_damaged_file_of_the_cache_is_not_believed_after_a_stop_while_it_was_checked(fetch, tiny, hub, home, heard):
    blobs = home / "hub-cache" / "models--some--body" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / hub.digest(tiny[UNET])).write_bytes(b"x" * len(tiny[UNET]))
    heard.stop_at = len(tiny[UNET])
    with pytest.raises(Exception, match="^$"):
        fetch()
    assert heard.stages[-1] == "checking"
    heard.stop_at = None
    assert same(fetch().path, tiny)


def test_a_checksum_or_commit_that_is_a_path_leads_nowhere(fetch, tiny, hub, home):
    for hub.told_digests in ({UNET: "../../../stolen"}, {"vae/config.json": str(home / "stolen")}):
        assert problem(fetch).kind is ErrorKind.HUB_FAILED
    hub.told_digests, hub.told_commit = {}, "../../stolen"
    assert problem(fetch).kind is ErrorKind.HUB_FAILED
    assert not list(home.rglob("*stolen*"))
    assert names_here() == []


def test_the_lock_of_a_finished_download_is_no_unfinished_one(home):
    with Staging("tiny").locked():
        pass
    assert Staging("tiny").folder.is_dir()
    assert unfinished_downloads() == []


def test_one_model_is_downloaded_by_one_process_at_a_time(fetch, tiny):
    with Staging("tiny").locked():
        error = problem(fetch)
    assert "is being downloaded already" in error.message
    assert fetch().path.is_dir()


def test_an_unfinished_download_can_be_thrown_away(fetch, tiny, heard):
    heard.stop_at = 50_000
    with pytest.raises(Exception, match="^$"):
        fetch()
    assert discard("tiny") > 0
    assert unfinished_downloads() == []
    with pytest.raises(SketchDeskError, match="no unfinished download"):
        discard("tiny")


def test_putting_together_goes_on_where_it_was_stopped(fetch, tiny, hub, monkeypatch):
    check = fetching.check_model

    def stopped(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(fetching, "check_model", stopped)
    with pytest.raises(KeyboardInterrupt):
        fetch()
    assert names_here() == []
    monkeypatch.setattr(fetching, "check_model", check)
    sent = dict(hub.sent)
    assert same(fetch().path, tiny)
    assert hub.sent == sent


def test_names_that_would_leave_the_folder_are_refused(fetch, tiny, home):
    for name in ("../out", "a/b", ".hidden", "c:d"):
        assert problem(fetch, name=name).kind is ErrorKind.BAD_INPUT
    assert not (home / "out").exists()
