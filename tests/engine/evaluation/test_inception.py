"""The Inception network, layer by layer, against a float64 NumPy evaluation written from the architecture's table."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image
from safetensors.torch import save_file

from sketchdesk.contracts.errors import ErrorKind, SketchDeskError
from sketchdesk.engine.device import place
from sketchdesk.engine.evaluation import inception_features
from sketchdesk.engine.evaluation.inception import Block, ConvLayer, Inception
from sketchdesk.engine.evaluation.inception_features import (
    InceptionFeatures,
    clean_resize,
    find_weights,
    is_published,
    read_weights,
)
from sketchdesk.library.paths import models_dir


class Reference:
    """One picture through the network in NumPy; `seen` has what every layer and every block gave."""

    def __init__(self, weights):
        self.weights = weights
        self.seen = {}

    def conv(self, name, x, stride=1, pad=(0, 0)):
        w = self.weights
        kernel = w[f"{name}.conv.weight"]  # [O, C, h, w]
        x = np.pad(x, ((0, 0), (pad[0], pad[0]), (pad[1], pad[1])))
        windows = sliding_window_view(x, kernel.shape[2:], axis=(1, 2))[:, ::stride, ::stride]  # [C, H, W, h, w]
        y = np.tensordot(kernel, windows, axes=([1, 2, 3], [0, 3, 4]))
        scale = w[f"{name}.bn.weight"] / np.sqrt(w[f"{name}.bn.running_var"] + 0.001)
        shift = w[f"{name}.bn.bias"] - w[f"{name}.bn.running_mean"] * scale
        self.seen[name] = np.maximum(y * scale[:, None, None] + shift[:, None, None], 0)
        return self.seen[name]

    @staticmethod
    def down(x):
        return sliding_window_view(x, (3, 3), axis=(1, 2))[:, ::2, ::2].max(axis=(3, 4))

    @staticmethod
    def around(x, kind):
        _c, height, width = x.shape
        out = np.empty_like(x)
        for i in range(height):
            for j in range(width):
                there = x[:, max(0, i - 1) : i + 2, max(0, j - 1) : j + 2]
                out[:, i, j] = getattr(there, kind)(axis=(1, 2))
        return out

    def join(self, block, *branches):
        self.seen[block] = np.concatenate(branches)
        return self.seen[block]

    def features(self, x):
        x = self.conv("Conv2d_1a_3x3", x, 2)
        x = self.conv("Conv2d_2a_3x3", x)
        x = self.down(self.conv("Conv2d_2b_3x3", x, 1, (1, 1)))
        x = self.down(self.conv("Conv2d_4a_3x3", self.conv("Conv2d_3b_1x1", x)))
        for block in ("Mixed_5b", "Mixed_5c", "Mixed_5d"):
            x = self.block_5(block, x)
        b = "Mixed_6a."
        triple = self.conv(b + "branch3x3dbl_2", self.conv(b + "branch3x3dbl_1", x), 1, (1, 1))
        x = self.join(
            "Mixed_6a", self.conv(b + "branch3x3", x, 2), self.conv(b + "branch3x3dbl_3", triple, 2), self.down(x)
        )
        for block in ("Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"):
            x = self.block_6(block, x)
        b = "Mixed_7a."
        left = self.conv(b + "branch3x3_2", self.conv(b + "branch3x3_1", x), 2)
        right = self.conv(b + "branch7x7x3_1", x)
        right = self.conv(b + "branch7x7x3_2", right, 1, (0, 3))
        right = self.conv(b + "branch7x7x3_3", right, 1, (3, 0))
        x = self.join("Mixed_7a", left, self.conv(b + "branch7x7x3_4", right, 2), self.down(x))
        x = self.block_7("Mixed_7b", x, "mean")
        x = self.block_7("Mixed_7c", x, "max")
        return x.mean(axis=(1, 2))

    def block_5(self, block, x):
        b = block + "."
        five = self.conv(b + "branch5x5_2", self.conv(b + "branch5x5_1", x), 1, (2, 2))
        three = self.conv(b + "branch3x3dbl_2", self.conv(b + "branch3x3dbl_1", x), 1, (1, 1))
        three = self.conv(b + "branch3x3dbl_3", three, 1, (1, 1))
        pool = self.conv(b + "branch_pool", self.around(x, "mean"))
        return self.join(block, self.conv(b + "branch1x1", x), five, three, pool)

    def block_6(self, block, x):
        b = block + "."
        seven = self.conv(b + "branch7x7_2", self.conv(b + "branch7x7_1", x), 1, (0, 3))
        seven = self.conv(b + "branch7x7_3", seven, 1, (3, 0))
        double = self.conv(b + "branch7x7dbl_1", x)
        for number in (2, 3, 4, 5):
            double = self.conv(f"{b}branch7x7dbl_{number}", double, 1, (3, 0) if number % 2 == 0 else (0, 3))
        pool = self.conv(b + "branch_pool", self.around(x, "mean"))
        return self.join(block, self.conv(b + "branch1x1", x), seven, double, pool)

    def block_7(self, block, x, pooled):
        b = block + "."
        three = self.conv(b + "branch3x3_1", x)
        double = self.conv(b + "branch3x3dbl_2", self.conv(b + "branch3x3dbl_1", x), 1, (1, 1))
        return self.join(
            block,
            self.conv(b + "branch1x1", x),
            self.conv(b + "branch3x3_2a", three, 1, (0, 1)),
            self.conv(b + "branch3x3_2b", three, 1, (1, 0)),
            self.conv(b + "branch3x3dbl_3a", double, 1, (0, 1)),
            self.conv(b + "branch3x3dbl_3b", double, 1, (1, 0)),
            self.conv(b + "branch_pool", self.around(x, pooled)),
        )


@pytest.fixture(scope="module")
def network():
    """Random weights that keep the signal alive through all layers, with statistics that are not nought and one."""
    torch.manual_seed(0)
    made = Inception().eval()
    for module in made.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 1.0, 2.5)
            torch.nn.init.normal_(module.bias, 0.2, 0.3)
            torch.nn.init.normal_(module.running_mean, 0.0, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.3, 1.0)
    return made.requires_grad_(False)


def test_every_layer_gives_what_numpy_gives(network):
    x = np.random.default_rng(0).uniform(-1, 1, (3, 79, 87))
    reference = Reference({name: value.double().numpy() for name, value in network.state_dict().items()})
    expected = reference.features(x)
    seen = {}
    hooks = [
        module.register_forward_hook(lambda _module, _given, made, name=name: seen.update({name: made[0].numpy()}))
        for name, module in network.named_modules()
        if isinstance(module, ConvLayer | Block)
    ]
    features = network.double()(torch.from_numpy(x)[None])
    logits = network.logits(features)
    network.float()
    for hook in hooks:
        hook.remove()
    assert seen.keys() == reference.seen.keys()
    assert len(seen) == 94 + 11
    for name, made in seen.items():
        scale = np.abs(reference.seen[name]).max()
        assert scale > 1e-3, name  # a layer that gives nothing would equal anything
        assert np.abs(made - reference.seen[name]).max() <= 1e-9 * scale, name
    assert features[0].numpy() == pytest.approx(expected, rel=1e-9)
    assert logits.shape == (1, 1008)
    assert logits[0].numpy() == pytest.approx(reference.weights["fc.weight"] @ expected, rel=1e-9)


@pytest.fixture(scope="module")
def weights_file(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "my-inception.safetensors"
    save_file({name: value.clone() for name, value in network.state_dict().items()}, path)
    return path


def test_features_are_the_networks_of_the_resized_picture(network, weights_file, pictures):
    judge = InceptionFeatures.load(str(weights_file), place("cpu", "fp32", 1), batch_size=2)
    resized = [clean_resize(picture) for picture in pictures[:3]]
    found = judge.features(resized)
    expected = network((torch.from_numpy(np.stack(resized)) - 128) / 128).numpy()
    assert found.shape == (3, 2048)
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert judge.logits(found) == pytest.approx(found @ network.fc.weight.numpy().T, rel=1e-3, abs=1e-4)


def test_the_clean_resize_is_antialiased_and_does_not_round():
    stripes = np.zeros((598, 598), dtype=np.uint8)
    stripes[:, ::2] = 255
    resized = clean_resize(Image.fromarray(stripes))
    assert resized.shape == (3, 299, 299)
    assert np.abs(resized[:, :, 5:-5] - 127.5).max() < 8  # a filter that skips pixels would give 0 or 255
    ramp = clean_resize(Image.fromarray(np.tile(np.arange(100, dtype=np.uint8), (100, 1))))
    assert np.abs(ramp - np.round(ramp)).max() > 0.2
    same = np.random.default_rng(0).integers(0, 256, (299, 299, 3), dtype=np.uint8)
    assert (clean_resize(Image.fromarray(same)) == same.transpose(2, 0, 1)).all()


def test_other_tensors_beside_the_networks_own_do_not_matter(network, tmp_path):
    tensors = {name: value.clone() for name, value in network.state_dict().items() if "num_batches" not in name}
    path = tmp_path / "x.safetensors"
    save_file(tensors | {"AuxLogits.fc.weight": torch.zeros(2)}, path)
    assert set(read_weights(path)) == set(network.state_dict())


def test_a_file_of_another_network_is_refused(tmp_path):
    path = tmp_path / "x.safetensors"
    save_file({"fc.weight": torch.zeros(1000, 2048)}, path)
    with pytest.raises(SketchDeskError) as caught:
        read_weights(path)
    assert caught.value.kind is ErrorKind.MODEL_UNREADABLE
    assert "Conv2d_1a_3x3.bn.bias" in caught.value.details


def test_a_pickle_is_read_only_where_it_is_the_published_one(network, tmp_path, monkeypatch):
    path = tmp_path / "pt_inception-2015-12-05.pth"
    torch.save(network.state_dict(), path)
    with pytest.raises(SketchDeskError) as caught:
        read_weights(path)
    assert caught.value.kind is ErrorKind.UNSAFE_WEIGHTS
    assert not is_published(path)
    import hashlib

    own = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(inception_features, "PUBLISHED_SHA256", own)
    assert (read_weights(path)["fc.bias"] == network.fc.bias).all()


def test_the_weights_are_found_among_the_models_by_their_name(weights_file):
    with pytest.raises(SketchDeskError) as caught:
        find_weights("")
    assert caught.value.kind is ErrorKind.MODEL_NOT_FOUND
    place_ = models_dir() / "weights-inception-2015-12-05-6726825d.safetensors"
    place_.parent.mkdir(parents=True, exist_ok=True)
    place_.write_bytes(weights_file.read_bytes())
    assert find_weights("") == place_
    with pytest.raises(SketchDeskError):
        find_weights("no-such-file")
