"""The training path of lab 2.2: its invariants, its resumption after a kill, and a sentence for everything that can go
wrong."""

import errno
import json
import math
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import pytest
import safetensors.torch
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from llm_workbook.settings import ROOT
from llm_workbook.taught.lab_2_2 import answer_labels, answer_loss, lora_layer
from llm_workbook.training import fit as training
from llm_workbook.training.checkpoint import Checkpoint, CheckpointError
from llm_workbook.training.fit import (
    Recipe,
    batch_at,
    learning_rate_at,
    mean_loss,
    micro_batches,
    prepare,
    refuse_bad_data,
    train,
    trouble,
)

torch.set_num_threads(1)  # tiny tensors: more threads only wait for each other
VOCABULARY = 99
RECIPE = Recipe(rank=4, alpha=8, steps=24, batch=4, learning_rate=1e-2)


def tiny_model(dtype=torch.float32):
    torch.manual_seed(1)
    sizes = {
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 4,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
    }
    return LlamaForCausalLM(LlamaConfig(vocab_size=VOCABULARY, max_position_embeddings=64, **sizes)).to(dtype).eval()


def copy_task(count=30):
    """Prompts of several lengths; the answer is the second token of the prompt."""
    prompts = [[1 + (number * 7 + place) % 90 for place in range(4 + number % 9)] for number in range(count)]
    return [answer_labels(prompt, prompt[1:3], 0) for prompt in prompts]


def checkpoint(folder, recipe=RECIPE, data="data", every=8):
    return Checkpoint(folder / "run.checkpoint", {"recipe": vars(recipe), "data": data, "base": "tiny"}, every)


# ------------------------------------------------------------------ invariants


def test_the_loss_is_the_hand_count_whatever_the_padding():
    model, examples = tiny_model(), copy_task(5)
    by_hand = 0.0
    for ids, labels in examples:
        chances = model(torch.tensor([ids])).logits[0].detach().log_softmax(-1)
        by_hand -= sum(float(chances[place - 1, token]) for place, token in enumerate(ids) if labels[place] != -100)
    assert float(answer_loss(model, examples).detach()) == pytest.approx(by_hand, rel=1e-5)
    assert mean_loss(model, examples) == pytest.approx(by_hand / 15, rel=1e-5)


@pytest.mark.parametrize("layers", ["all", "top half"])
def test_fresh_adapters_change_nothing_and_are_fp32_on_frozen_weights(layers):
    examples = copy_task(6)
    before = float(answer_loss(tiny_model(torch.bfloat16), examples).detach())
    model = prepare(tiny_model(torch.bfloat16), Recipe(rank=4, layers=layers))
    assert float(answer_loss(model, examples).detach()) == pytest.approx(before, rel=1e-6)
    trained = {name: weight for name, weight in model.named_parameters() if weight.requires_grad}
    assert {weight.dtype for weight in trained.values()} == {torch.float32}
    assert all("lora" in name for name in trained)
    touched = {int(name.split("layers.")[1].split(".")[0]) for name in trained}
    assert touched == ({0, 1, 2, 3} if layers == "all" else {2, 3})


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_step_multiplies_in_the_precision_of_the_model_and_keeps_adapters_in_fp32(dtype):
    recipe = Recipe(rank=4, steps=2, batch=4)
    model, seen = prepare(tiny_model(dtype), recipe), set()
    adapters = {
        name: part for name, part in model.named_modules() if name.endswith(("lora_A.default", "lora_B.default"))
    }
    for part in adapters.values():
        part.register_forward_hook(lambda part, inputs, output: seen.add(output.dtype))
    train(model, copy_task(), recipe)
    assert seen == {dtype}
    assert {part.weight.dtype for part in adapters.values()} == {torch.float32}
    assert all(part.weight.abs().sum() > 0 for name, part in adapters.items() if "lora_B" in name), (
        "nothing was learned"
    )
    seen.clear()
    mean_loss(model, copy_task())
    assert seen == {torch.float32}, "outside a step the adapters multiply as they are kept"


