"""Texts inside image files: in PNG's own chunks, or in the Exif comment and the XMP packet of a JPEG or WebP.

A1111 writes its `parameters` into the Exif user comment of such files, and so do we; our own JSON is in XMP, which
other programs keep and do not show. ComfyUI writes `prompt:{…}` into a WebP's Exif field for the camera's model.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sketchdesk.library.files.loose import text

if TYPE_CHECKING:
    from PIL import Image  # Pillow comes with the first picture: the window is seen before that

A1111, OURS, COMFYUI = "parameters", "sketchdesk", "prompt"
QUALITY = {"JPEG": 95, "WEBP": 92}
FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}
"""How a file is written, by its ending."""

_EXIF_IFD, _USER_COMMENT, _CAMERA_MODEL = 0x8769, 0x9286, 0x0110
_MOST_BYTES = 65_000
"""What a JPEG can hold of each."""
_XMP = re.compile(rb'sketchdesk:record="([^"]*)"')
_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:sketchdesk="urn:sketchdesk" sketchdesk:record="{record}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


def write_with_texts(image: Image.Image, file: Path, suffix: str, parameters: str, ours: str) -> None:
    """Write an image in the format of an ending, with both texts in it; without a text that it cannot hold.

    A JPEG or WebP is not the same to the last bit as what was drawn. Raises what Pillow raises where it cannot write.
    """
    kind = FORMATS[suffix.lower()]
    if kind == "PNG":
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        info.add_text(A1111, parameters)
        info.add_text(OURS, ours)
        with file.open("wb") as opened:  # not by Pillow: where it cannot, the image keeps these texts for its next save
            image.save(opened, format=kind, pnginfo=info)
        return
    more: dict[str, object] = {"subsampling": 0} if kind == "JPEG" else {"method": 4}
    xmp = _PACKET.format(record=html.escape(ours)).encode()
    if len(xmp) <= _MOST_BYTES:
        more["xmp"] = xmp
    picture = image if image.mode == "RGB" or kind == "WEBP" else image.convert("RGB")
    with file.open("wb") as opened:
        picture.save(opened, format=kind, quality=QUALITY[kind], exif=_exif(parameters), **more)


def other_texts(image: Image.Image) -> dict[str, str]:
    """Return the texts of an opened JPEG or WebP, by the keys that a PNG would have them under."""
    return {**_camera_model(image), **_comment(image), **_ours(image.info)}


def _exif(parameters: str) -> Image.Exif:
    from PIL import Image

    exif = Image.Exif()
    comment = parameters.encode("utf-16-be", errors="replace")[:_MOST_BYTES]
    exif.get_ifd(_EXIF_IFD)[_USER_COMMENT] = b"UNICODE\0" + comment
    return exif


def _comment(image: Image.Image) -> dict[str, str]:
    """Return {A1111: …} from the Exif user comment: eight bytes that name the encoding, then the text."""
    comment = image.getexif().get_ifd(_EXIF_IFD).get(_USER_COMMENT)
    if not isinstance(comment, bytes) or len(comment) <= 8:
        return {}
    mark, body = comment[:8], comment[8:]
    wide = "utf-16-le" if body[1:2] == b"\0" else "utf-16-be"
    return {A1111: text(body.decode(wide if mark.startswith(b"UNICODE") else "utf-8", errors="replace"))}


def _camera_model(image: Image.Image) -> dict[str, str]:
    """Return {COMFYUI: …} from the Exif field that ComfyUI writes its graph into."""
    value = image.getexif().get(_CAMERA_MODEL)
    is_graph = isinstance(value, str) and value.startswith(f"{COMFYUI}:")
    return {COMFYUI: text(str(value)[len(COMFYUI) + 1 :])} if is_graph else {}


def _ours(info: Mapping[Any, Any]) -> dict[str, str]:
    packet = info.get("xmp")
    found = _XMP.search(packet) if isinstance(packet, bytes) else None
    return {OURS: html.unescape(found[1].decode(errors="replace"))} if found else {}
