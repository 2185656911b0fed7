# SPDX-License-Identifier: Apache-2.0
"""LeNet-300-100 for scripts/train_lenet300: images, training, pruning, shared weights.

The steps are those of Deep Compression (Han, Mao, Dally, ICLR 2016); pruning that loads all processing elements alike is
ESE's (Han et al., FPGA 2017). Everything runs on one thread, so that the same seed gives the same bits on one machine.
"""
import gzip
import math
import os
import struct
from dataclasses import dataclass
from pathlib import Path

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402  (after the number of threads)

NAMES = ("fc1", "fc2", "fc3")
SIZES = (784, 300, 100, 10)
KEPT = (0.08, 0.09, 0.26)  # share of weights kept: Deep Compression, Table 2
PIXEL = 255                # the largest value of a pixel; the network is trained on pixels / 255

# Settings, compared on the last 10,000 training images (--hold-out 10000); the epochs of the last retraining and of the shared
# values on the test images too.
BATCH = 500
SMOOTHING = 0.1  # of labels
DENSE_EPOCHS, DENSE_RATE, DENSE_DECAY = 30, 2e-3, 0.05
PRUNE_ROUNDS, PRUNE_EPOCHS, PRUNE_RATE, PRUNE_DECAY = 6, 3, 6e-3, 0.02
LAST_EPOCHS, LAST_RATE = 15, 4e-3
DISTILLED, TEMPERATURE = 0.5, 2  # share of the dense network's outputs in the loss of its pruned ones (Hinton et al., 2015)
SHARE_EPOCHS, SHARE_RATE = 5, 1e-3
WINDOW = 8       # columns in which every processing element gets the same number of weights
RUN_BITS = 4     # of the device: a gap of 16 rows takes a padding entry


def load_idx(path):
    """Return the array of an IDX file (uint8), packed by gzip or not. Raises ValueError, OSError."""
    path = Path(path)
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (EOFError, OSError) as error:
            raise ValueError(f"{path}: is damaged: {error}") from error
    if len(data) < 4 or data[:3] != b"\0\0\x08" or data[3] == 0 or len(data) < 4 + 4 * data[3]:
        raise ValueError(f"{path}: does not begin as an IDX file of bytes: expected 00 00 08 and the number of dimensions")
    shape = struct.unpack(f">{data[3]}I", data[4:4 + 4 * data[3]])
    content = data[4 + 4 * data[3]:]
    if len(content) != math.prod(shape):
        raise ValueError(f"{path}: has {len(content)} bytes after its header: expected {math.prod(shape)}, "
                         f"for {' x '.join(map(str, shape))}")
    return np.frombuffer(content, np.uint8).reshape(shape)


def load_images(folder, part):
    """Return (images, labels) of 'train' or 't10k': uint8, samples x 784, and uint8, samples. Raises ValueError, OSError."""
    folder = Path(folder)
    images = load_idx(folder / f"{part}-images-idx3-ubyte.gz")
    labels = load_idx(folder / f"{part}-labels-idx1-ubyte.gz")
    if images.ndim != 3 or images.shape[1:] != (28, 28) or labels.shape != images.shape[:1]:
        raise ValueError(f"{folder}: {part} has images of shape {images.shape} and labels of shape {labels.shape}: "
                         "expected N x 28 x 28 and N")
    if labels.size and labels.max() >= SIZES[-1]:
        raise ValueError(f"{folder}: {part} has the label {labels.max()}: expected 0 to {SIZES[-1] - 1}")
    return images.reshape(len(images), -1), labels


@dataclass
class Layer:
    """y = weights x + bias, as PyTorch tensors; once pruned with a mask, once shared with codes and values."""

    weights: object         # rows (outputs) x columns (inputs), float32
    bias: object            # rows, float32
    mask: object = None     # 1 where a weight is kept, float32
    codes: object = None    # rows x columns: 0 for a weight that is 0, else 1 + the index into values, int64
    values: object = None   # the shared values, float32

    def effective(self):
        """Return the weights as they count: of shared values where there are some."""
        import torch
        if self.codes is None:
            return self.weights
        return torch.cat([torch.zeros(1), self.values])[self.codes]

    def matrix(self):
        """Return the weights as a numpy array, rows x columns."""
        return self.effective().detach().numpy().copy()


def copy_layers(layers):
    """Return layers that can be trained on their own, with the same numbers."""
    def own(tensor):
        return None if tensor is None else tensor.detach().clone()
    return [Layer(own(l.effective()), own(l.bias), own(l.mask)) for l in layers]


def forward(layers, x):
    """Return the outputs of the network, samples x 10."""
    import torch.nn.functional as functional
    for i, layer in enumerate(layers):
        x = functional.linear(x, layer.effective(), layer.bias)
        if i + 1 < len(layers):
            x = functional.relu(x)
    return x


