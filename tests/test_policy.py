"""Preference training: answers weighed in one pass, steps that learn, groups, judgements, and the exam."""

import math
from dataclasses import replace

import pytest
import torch
from tiny import tiny_model, tiny_tokenizer

from llm_workbook.corpus.load import EVIDENCE, load_questions
from llm_workbook.feedback import exam, learning, policy
from llm_workbook.feedback.policy import Answers
from llm_workbook.feedback.raters import CAREFUL, label_all
from llm_workbook.feedback.records import FIRST, TIE, Asked, Label, load_asked, pair_of, pairs_of
from llm_workbook.taught.lab_2_5 import advantages, dpo_loss
from llm_workbook.training.fit import Recipe, prepare

ASKED = Asked("q", "f", "lookup", "How long?", ("Lease, Term: It runs for 30 days.",), ("30 days",), ("Term",))
SAID = Answers((3, 4, 5, 6), ((7, 8, 257), (9, 257), (7, 8, 10, 257)))


@pytest.fixture
def model():
    tuned = prepare(tiny_model(), Recipe(layers="all"))
    for name, weight in tuned.named_parameters():
        if ".lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
        if ".lora_" in name:
            weight.requires_grad_(".layers.1." in name)
    return tuned


def by_hand(model, prompt, answer):
    with torch.no_grad():
        logits = model(torch.tensor([[*prompt, *answer]])).logits[0, len(prompt) - 1 : -1].log_softmax(-1)
    return sum(float(row[token]) for row, token in zip(logits, answer, strict=True))


# ------------------------------------------------------------------ one pass for all answers


def test_all_answers_in_one_pass_are_as_probable_as_each_alone(model):
    expected = [by_hand(model, SAID.prompt, answer) for answer in SAID.answers]
    assert policy.log_probabilities(model, SAID).tolist() == pytest.approx(expected, abs=1e-4)


def test_what_the_frozen_half_made_can_be_kept(model):
    kept = policy.lower_half(model, SAID)
    assert not kept.requires_grad
    assert torch.allclose(policy.log_probabilities(model, SAID, kept), policy.log_probabilities(model, SAID))


def test_answers_do_not_see_each_other(model):
    other = replace(SAID, answers=((7, 8, 257), (100, 101, 102, 257), (7, 8, 10, 257)))
    before, after = policy.log_probabilities(model, SAID), policy.log_probabilities(model, other)
    assert before[[0, 2]].tolist() == pytest.approx(after[[0, 2]].tolist(), abs=1e-4)
    assert abs(float((before[1] - after[1]).detach())) > 0.1


def test_only_the_upper_half_gets_a_gradient(model):
    policy.log_probabilities(model, SAID).sum().backward()
    moved = {name for name, weight in model.named_parameters() if weight.grad is not None}
    assert moved and all(".layers.1." in name for name in moved)


def test_a_question_without_answers_is_refused():
    with pytest.raises(ValueError, match="no answers to weigh"):
        policy.answers_to(None, ASKED, [])


def test_samples_end_with_the_mark_or_at_the_limit(model):
    chat = tiny_tokenizer()
    one = policy.sample(model, chat, ASKED, torch.Generator().manual_seed(1), count=5, most=6)
    assert len(one.answers) == 5
    for answer in one.answers:
        assert chat.eos_token_id not in answer[:-1] and (len(answer) == 6 or answer[-1] == chat.eos_token_id)
    again = policy.sample(model, chat, ASKED, torch.Generator().manual_seed(1), count=5, most=6)
    assert one == again
    assert len(policy.decoded(chat, one)) == 5


# ------------------------------------------------------------------ losses and steps


def weigh(model, worth=(1.0, 0.0, 0.0)):
    with torch.no_grad():
        return learning.Weighed(SAID, policy.log_probabilities(model, SAID), worth)


def test_before_the_first_step_the_loss_is_log_two(model):
    for wrong in (0.0, 0.2, 0.4):
        loss = learning.preference_loss(model, dpo_loss, 0.1, wrong)(weigh(model))
        assert float(loss.detach()) == pytest.approx(math.log(2), abs=1e-5)