@pytest.mark.parametrize(("dtype", "passes"), [(torch.float32, (4, 8)), (torch.bfloat16, (4, 4))])
def test_in_fp32_every_second_layer_is_computed_again_in_every_step_and_nothing_else_changes(dtype, passes):
    def asked(losses):
        model.eval()  # what asking for an answer does
        return False

    recipe, seen = replace(RECIPE, steps=4, layers="all"), Counter()
    model = prepare(tiny_model(dtype), recipe)
    for number, layer in enumerate(model.base_model.model.model.layers):
        layer.mlp.register_forward_pre_hook(lambda *_, number=number: seen.update([number]))
    losses = train(model, copy_task(), recipe, watch=asked).losses
    assert len(seen) > 1 and all(count == passes[number % 2] for number, count in seen.items())
    plain = prepare(tiny_model(dtype), recipe)
    plain.base_model.model.activation_checkpointing_disable()
    assert losses == train(plain, copy_task(), recipe).losses


@pytest.mark.parametrize("rank", [4, 0])
@pytest.mark.parametrize(("dtype", "scales"), [(torch.float16, True), (torch.bfloat16, False)])
def test_gradients_are_scaled_where_a_step_computes_in_fp16(rank, dtype, scales, monkeypatch):
    """An old GPU: small gradients vanish in fp16, in full fine-tuning too, whose weights are kept in fp32."""
    scalers = []
    monkeypatch.setattr(
        training, "gradient_step", lambda model, optimizer, batch, rate, scaler: scalers.append(scaler) or 1.0
    )
    recipe = Recipe(rank=rank, steps=1, batch=4)
    train(prepare(tiny_model(dtype), recipe), copy_task(), recipe)
    assert [scaler.is_enabled() for scaler in scalers] == [scales]


def test_our_layer_does_what_pefts_does():
    model = prepare(tiny_model(), Recipe(rank=4, alpha=8, layers="all"))
    theirs = model.base_model.model.model.layers[0].mlp.up_proj
    ours = lora_layer(theirs.base_layer, 4, 8)
    with torch.no_grad():
        theirs.lora_B["default"].weight.normal_()
        ours.a.copy_(theirs.lora_A["default"].weight)
        ours.b.copy_(theirs.lora_B["default"].weight)
        x = torch.randn(2, 5, 32)
        assert torch.allclose(ours(x), theirs(x), atol=1e-5)


def test_the_backward_pass_stops_at_the_lowest_adapter():
    model = prepare(tiny_model(), Recipe(rank=4, layers="top half"))
    seen = {}
    for number, layer in enumerate(model.base_model.model.model.layers):
        layer.register_forward_hook(
            lambda module, inputs, output, number=number: seen.update({number: output[0].requires_grad})
        )
    answer_loss(model, copy_task(2))
    assert seen == {0: False, 1: False, 2: True, 3: True}


def test_full_fine_tuning_trains_every_weight_in_fp32():
    model = prepare(tiny_model(torch.bfloat16), Recipe(rank=0))
    assert all(weight.requires_grad and weight.dtype == torch.float32 for weight in model.parameters())
    losses = train(model, copy_task(), Recipe(rank=0, steps=12, batch=4, learning_rate=1e-2)).losses
    assert losses[-1] < losses[0] - 0.5


def test_micro_batches_hold_everything_once_within_the_budget():
    examples = copy_task(30)
    groups = list(micro_batches(examples, tokens=40))
    assert sorted(map(str, (one for group in groups for one in group))) == sorted(map(str, examples))
    assert all(len(group) * max(len(ids) for ids, _ in group) <= 40 for group in groups)
    assert len(list(micro_batches(examples, tokens=1))) == 30  # one too long for the budget goes alone


