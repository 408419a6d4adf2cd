from __future__ import annotations

import pytest

from sketchdesk.demo import judge
from sketchdesk.demo.scenes import draw
from sketchdesk.demo.vocabulary import NOUNS


@pytest.fixture(scope="session", params=judge.STYLES)
def every_noun(request):
    """A style, every noun alone as a scene, and the pictures of these scenes."""
    scenes = judge.measured_scenes("single", request.param, len(NOUNS))
    return request.param, scenes, [draw(scene) for scene in scenes]