def test_robust_loss_is_right_on_average(model):
    """Of pairs of which a share is turned round, its mean is the loss of the pairs as they should be."""
    one, share = weigh(model), 0.3
    one = replace(one, start=one.start + torch.tensor([0.0, 3.0, 0.0]))
    turned = replace(one, answers=Answers(SAID.prompt, SAID.answers[1::-1]), start=one.start[[1, 0]])
    robust = learning.preference_loss(model, dpo_loss, 0.5, share)
    mean = (1 - share) * float(robust(one)) + share * float(robust(turned))
    assert mean == pytest.approx(float(learning.preference_loss(model, dpo_loss, 0.5)(one)), abs=1e-5)


def test_a_judge_that_errs_half_of_the_time_teaches_nothing(model):
    with pytest.raises(ValueError, match="below 0.5"):
        learning.preference_loss(model, dpo_loss, 0.1, wrong=0.5)


def test_training_on_a_pair_raises_the_chosen_against_the_rejected(model):
    items = [weigh(model)]
    losses = policy.train_on(model, [items] * 12, learning.preference_loss(model, dpo_loss, 0.1), rate=1e-2)
    now = policy.log_probabilities(model, SAID) - items[0].start
    assert losses[0] == pytest.approx(math.log(2), abs=1e-5) and losses[-1] < 0.5
    assert float(now[0] - now[1]) > 1


def test_thumbs_raise_what_is_liked(model):
    items = [weigh(model, (1.0, 0.0, 0.0))]
    policy.train_on(model, [items] * 12, learning.thumbs_loss(model, 0.1), rate=1e-2)
    now = policy.log_probabilities(model, SAID) - items[0].start
    assert now[0] > now[1]


def test_supervised_training_raises_the_answer(model):
    one = Answers(SAID.prompt, SAID.answers[:1])
    losses = policy.train_on(model, [[one]] * 12, learning.supervised_loss(model), rate=1e-2)
    assert losses[-1] < losses[0] - 0.3


def test_a_group_in_which_all_earn_the_same_has_no_gradient(model):
    learning.group_loss(model, advantages)(weigh(model, (1.0, 1.0, 1.0))).backward()
    assert all(weight.grad is None or not weight.grad.any() for weight in model.parameters())


def test_the_gradient_of_a_group_is_that_of_its_formula(model):
    one = weigh(model, (1.0, 0.0, 0.5))
    loss = learning.group_loss(model, advantages)(one)
    assert float(loss.detach()) == pytest.approx(0, abs=1e-5)
    weight = next(weight for weight in model.parameters() if weight.requires_grad)
    (found,) = torch.autograd.grad(loss, [weight])
    gains, lengths = torch.tensor(advantages(one.worth)), torch.tensor(SAID.lengths)
    (expected,) = torch.autograd.grad(-(gains * policy.log_probabilities(model, SAID) / lengths).mean(), [weight])
    assert torch.allclose(found, expected, atol=1e-6) and expected.any()


def test_a_loss_that_is_no_number_ends_the_run_and_changes_nothing(model, capsys):
    before = [weight.clone() for weight in model.parameters()]
    losses = policy.train_on(model, [[0], [0]], lambda _: policy.log_probabilities(model, SAID).sum() * math.nan)
    assert len(losses) == 1 and "not a number" in capsys.readouterr().out
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))


def test_an_interruption_is_said_and_keeps_the_steps(model, capsys):
    def interrupt(losses):
        if len(losses) == 2:
            raise KeyboardInterrupt
        return False

    losses = policy.train_on(
        model, [[weigh(model)]] * 5, learning.preference_loss(model, dpo_loss, 0.1), watch=interrupt
    )
    assert len(losses) == 2 and "interrupted after step 2" in capsys.readouterr().out


def test_grpo_learns_what_is_rewarded(model):
    chat = tiny_tokenizer()
    rewards = learning.train_grpo(
        model, chat, [ASKED], lambda _, text: float(len(text) > 3), advantages, seconds=60, rate=3e-2, most_steps=6
    )
    assert len(rewards) == 6 and all(0 <= one <= 1 for one in rewards)


# ------------------------------------------------------------------ judgements


