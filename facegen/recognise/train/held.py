"""How well a net tells people apart whom it was not trained on. Importing this module imports torch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from facegen.measures.verification import eer
from facegen.recognise.train.crops import Crops
from facegen.recognise.train.devices import mixed

MOST = 2000
"""Pictures that are compared, two million pairs: the first of each person, as many of everybody, where there are more."""
BATCH = 256


def pictures(crops: Crops) -> NDArray[np.int64]:
    """Return the places of the pictures to verify by."""
    places = np.flatnonzero(crops.held)
    if len(places) <= MOST:
        return places
    who = crops.labels[places]
    order = np.argsort(who, kind="stable")
    starts = np.searchsorted(who[order], who[order])
    turn = np.empty(len(who), np.int64)
    turn[order] = np.arange(len(who)) - starts  # 0 for a person's first picture, 1 for the second ...
    return np.sort(places[np.lexsort((who, turn))[:MOST]])


def embed(net: nn.Module, pixels: Tensor, device: torch.device, dtype: torch.dtype | None) -> Tensor:
    """Return unit embeddings (N, D), on the processor, of (N, S, S, C) uint8 crops and their mirror images added."""
    net.eval()
    with torch.no_grad(), mixed(device, dtype):
        found = [net(x).float() + net(x.flip(3)).float() for x in _batches(pixels, device)]
    return functional.normalize(torch.cat(found)).cpu()


def _batches(pixels: Tensor, device: torch.device) -> Iterator[Tensor]:
    for at in range(0, len(pixels), BATCH):
        yield pixels[at : at + BATCH].to(device).permute(0, 3, 1, 2).float() / 255


def error_rate(embeddings: NDArray[np.float32], who: NDArray[np.int64]) -> float:
    """Return the EER over all pairs of (N, D) unit embeddings of people `who` (N,)."""
    scores = embeddings @ embeddings.T
    first, second = np.triu_indices(len(who), 1)
    mated = who[first] == who[second]
    values = scores[first, second]
    return eer(values[mated], values[~mated])
