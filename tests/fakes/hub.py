"""A hub on this machine: speaks as much of the real one's protocol as a download needs, and misbehaves when told to.

A repository is a folder's worth of bytes; a data set's name begins with `datasets/`, as in addresses. Large files
(`*.safetensors`, `*.parquet`) are told with their SHA-256, and asking for one
is answered with a redirect to another address, as the real hub sends to its storage; small ones have git's SHA-1.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

COMMIT = "c0ffee" + "0" * 34
LARGE = (".safetensors", ".bin", ".parquet")
REDIRECTED = (".safetensors", ".parquet")
_REPO = r"((?:datasets/)?[^/]+/[^/]+)"
_SLOW_CHUNK = 4096


def sha256(data: bytes) -> str:
    """The checksum of a large file."""
    return hashlib.sha256(data).hexdigest()


def git_sha1(data: bytes) -> str:
    """The checksum of a small file."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324


@dataclass
class Asked:
    """One request that came in."""

    path: str
    range: str | None
    token: str | None


@dataclass
class FakeHub:
    """Its repositories, and what is wrong with it. Every change counts from the next request on."""

    endpoint: str = ""
    repos: dict[str, dict[str, bytes]] = field(default_factory=dict)
    licence: str = "openrail++"
    refusals: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    """Status and headers by the path they are for, or its beginning."""
    refuse_times: dict[str, int] = field(default_factory=dict)
    """How often a refusal holds; for ever where nothing is said."""
    cuts: list[int] = field(default_factory=list)
    """After how many bytes the next answers with a body break off, one after the other."""
    wrong_bytes: set[str] = field(default_factory=set)
    """Files of which one byte is not as it should be, by their path."""
    wrong_times: int | None = None
    commit: str = COMMIT
    """Where main stands."""
    told_commit: str = ""
    """What it says of that; the truth unless set."""
    told_digests: dict[str, str] = field(default_factory=dict)
    """Checksums it makes up, by file."""
    no_range: bool = False
    seconds_a_chunk: float = 0.0
    asked: list[Asked] = field(default_factory=list)
    sent: dict[str, int] = field(default_factory=dict)
    """Bytes that went out, by file."""
    go_on: threading.Event = field(default_factory=threading.Event)

    def add(self, repo: str, files: dict[str, bytes]) -> None:
        """Publish a repository."""
        self.repos[repo] = files

    def refuse(self, path: str, status: int, times: int | None = None, **headers: str) -> None:
        """Answer everything under a path with a status; header names have _ for -."""
        self.refusals[path] = status, {name.replace("_", "-"): value for name, value in headers.items()}
        if times is not None:
            self.refuse_times[path] = times

    @staticmethod
    def digest(data: bytes) -> str:
        """The checksum of a large file, by which a cache names it."""
        return sha256(data)

    def ranges(self) -> list[str | None]:
        """The Range of every request for a large file's bytes."""
        return [asked.range for asked in self.asked if asked.path.startswith("/storage/")]

    def refusal(self, path: str) -> tuple[int, dict[str, str]] | None:
        """Return how a request is refused, None if it is not."""
        for begin, answer in self.refusals.items():
            if path.startswith(begin) and self.refuse_times.get(begin, 1) > 0:
                if begin in self.refuse_times:
                    self.refuse_times[begin] -= 1
                return answer
        return None


