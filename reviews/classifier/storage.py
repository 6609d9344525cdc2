"""Weights on disk: one file of arrays, and one that a person can read."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from .decoding import Decoder
from .linear import LinearModel
from .model import CODES

SHIPPED = Path(__file__).parent / "weights"
ARRAYS = "linear.npz"
DESCRIPTION = "model.json"
FORMAT = "linear-1"


class UnusableWeights(ValueError):
    """The directory holds no model that this version can use."""


def load(directory: Path) -> tuple[str, LinearModel, Decoder]:
    """Version, model and decoder stored in `directory`. Raises UnusableWeights."""
    try:
        description = json.loads((directory / DESCRIPTION).read_text(encoding="utf-8"))
        if description["format"] != FORMAT or tuple(description["codes"]) != CODES:
            raise UnusableWeights(f"the weights in {directory} are of another format or for other causes")
        with np.load(directory / ARRAYS) as arrays:
            model = LinearModel.from_arrays(arrays)
        return description["version"], model, Decoder.from_json(description["decoder"])
    except (OSError, KeyError, TypeError, json.JSONDecodeError, zipfile.BadZipFile) as error:
        raise UnusableWeights(f"{directory} holds no usable weights: {error}") from error


def save(directory: Path, model: LinearModel, decoder: Decoder, facts: dict[str, Any]) -> str:
    """Store the model with `facts` about its training; answers its version, which hangs on the weights alone."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **model.to_arrays())
    stored_decoder = decoder.to_json()
    digest = hashlib.sha256(buffer.getvalue() + json.dumps(stored_decoder).encode()).hexdigest()
    version = f"{FORMAT}-{digest[:10]}"
    description = {"format": FORMAT, "version": version, "codes": CODES, "decoder": stored_decoder, **facts}
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ARRAYS).write_bytes(buffer.getvalue())
    (directory / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")
    return version