def test_judgements_are_the_labels_that_prefer_an_answer():
    pairs, asked = [pair_of("q", "30 days", "not stated"), pair_of("q", "9 days", "30 days [Term]")], {"q": ASKED}
    labels = [
        Label(pairs[0].id, FIRST, "Ann"),
        Label(pairs[0].id, FIRST, "Ann", again=True),
        Label("gone", FIRST, "Ann"),
    ]
    labels += [Label(pairs[1].id, "second", "Ann"), Label(pairs[1].id, TIE, "Bob")]
    made = learning.judgements_of(labels, pairs, asked)
    assert [(one.chosen, one.rejected, one.refusals) for one in made] == [
        ("30 days", "not stated", "loses"), ("30 days [Term]", "9 days", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(("ratio", "wins"), [(0.5, 2), (1.0, 4), (0.0, 0), (9.0, 6)])
def test_refusals_are_balanced(ratio, wins):
    wrong = replace(ASKED, answers=(), headings=())
    some = [learning.Judgement(wrong, "not stated", f"{n} days") for n in range(6)]
    some += [learning.Judgement(ASKED, "30 days", "not stated")] * 4 + [learning.Judgement(ASKED, "30 days", "9 days")]
    kept = learning.balanced(some, ratio)
    assert [sum(one.refusals == name for one in kept) for name in ("wins", "loses", "")] == [wins, 4, 1]


def test_a_file_of_ties_alone_is_refused_in_a_sentence():
    labels = [Label("p", TIE, "Ann")]
    assert learning.judgements_of(labels, [pair_of("q", "a", "b")], {"q": ASKED}) == []
    with pytest.raises(ValueError, match="nothing to learn from: no label prefers an answer"):
        learning.batches_of([], 2, 2)


def test_batches_go_through_the_items_in_turn():
    assert learning.batches_of([1, 2, 3], 2, 2) == [[1, 2], [3, 1]]


# ------------------------------------------------------------------ the exam


def test_the_exam_is_of_families_that_nothing_was_trained_on():
    asked = exam.exam_questions()
    taught = {one.family for corpus in EVIDENCE for one in load_questions(corpus, "train")}
    assert len({one.family for one in asked}) == 15 and not {one.family for one in asked} & taught
    assert not {one.family for one in asked} & {one.family for one in load_asked()}
    counts = [sum(bool(one.answers) == kind for one in asked) for kind in (True, False)]
    assert counts == [15 * exam.STATED, 15 * exam.ABSENT]
    for one in asked:
        assert len(one.clauses) == 3 and bool(one.headings) == bool(one.answers)


def test_what_answers_do_is_counted_where_it_can_be():
    none = replace(ASKED, id="r", family="g", answers=(), headings=())
    said = ["30 days [Term]", "30 days [Rent]", "not stated", "9 days", "not stated", "30 days [Term]"]
    table = exam.scored([ASKED] * 4 + [none] * 2, said)
    assert list(table["right"]) == [1, 1, 0, 0, 0, 0]
    assert list(table["cites"]) == [1, 0, 0, 0, 0, 0]
    assert list(table["cites another"]) == [0, 1, 0, 0, 0, 1]
    assert list(table["needless refusals"]) == [0, 0, 1, 0, 0, 0]
    assert list(table["right refusals"]) == [0, 0, 0, 0, 1, 0]
    assert list(table["worth"]) == [3, 1.5, 0.3, 0, 2, 0]
    row = exam.board({"x": table.assign(question_id=range(6))}).loc["x"]
    assert row["right"].startswith("50 ") and row["right refusals"].startswith("50 ") and row["worth"] == "1.13"


def test_a_verdict_takes_the_seeds_as_a_source_of_chance():
    asked = exam.exam_questions()
    start = exam.scored(asked, ["not stated"] * len(asked))
    right = exam.scored(asked, [one.answers[0] if one.answers else "not stated" for one in asked])
    seeds = exam.pd.concat([right.assign(seed=seed) for seed in (1, 2, 3)])
    verdict = exam.moved(seeds, start, "right", ("after", "start"))
    assert (verdict.label, verdict.seeds, round(verdict.difference)) == ("better", 3, 100)
    assert exam.moved(seeds, start, "right refusals", ("after", "start")).label == "cannot tell"


def test_the_samples_of_lab_2_4_make_pairs_to_learn_from():
    asked = {one.id: one for one in load_asked()}
    pairs = pairs_of([*asked.values()], 3)
    kept = learning.balanced(learning.judgements_of(label_all(CAREFUL, pairs, asked), pairs, asked))
    assert len(kept) >= policy.RECIPE.steps * policy.RECIPE.batch