def test_every_epoch_sees_everything_once_in_its_own_order():
    examples, recipe = copy_task(10), Recipe(batch=4, steps=10)
    seen = [str(one) for step in range(10) for one in batch_at(examples, recipe, step)]
    epochs = [seen[start : start + 10] for start in range(0, 40, 10)]
    assert all(sorted(epoch) == sorted(map(str, examples)) for epoch in epochs)
    assert epochs[0] != epochs[1]
    assert batch_at(examples, recipe, 3) == batch_at(examples, recipe, 3)
    assert batch_at(examples, Recipe(batch=4, seed=8), 0) != batch_at(examples, recipe, 0)
    assert len(batch_at(examples[:2], Recipe(batch=8), 0)) == 8  # more in a batch than there are


def test_the_learning_rate_rises_stays_and_falls():
    recipe = Recipe(learning_rate=1.0, steps=20)
    rates = [round(learning_rate_at(recipe, step), 2) for step in range(20)]
    assert rates[:6] == [0.2, 0.4, 0.6, 0.8, 1.0, 1.0]
    assert rates[9:12] == [1.0, 1.0, 0.9]
    assert rates[-1] == 0.1


def test_micro_batches_do_not_change_the_training(monkeypatch):
    whole = train(prepare(tiny_model(), RECIPE), copy_task(), RECIPE).losses
    monkeypatch.setattr(micro_batches, "__defaults__", (12,))
    parts = train(prepare(tiny_model(), RECIPE), copy_task(), RECIPE).losses
    assert parts == pytest.approx(whole, rel=1e-3)
    assert sum(whole[-4:]) < sum(whole[:4]) - 0.4


# ------------------------------------------------------------------ stopping and resuming


def test_stopping_and_interrupting_keep_what_was_learned(capsys):
    stopped = train(prepare(tiny_model(), RECIPE), copy_task(), RECIPE, watch=lambda losses: len(losses) == 6)
    assert (len(stopped.losses), stopped.ended) == (6, "stopped after step 6")

    def interrupt(losses):
        if len(losses) == 3:
            raise KeyboardInterrupt

    interrupted = train(prepare(tiny_model(), RECIPE), copy_task(), RECIPE, watch=interrupt)
    assert len(interrupted.losses) == 3
    assert "interrupted after step 3; run the cell again" in capsys.readouterr().out


def test_an_interrupted_run_goes_on_where_it_was(tmp_path):
    whole, model = prepare(tiny_model(), RECIPE), prepare(tiny_model(), RECIPE)
    losses = train(whole, copy_task(), RECIPE).losses
    train(model, copy_task(), RECIPE, checkpoint(tmp_path), watch=lambda seen: len(seen) == 19)
    resumed = prepare(tiny_model(), RECIPE)
    assert train(resumed, copy_task(), RECIPE, checkpoint(tmp_path)).losses == pytest.approx(losses, abs=1e-5)
    for one, other in zip(whole.parameters(), resumed.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-4)


CHILD = """
import json, sys, time
sys.path[:0] = [{tests!r}]
from test_training import RECIPE, checkpoint, copy_task, prepare, tiny_model, train
from pathlib import Path

def watch(losses):
    if {pause} and len(losses) == 19:
        print("here", flush=True)
        time.sleep(60)

run = train(prepare(tiny_model(), RECIPE), copy_task(), RECIPE, checkpoint(Path({folder!r})), watch)
print(json.dumps(run.losses))
"""


