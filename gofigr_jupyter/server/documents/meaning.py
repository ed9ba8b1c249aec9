"""What texts mean: vectors of a static model, which point the same way where texts speak of the same thing.

In: texts. Out: their vectors as bytes, and how near a question is to them. The model runs here, and no text leaves.
The only door to model2vec, which is an extra, and is loaded only where the operator names a model.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from blake3 import blake3

from gofigr_jupyter.errors import ConfigurationError
from gofigr_jupyter.server.config import EMBEDDINGS_VARIABLE

if TYPE_CHECKING:
    import numpy as np
    from model2vec import StaticModel
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

LEAST = 0.25  # the cosine of a question and a text that are near, whatever the model
DEVIATIONS = 3.0  # by which it is above that of texts of words by chance
_CHANCE, _ASKED, _TOLD = 300, 4, 40  # texts by chance, and how many words those have that ask, and that tell
_BYTES = 2  # of a number that is kept


class Meaning:
    """One model; threads may share it. `key` is another for another model."""

    def __init__(self, model: StaticModel) -> None:
        self._model = model
        self._lock = threading.Lock()  # a tokenizer that two threads use fails
        self.key = _digest(model)
        self.least = _least(model)

    @classmethod
    def load(cls, named: str) -> Meaning:
        """The model in a folder, or of a name on the Hugging Face hub. Raises ConfigurationError."""
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")  # what is done at leisure takes one core
        try:
            from model2vec import StaticModel

            path = Path(named).expanduser()
            return cls(StaticModel.from_pretrained(str(path if path.exists() else named), force_download=False))
        except Exception as error:  # the library, its tokenizer and the hub have no error in common
            told = " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__
            raise ConfigurationError(
                f"{EMBEDDINGS_VARIABLE}={named} cannot be loaded: {told}. It is a folder with a static model of "
                "model2vec, or the name of one on the Hugging Face hub, such as minishlab/potion-base-8M."
            ) from error

    def packed(self, texts: Sequence[str]) -> bytes:
        """Vectors of texts, one after the other; all zeros where the model knows no word."""
        return self._vectors(texts).astype("float16").tobytes() if texts else b""

    def count(self, packed: bytes) -> int:
        """How many vectors there are; -1 where it is no whole number of them."""
        return -1 if len(packed) % self._size else len(packed) // self._size

    def asked(self, question: str) -> Vectors | None:
        """The vector of a question; None where the model knows none of its words."""
        vector: Vectors = self._vectors([question])[0]
        return vector if vector.any() else None

    def nearness(self, asked: Vectors, packed: bytes) -> list[float]:
        """The cosines of a question and of texts; 0 for those that are not near."""
        import numpy as np

        found = np.frombuffer(packed, "float16").reshape(-1, len(asked)).astype("float32") @ asked
        return [float(one) if one >= self.least else 0.0 for one in found]

    @property
    def _size(self) -> int:
        return int(self._model.dim) * _BYTES

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            return _unit(self._model.encode(list(texts), use_multiprocessing=False))


def _unit(vectors: NDArray[np.floating]) -> Vectors:
    import numpy as np

    found = np.nan_to_num(vectors.astype("float32"), posinf=0.0, neginf=0.0)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    unit: Vectors = np.divide(found, lengths, out=np.zeros_like(found), where=lengths > 0)
    return unit


def _digest(model: StaticModel) -> str:
    import numpy as np

    digest = blake3(model.tokenizer.to_str().encode())
    for array in (model.embedding, model.weights, model.token_mapping):
        if array is not None:
            digest.update(np.ascontiguousarray(array).data.cast("B"))
    return digest.hexdigest(16)


def _least(model: StaticModel) -> float:
    """What is near in this model: models differ in how near texts are that have nothing to do with one another."""
    import numpy as np

    chance = np.random.default_rng(0)
    known = model.embedding  # no text, for many of a model's words are parts of words
    asked, told = (chance.integers(len(known), size=(_CHANCE, words)) for words in (_ASKED, _TOLD))
    found = _unit(known[asked].mean(axis=1)) @ _unit(known[told].mean(axis=1)).T
    return max(LEAST, float(found.mean() + DEVIATIONS * found.std()))