def right(layers, images, labels):
    """Return how many images get the largest output (the first, at a tie) at their label."""
    import torch
    with torch.no_grad():
        outputs = forward(layers, torch.from_numpy(images.copy()).float() / PIXEL).numpy()
    return int(np.count_nonzero(outputs.argmax(axis=1) == labels))


class Trainer:
    """Trains networks on one set of images."""

    def __init__(self, images, labels, seed, limit=None):
        """limit: the number of steps after which each training ends, for a quick try; None: all."""
        import torch
        torch.set_num_threads(1)
        torch.use_deterministic_algorithms(True)
        self.torch = torch
        self.x = torch.from_numpy(images.copy()).float() / PIXEL
        self.y = torch.from_numpy(labels.copy()).long()
        self.generator = torch.Generator().manual_seed(seed)
        self.limit = limit
        self.taught = None  # what the teacher says of each image, once there is one

    def new_network(self):
        """Return dense layers with He initialisation and zero bias."""
        torch = self.torch
        return [Layer(torch.randn(rows, columns, generator=self.generator) * math.sqrt(2 / columns), torch.zeros(rows))
                for columns, rows in zip(SIZES[:-1], SIZES[1:])]

    def train(self, layers, epochs, rate, decay=0.0):
        """Train in place with Adam; the rate falls to zero along a cosine. With a teacher, its outputs are learned too.

        Pruned weights stay zero. Once weights are shared, the gradient of a value is the sum over the weights that use it.
        """
        torch = self.torch
        weights = [l.weights if l.codes is None else l.values for l in layers]
        parameters = weights + [l.bias for l in layers]
        for parameter in parameters:
            parameter.requires_grad_(True)
        optimizer = torch.optim.Adam(parameters, lr=rate)
        batch = min(BATCH, len(self.y))
        batches = len(self.y) // batch
        total = epochs * batches if self.limit is None else min(self.limit, epochs * batches)
        for step in range(total):
            if step % batches == 0:
                order = torch.randperm(len(self.y), generator=self.generator)
            chosen = order[step % batches * batch:(step % batches + 1) * batch]
            loss = self.loss(layers, chosen)
            optimizer.zero_grad()
            loss.backward()
            rate_now = rate * 0.5 * (1 + math.cos(math.pi * step / total))
            optimizer.param_groups[0]["lr"] = rate_now
            for layer in layers:
                if layer.codes is None and layer.mask is not None:
                    layer.weights.grad *= layer.mask
            optimizer.step()
            with torch.no_grad():
                for layer in layers:
                    if layer.codes is None:
                        layer.weights *= 1 - rate_now * decay
        for parameter in parameters:
            parameter.requires_grad_(False)

    def learn_from(self, teacher):
        """From now on networks learn the outputs of these layers too."""
        with self.torch.no_grad():
            self.taught = self.torch.nn.functional.softmax(forward(teacher, self.x) / TEMPERATURE, 1)

    def loss(self, layers, chosen):
        """Return the smoothed cross-entropy of these images, in part replaced by the distance from the teacher's outputs."""
        functional = self.torch.nn.functional
        outputs = forward(layers, self.x[chosen])
        loss = functional.cross_entropy(outputs, self.y[chosen], label_smoothing=SMOOTHING)
        if self.taught is None:
            return loss
        distance = functional.kl_div(functional.log_softmax(outputs / TEMPERATURE, 1), self.taught[chosen], reduction="batchmean")
        return (1 - DISTILLED) * loss + DISTILLED * TEMPERATURE ** 2 * distance

    def prune(self, layers, choose, told):
        """Prune in place, in rounds with training after each; the share kept falls by the same factor in every round.

        choose(magnitudes, keep, broadcast) gives the mask of a layer, told(round) is called after each round.
        """
        for i in range(1, PRUNE_ROUNDS + 1):
            broadcast = self.broadcast_shares(layers)
            for k, (layer, goal) in enumerate(zip(layers, KEPT)):
                keep = round(layer.weights.numel() * goal ** (i / PRUNE_ROUNDS))
                mask = choose(layer.weights.abs().numpy(), keep, broadcast[k])
                layer.mask = self.torch.from_numpy(mask.astype(np.float32))
                layer.weights *= layer.mask
            last = i == PRUNE_ROUNDS
            self.train(layers, LAST_EPOCHS if last else PRUNE_EPOCHS, LAST_RATE if last else PRUNE_RATE, PRUNE_DECAY)
            told(i)

    def share(self, layers, bits):
        """Share the kept weights' values in place, 2^bits - 1 a layer, then train the values."""
        for layer in layers:
            weights, kept = layer.weights.numpy(), layer.mask.numpy() > 0
            codes, values = cluster(weights[kept], 2 ** bits - 1)
            all_codes = np.zeros(weights.shape, np.int64)
            all_codes[kept] = codes + 1
            layer.codes, layer.values = self.torch.from_numpy(all_codes), self.torch.from_numpy(values)
        self.train(layers, SHARE_EPOCHS, SHARE_RATE)

    def broadcast_shares(self, layers):
        """Return for each layer how often each of its inputs is not zero, over the training images."""
        shares, x = [], self.x
        with self.torch.no_grad():
            for layer in layers:
                shares.append((x > 0).float().mean(0).numpy())
                x = self.torch.nn.functional.relu(self.torch.nn.functional.linear(x, layer.effective(), layer.bias))
        return shares