@pytest.mark.slow
def test_a_killed_kernel_loses_nothing_but_the_steps_since_the_last_checkpoint(tmp_path):
    code = CHILD
    options = {"stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    first = code.format(tests=str(ROOT / "tests"), folder=str(tmp_path), pause=True)
    with subprocess.Popen([sys.executable, "-c", first], **options) as process:
        assert process.stdout.readline() == "here\n"
        process.kill()
    assert process.returncode == -signal.SIGKILL
    header = json.loads(safetensors.safe_open(tmp_path / "run.checkpoint", "pt").metadata()["history"])
    assert len(header["losses"]) == 16
    second = code.format(tests=str(ROOT / "tests"), folder=str(tmp_path), pause=False)
    done = subprocess.run([sys.executable, "-c", second], check=True, **options)
    resumed = json.loads(done.stdout.splitlines()[-1])
    uninterrupted = train(prepare(tiny_model(), RECIPE), copy_task(), RECIPE).losses
    assert resumed[:16] == pytest.approx(header["losses"])
    assert resumed == pytest.approx(uninterrupted, abs=1e-4)


# ------------------------------------------------------------------ what can go wrong with a checkpoint


@pytest.fixture
def written(tmp_path):
    """A checkpoint after 8 steps, and how to open it again."""
    train(
        prepare(tiny_model(), RECIPE), copy_task(), RECIPE, checkpoint(tmp_path), watch=lambda losses: len(losses) == 8
    )
    return tmp_path


@pytest.mark.parametrize("how", ["cut", "flipped", "other"])
def test_a_damaged_checkpoint_is_a_sentence(written, how):
    path = written / "run.checkpoint"
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(
        {"cut": bytes(content[: len(content) // 2]), "flipped": bytes(content), "other": b"not a checkpoint" * 50}[how]
    )
    with pytest.raises(CheckpointError, match=r"run\.checkpoint is damaged \(.*Delete this file; the run then starts"):
        train(prepare(tiny_model(), RECIPE), copy_task(), RECIPE, checkpoint(written))


def test_a_checkpoint_of_another_recipe_or_data_is_refused(written):
    other = Recipe(**{**vars(RECIPE), "learning_rate": 0.5})
    with pytest.raises(
        CheckpointError, match=r"another recipe: .*0\.01.*this run has .*0\.5.*Give this run another name"
    ):
        train(prepare(tiny_model(), other), copy_task(), other, checkpoint(written, other))
    with pytest.raises(CheckpointError, match='another data: "data", and this run has "new"'):
        train(prepare(tiny_model(), RECIPE), copy_task(), RECIPE, checkpoint(written, data="new"))


def test_a_full_disk_does_not_stop_training_and_spares_the_earlier_checkpoint(written, monkeypatch, capsys):
    before = (written / "run.checkpoint").read_bytes()

    def full(tensors, path, header):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(safetensors.torch, "save_file", full)
    losses = train(prepare(tiny_model(), RECIPE), copy_task(), RECIPE, checkpoint(written)).losses
    said = capsys.readouterr().out
    assert "could not be written" in said
    assert "No space left on device" in said
    assert "Training goes on; the earlier checkpoint is untouched" in said
    assert len(losses) == RECIPE.steps
    assert (written / "run.checkpoint").read_bytes() == before
    assert [path.name for path in written.iterdir()] == ["run.checkpoint"]


def test_loading_a_checkpoint_runs_no_code(written):
    (written / "run.checkpoint").write_bytes(b"\x80\x04cposix\nsystem\n(S'touch pwned'\ntR.")  # a pickle
    with pytest.raises(CheckpointError, match="is damaged"):
        checkpoint(written).load(prepare(tiny_model(), RECIPE), None)
    assert not (ROOT / "pwned").exists()


# ------------------------------------------------------------------ what can go wrong with data and learning rates


def test_data_that_cannot_be_trained_on_is_a_sentence():
    for examples, sentence in (
        ([], "nothing to train on: 0 examples are left"),
        ([*copy_task(2), ([1, 2, 3], [-100] * 3)], "example 2 has no token that the loss sees"),
        (
            [answer_labels([1] * 80, [2], 0)],
            "example 0 has 82 tokens, but the model reads 64: show it fewer or shorter clauses",
        ),
    ):
        with pytest.raises(ValueError, match=sentence):
            train(prepare(tiny_model(), RECIPE), examples, RECIPE)
    refuse_bad_data(copy_task(), 64)


def test_a_learning_rate_of_10_is_noticed_and_the_best_weights_are_kept(capsys):
    recipe = Recipe(**{**vars(RECIPE), "learning_rate": 10.0})
    whole, examples = replace(RECIPE, rank=0), copy_task()
    base = prepare(tiny_model(), whole)
    train(base, examples, replace(whole, steps=96))  # a fresh tiny model guesses, and nothing is worse than a guess
    model = prepare(base.requires_grad_(False), recipe)
    before = mean_loss(model, examples)
    assert before < 3.0
    run = train(model, examples, recipe)
    assert len(run.losses) < recipe.steps
    assert "diverged" in run.ended or "not a number" in run.ended
    assert "The best weights, of step" in run.ended
    assert "Lower the learning rate (10)" in capsys.readouterr().out
    assert mean_loss(model, examples) <= before + 0.2


def test_a_loss_that_is_not_a_number_changes_nothing_and_is_said():
    model, examples = prepare(tiny_model(), RECIPE), copy_task()

    def poison(losses):
        if len(losses) == 5:
            model.base_model.model.lm_head.weight.data[0, 0] = math.nan

    run = train(model, examples, RECIPE, watch=poison)
    assert len(run.losses) == 6
    assert "the loss of step 6 is not a number. The best weights" in run.ended
    assert all(bool(torch.isfinite(weight).all()) for weight in model.parameters() if weight.requires_grad)


def test_trouble_is_not_seen_where_there_is_none():
    assert trouble([3.0, 3.4, 1.5, 1.2], 49152) == ""
    assert "blind guess among 49,152 tokens costs 10.8" in trouble([3.0, 14.2], 49152)
    assert trouble([0.05, 0.02, 0.1, 0.03, 0.4, 0.9, 0.2, 0.3], 49152) == ""  # a second training begins low
    assert trouble([1.44, 1.46, 1.85, 0.85, 2.83, 2.15, 2.31, 1.78], 49152) == ""  # seen: it went down to 0.8 later
    assert "rose from 2.0 to 3.5" in trouble([2.0] * 4 + [3.5] * 4, 49152)
    assert "not a number" in trouble([2.0, math.inf], 49152)


# ------------------------------------------------------------------ checkpoints that are damaged in other places


def rewrite(path, header=None, drop="", shape=False):
    """The checkpoint with another header, without a tensor, or with one of another shape; its hash is right."""
    from safetensors import safe_open

    from llm_workbook.training.checkpoint import _digest

    with safe_open(path, "pt") as file:
        tensors, old = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118
    first = sorted(name for name in tensors if name.startswith("weight."))[0]
    if drop:
        tensors = {name: value for name, value in tensors.items() if not name.startswith(drop)}
    if shape:
        tensors[first] = tensors[first][:-1].contiguous()
    new = old | {"sha256": _digest(tensors)} | (header or {})
    safetensors.torch.save_file(tensors, path, {name: text for name, text in new.items() if text is not None})


@pytest.mark.parametrize(
    "damage",
    [
        {"header": {"belongs": "{"}},
        {"header": {"belongs": None}},
        {"header": {"belongs": "[]"}},
        {"header": {"history": "not json"}},
        {"header": {"history": None}},
        {"header": {"history": '{"epochs": 3}'}},
        {"drop": "weight."},
        {"shape": True},
    ],
    ids=repr,
)
def test_a_checkpoint_that_is_damaged_anywhere_is_a_sentence_and_changes_nothing(tmp_path, damage):
    recipe = replace(RECIPE, steps=8)
    train(prepare(tiny_model(), recipe), copy_task(), recipe, checkpoint(tmp_path, recipe))
    rewrite(tmp_path / "run.checkpoint", **damage)
    fresh = prepare(tiny_model(), recipe)
    before = {name: weight.detach().clone() for name, weight in fresh.named_parameters()}
    with pytest.raises(CheckpointError, match="is damaged .*Delete this file"):
        train(fresh, copy_task(), recipe, checkpoint(tmp_path, recipe))
    assert all(torch.equal(weight, before[name]) for name, weight in fresh.named_parameters())


def test_a_checkpoint_is_written_beside_and_two_runs_do_not_share_the_place(tmp_path, monkeypatch):
    from llm_workbook.training import checkpoint as module

    seen, real = [], module.os.replace
    monkeypatch.setattr(module.os, "replace", lambda source, target: seen.append(source) or real(source, target))
    recipe = replace(RECIPE, steps=16)
    train(prepare(tiny_model(), recipe), copy_task(), recipe, checkpoint(tmp_path, recipe))
    assert len(seen) == len(set(seen)) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run.checkpoint"]