class _Handler(BaseHTTPRequestHandler):
    hub: FakeHub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.asked.append(Asked(path, self.headers.get("Range"), self.headers.get("Authorization")))
        if (refusal := self.hub.refusal(path)) is not None:
            self._answer(refusal[0], b"{}", refusal[1])
        elif found := re.fullmatch(rf"/api/(?:models/)?{_REPO}(?:/revision/([^/]+))?", path):
            self._list(found[1], found[2] or "main")
        elif found := re.fullmatch(rf"/api/{_REPO}/tree/([^/]+)/?(.*)", path):
            self._tree(found[1], found[2], found[3])
        elif found := re.fullmatch(rf"/{_REPO}/resolve/([^/]+)/(.+)", path):
            self._resolve(found[1], found[2], found[3])
        elif found := re.fullmatch(rf"/storage/{_REPO}/(.+)", path):
            self._send(found[1], found[2])
        else:
            self._answer(404, b"{}")

    def do_POST(self) -> None:
        """The one question that is posted: what is known of these paths."""
        path = unquote(urlsplit(self.path).path)
        asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.hub.asked.append(Asked(path, None, self.headers.get("Authorization")))
        found = re.fullmatch(rf"/api/{_REPO}/paths-info/([^/]+)", path)
        if (refusal := self.hub.refusal(path)) is not None:
            self._answer(refusal[0], b"{}", refusal[1])
        elif not found or self._is_unknown(found[1], found[2]):
            self._answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        else:
            wanted = {name.strip("/") for name in _paths(asked, self.headers.get("Content-Type") or "")}
            entries = [entry for entry in self._entries(found[1]) if entry["path"] in wanted]
            self._answer(200, json.dumps(entries).encode(), {"Content-Type": "application/json"})

    do_HEAD = do_GET

    def _is_unknown(self, repo: str, revision: str) -> bool:
        return repo not in self.hub.repos or revision not in ("main", self.hub.commit)

    def _list(self, repo: str, revision: str) -> None:
        files = self.hub.repos.get(repo)
        if files is None:
            self._answer(401, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif self._is_unknown(repo, revision):
            self._answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        else:
            siblings = [_sibling(path, data, self.hub.told_digests.get(path)) for path, data in files.items()]
            name = repo.removeprefix("datasets/")
            commit = self.hub.told_commit or self.hub.commit
            info = {"id": name, "modelId": name, "sha": commit, "private": False, "gated": False,
                    "disabled": False, "downloads": 1, "likes": 1, "tags": [], "siblings": siblings,
                    "cardData": {"license": self.hub.licence}}  # fmt: skip
            self._answer(200, json.dumps(info).encode(), {"Content-Type": "application/json"})

    def _tree(self, repo: str, revision: str, folder: str) -> None:
        """What lies in a folder, and under it where that is asked."""
        is_deep = "recursive=true" in urlsplit(self.path).query.lower()
        entries = [entry for entry in self._entries(repo) if _lies_in(entry["path"], folder, is_deep)]
        if self._is_unknown(repo, revision) or (folder and not entries):
            self._answer(404, b"{}", {"X-Error-Code": "EntryNotFound"})
        else:
            self._answer(200, json.dumps(entries).encode(), {"Content-Type": "application/json"})

    def _entries(self, repo: str) -> list[dict[str, Any]]:
        """Folders and files as the tree tells of them."""
        files = self.hub.repos.get(repo, {})
        folders = {path.rsplit("/", 1)[0] for path in files if "/" in path}
        entries: list[dict[str, Any]] = [{"type": "directory", "path": name, "oid": "0" * 40} for name in folders]
        for path, data in files.items():
            known = _sibling(path, data, self.hub.told_digests.get(path))
            entry: dict[str, Any] = {"type": "file", "path": path, "size": len(data), "oid": known["blobId"]}
            if "lfs" in known:
                entry["lfs"] = {"oid": known["lfs"]["sha256"], "size": len(data), "pointerSize": 134}
            entries.append(entry)
        return entries

    def _resolve(self, repo: str, commit: str, path: str) -> None:
        data = self.hub.repos.get(repo, {}).get(path)
        if repo not in self.hub.repos:
            self._answer(401, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif data is None or self._is_unknown(repo, commit):
            self._answer(404, b"{}", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": self.hub.commit})
        elif path.endswith(REDIRECTED):
            headers = {
                "Location": f"/storage/{repo}/{path}", "X-Linked-ETag": f'"{sha256(data)}"',
                "X-Linked-Size": str(len(data)), "X-Repo-Commit": self.hub.commit,
            }  # fmt: skip
            self._answer(302, b"", headers)
        else:
            self._send(repo, path)

    def _send(self, repo: str, path: str) -> None:
        hub = self.hub
        data = hub.repos[repo][path]
        if path in hub.wrong_bytes and hub.wrong_times != 0:
            data = bytes([data[0] ^ 1]) + data[1:]
            if hub.wrong_times is not None:
                hub.wrong_times -= 1
        begin = 0
        end = len(data) - 1
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if wanted and not hub.no_range:
            begin, end = int(wanted[1]), min(int(wanted[2] or end), end)
            if begin >= len(data):
                self._answer(416, b"", {"Content-Range": f"bytes */{len(data)}"})
                return
        is_part = begin > 0 or end < len(data) - 1
        self.send_response(206 if is_part else 200)
        if is_part:
            self.send_header("Content-Range", f"bytes {begin}-{end}/{len(data)}")
        self.send_header("Content-Length", str(end + 1 - begin))
        self.send_header("X-Repo-Commit", self.hub.commit)
        is_of_hub = not self.path.startswith("/storage/")
        self.send_header("ETag", f'"{git_sha1(data)}"' if is_of_hub else '"of-the-storage-not-of-the-hub"')
        self.end_headers()
        if self.command == "GET":
            self._body(path, data[begin : end + 1])

    def _body(self, path: str, data: bytes) -> None:
        hub = self.hub
        cut = hub.cuts.pop(0) if hub.cuts and path.endswith(REDIRECTED) else None
        allowed = data if cut is None else data[:cut]
        chunk = _SLOW_CHUNK if hub.seconds_a_chunk else len(allowed) or 1
        try:
            for at in range(0, len(allowed), chunk):
                self.wfile.write(allowed[at : at + chunk])
                self.wfile.flush()
                hub.sent[path] = hub.sent.get(path, 0) + len(allowed[at : at + chunk])
                if hub.seconds_a_chunk:
                    hub.go_on.wait(hub.seconds_a_chunk)
        except OSError:  # nobody reads any more
            self.close_connection = True
        if cut is not None:
            self.close_connection = True

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def _sibling(path: str, data: bytes, digest: str | None) -> dict[str, Any]:
    sibling: dict[str, Any] = {"rfilename": path, "size": len(data), "blobId": digest or git_sha1(data)}
    if path.endswith(LARGE):
        sibling["lfs"] = {"sha256": digest or sha256(data), "size": len(data), "pointerSize": 134}
    return sibling


def _lies_in(path: str, folder: str, is_deep: bool) -> bool:
    rest = path.removeprefix(f"{folder}/") if folder else path
    return (not folder or rest != path) and (is_deep or "/" not in rest)


def _paths(body: bytes, kind: str) -> list[str]:
    if "json" in kind:
        given = json.loads(body).get("paths", [])
        return [given] if isinstance(given, str) else given
    return parse_qs(body.decode()).get("paths", [])


@contextmanager
def serving() -> Iterator[FakeHub]:
    """Run a hub on a free port of this machine until the block ends."""
    hub = FakeHub()
    handler = type("Handler", (_Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    hub.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.go_on.set()
        server.shutdown()
        server.server_close()
        thread.join()
