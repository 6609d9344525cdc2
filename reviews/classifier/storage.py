"""Weights on disk: arrays of the network and of its validation, and one file that a person can read."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .decoding import Decoder
from .model import CODES, Floats
from .network import Network

SHIPPED = Path(__file__).parent / "weights"
ARRAYS = "network.npz"
VALIDATION = "validation.npz"
DESCRIPTION = "model.json"
FORMAT = "network-2"


class UnusableWeights(ValueError):
    """The directory holds no model that this version can use."""


class Validation(NamedTuple):
    """What the model says of reviews it has not learnt from, one row for each: its features and probabilities, and
    what is true (codes, then top causes)."""

    features: Floats
    codes: Floats
    tops: Floats
    targets: Floats


def load(directory: Path) -> tuple[str, Network, Decoder]:
    """Version, model and decoder stored in `directory`. Raises UnusableWeights."""
    try:
        description = json.loads((directory / DESCRIPTION).read_text(encoding="utf-8"))
        if description["format"] != FORMAT or tuple(description["codes"]) != CODES:
            raise UnusableWeights(f"the weights in {directory} are of another format or for other causes")
        with np.load(directory / ARRAYS) as arrays:
            model = Network.from_arrays(arrays)
        return description["version"], model, Decoder.from_json(description["decoder"])
    except (OSError, KeyError, TypeError, json.JSONDecodeError, zipfile.BadZipFile) as error:
        raise UnusableWeights(f"{directory} holds no usable weights: {error}") from error


def save(directory: Path, model: Network, decoder: Decoder, validation: Validation, facts: dict[str, Any]) -> str:
    """Store the model with `facts` about its training; answers its version, which hangs on the weights alone."""
    network = _packed(model.to_arrays())
    stored_decoder = decoder.to_json()
    digest = hashlib.sha256(network + json.dumps(stored_decoder).encode()).hexdigest()
    version = f"{FORMAT}-{digest[:10]}"
    description = {"format": FORMAT, "version": version, "codes": CODES, "decoder": stored_decoder, **facts}
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ARRAYS).write_bytes(network)
    (directory / VALIDATION).write_bytes(_packed(_half(validation)))
    (directory / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    return version


def _half(validation: Validation) -> dict[str, Any]:
    arrays: dict[str, Any] = {name: table.astype(np.float16) for name, table in validation._asdict().items()}
    return arrays | {"targets": validation.targets.astype(np.uint8)}


def _packed(arrays: dict[str, Any]) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()
