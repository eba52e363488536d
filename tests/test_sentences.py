"""One spelling for what students write in Markdown, LaTeX and Unicode, in bounded time whatever they write."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.prose import sentences
from autograder.prose.sentences import MAX_CHARACTERS, SHOWN_CHARACTERS, near, read, tokens_of


@pytest.mark.parametrize(
    "text",
    [
        "p(x,y) = p(x)p(y)",
        "$p(x, y) = p(x)\\,p(y)$",
        "$P_{XY} = P_X P_Y$",
        "$p_{X,Y}(x,y) = p_X(x) \\cdot p_Y(y)$",
        "P(X=x, Y=y) = P(X=x)·P(Y=y)",
        "$\\mathrm{P}(Y,X) = \\mathbb{P}(X)\\mathbb{P}(Y)$",
        "𝑝(𝑥,𝑦) = 𝑝(𝑥)𝑝(𝑦)",
    ],
)
def test_a_joint_and_its_marginals_have_one_spelling(text):
    assert tokens_of(text) == ("p(x,y)", "=", "p(x)", "p(y)")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("$I(X;Y)=0 \\iff X \\perp Y$", "i(x;y) = 0 iff x independent y"),
        ("I(X; Y) = 0 ⟺ X ⊥ Y", "i(x;y) = 0 iff x independent y"),
        ("$X \\perp\\!\\!\\!\\perp Y$", "x independent y"),
        ("zero if and only if", "0 iff"),
        ("$D_{KL}(q' \\| p)$", "kl q' | p"),
        ("KL(q′‖p) ≥ 0", "kl q' | p at least 0"),
        ("It doesn't, can't, won't, isn't", "it does not , can not , will not , is not"),
        ("it doesnt", "it does not"),
        ("not only linear", "only linear"),
        ("non-linear, cross-entropy", "nonlinear , cross entropy"),
        ("X and Y are the same", "xy are same"),
        ("gap → ∞", "gap to infinity"),
        ("1-ε+ε/K", "1 - epsilon + epsilon / k"),
        ("Y = X²", "y = x ^ 2"),
        ("H(X|Y) = H(X)", "h(x|y) = h(x)"),
    ],
)
def test_signs_formulas_and_short_forms_have_one_spelling(text, tokens):
    assert " ".join(tokens_of(text)) == tokens


def test_paragraphs_lists_and_full_stops_part_sentences():
    text = read("# My answer\n\nFirst one, e.g. this. Second\none!\n\n- third\n- fourth; this too\n1. fifth")

    assert [s.text for s in text.sentences] == [
        "My answer", "First one, eg this.", "Second one!", "third", "fourth;", "this too", "fifth",
    ]  # fmt: skip


def test_tags_comments_and_invisible_characters_are_no_text():
    text = read("X <b>is</b> <!-- hidden --> in\u200bde\u202ependent\x00<script>of</script> Y\x1b[2J")

    assert [s.text for s in text.sentences] == ["X is independent of Y[2J"]


def test_code_is_counted_and_not_read():
    text = read("Look:\n```python\nprint('independent')\n```\nDone.")

    assert [s.text for s in text.sentences] == ["Look:", "Done."]
    assert 0.5 < text.code < 1
    assert read("~~~\nnever closed").code == 1


@pytest.mark.parametrize(
    "text",
    [
        "They are independent.",
        "I = 0 iff X ⊥ Y",
        "p(x,y) = p(x)p(y)",
        "The target is 0.93, 0.03 and 0.03 for the three.",
    ],
)
def test_statements_state_something(text):
    assert read(text).sentences[0].asserts


@pytest.mark.parametrize(
    "text",
    [
        "independence",
        "independence, KL divergence, product of marginals",
        "Important concepts are independence, KL divergence, the joint and the marginals.",
        "soft targets, epsilon, cross-entropy = KL + entropy, uniform distribution, logit gap",
        "Are X and Y independent?",
    ],
)
def test_terms_in_a_row_and_questions_state_nothing(text):
    assert not read(text).sentences[0].asserts


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("indepedent", "independent"), ("independant", "independent"), ("marginels", "marginals"),
        ("dependent", None), ("margin", None), ("x", None), ("informatoin", "information"),
    ],
)  # fmt: skip
def test_misspelled_words_are_recognised_and_other_words_are_left_alone(word, meant):
    assert near(word, ["independent", "marginals", "information"]) == meant


def test_long_texts_are_not_read():
    assert read("a" * (MAX_CHARACTERS + 1)).too_long
    assert read("\ufdfa" * (MAX_CHARACTERS - 1)).too_long, "characters that become many"
    assert read("no " * (sentences.MAX_WORDS + 1)).too_long


def test_texts_of_very_many_sentences_are_not_read():
    assert read("So it is. " * 190).sentences
    assert read("1. " * 1900).too_long


def test_long_sentences_are_cut_where_they_are_shown():
    (sentence, *_) = read("word " * 200).sentences

    assert len(sentence.text) <= SHOWN_CHARACTERS + 1


@pytest.mark.parametrize(
    "piece",
    ["$", "(", "<", "<a", "<!--", "```\n", "p(x,", "\\perp", "\\perp\\! ", "\\", "e.g.", ". ", "; a", "a-", "q'", "1.", "_",
     " ", "\n", "*", "\u0301", "\u202e", "x and y ", "|", "{", "\\frac{"],
)  # fmt: skip
def test_no_text_takes_long(piece):
    """A pattern that tries every way to split the text would take minutes for these."""
    start = time.process_time()

    read((piece * MAX_CHARACTERS)[:MAX_CHARACTERS])

    assert time.process_time() - start < 2


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_and_shown_on_one_line(text):
    for sentence in read(text).sentences:
        assert "\n" not in sentence.text
        assert all(char.isprintable() or char.isspace() or ord(char) > 0xA0 for char in sentence.text)