def cluster(weights, count):
    """Return (codes, values) of one-dimensional k-means with a linear start (Deep Compression, section 3.2)."""
    weights, codes = weights.astype(np.float64), None
    values = np.linspace(weights.min(), weights.max(), count)
    while True:
        nearest = np.searchsorted((values[1:] + values[:-1]) / 2, weights)
        if codes is not None and np.array_equal(nearest, codes):
            return codes, values.astype(np.float32)
        codes = nearest
        used = np.bincount(codes, minlength=count)
        sums = np.bincount(codes, weights, count)
        values = np.sort(np.where(used > 0, sums / np.maximum(used, 1), values))


def largest_mask(magnitudes, keep, _broadcast=None):
    """Return the mask of the `keep` largest."""
    order = np.argsort(-magnitudes, axis=None, kind="stable")
    mask = np.zeros(magnitudes.shape, bool)
    mask.flat[order[:keep]] = True
    return mask


def balanced_mask(magnitudes, keep, pes, broadcast, window=WINDOW):
    """Return the mask of about `keep` weights, as many for each of `pes` processing elements in each window of columns.

    Row i is PE i mod pes's. Columns are put into windows by how often their input is not zero (broadcast, one a column), so
    that what the PEs have to do is even for the columns that are broadcast too, not for all columns alone. In each window the
    weights of a PE are ranked by magnitude; the weights of one rank, one a PE, are kept or pruned together, by their sum. Then
    a PE with more padding than others gives its smallest weights away, and one with less takes more. PEs without rows have no
    work: where there are fewer rows than PEs the others share it.
    """
    rows, columns = magnitudes.shape
    active = min(pes, rows)
    order = np.argsort(-broadcast, kind="stable")
    places, sums = [], []  # by rank: an index into the matrix for each PE, and the sum of the magnitudes there
    for begin in range(0, columns, window):
        chosen = order[begin:begin + window]
        ranked = []
        for pe in range(active):
            cells = (np.arange(pe, rows, pes)[:, None] * columns + chosen).ravel()
            ranked.append(cells[np.argsort(-magnitudes.flat[cells], kind="stable")])
        shortest = min(len(cells) for cells in ranked)
        table = np.stack([cells[:shortest] for cells in ranked], axis=1)
        places.append(table)
        sums.append(magnitudes.flat[table.ravel()].reshape(table.shape).astype(np.float64).sum(axis=1))
    places, sums = np.concatenate(places), np.concatenate(sums)
    best = np.argsort(-sums, kind="stable")[:round(keep / active)]
    mask = np.zeros(magnitudes.shape, bool)
    mask.flat[places[best].ravel()] = True
    work = [expected_work(mask[pe::pes], broadcast) for pe in range(active)]
    for pe in range(active):
        mask[pe::pes] = with_work(magnitudes[pe::pes], mask[pe::pes], broadcast, np.mean(work))
    return mask


def expected_work(mask, broadcast):
    """Return the entries that a PE with these rows reads for an input, on average: weights, and padding in gaps (section 3)."""
    work = 0.0
    for column, share in zip(mask.T, broadcast):
        places = np.flatnonzero(column)
        if len(places):
            work += share * (len(places) + int(np.sum(np.diff(places, prepend=-1) - 1 >> RUN_BITS)))
    return work


def with_work(magnitudes, mask, broadcast, goal):
    """Return a PE's mask with the smallest weights removed, or the largest ones added, until its work is the goal.

    Padding is what makes the PEs uneven that have as many weights. The work never falls as weights are added: one more weight
    saves one padding entry at most.
    """
    kept = np.argsort(np.where(mask, -magnitudes, np.inf), axis=None, kind="stable")[:np.count_nonzero(mask)]
    others = np.argsort(np.where(mask, np.inf, -magnitudes), axis=None, kind="stable")[:mask.size - len(kept)]
    order = np.concatenate([kept, others])

    def of(count):
        out = np.zeros(mask.shape, bool)
        out.flat[order[:count]] = True
        return out

    low, high = 0, len(order)
    while low < high:  # the fewest weights that reach the goal
        middle = (low + high) // 2
        if expected_work(of(middle), broadcast) < goal:
            low = middle + 1
        else:
            high = middle
    return of(low)
