# %% [markdown]
# # 2.5 · Preference training: a reader that learns from labels
# {{badges}}
#
# | | |
# |---|---|
# | **You will be able to** | train a reader on preferences with DPO, test a judge before you use what it says, and write a reward that a reader cannot easily game |
# | **Time / memory** | {{minutes}} · {{memory}} |
# | **Needs** | lab 2.4 (pairs and labels) and lab 2.2 (LoRA); some PyTorch |
#
# In lab 2.4 labels chose the best of six answers, for each question anew. Here a reader learns from such labels once, and then answers better at the first try. You write the loss, train for two minutes, and measure what the reader **does** before and after. Then you ask whether a program (a *judge*) can give the labels, and what goes wrong when a program gives points (a *reward*).

# %% tags=["parameters"]
PROFILE = "live"  # smoke | live | full
SEED = 7
MAX_ITEMS = None  # None: what the profile says
MODEL = None  # None: the offline model; the start is an adapter of it, so another changes nothing here
RESULTS_DIR = None  # None: results/ beside the README
CORPUS = "authored"  # the samples are recorded: another corpus changes nothing here

# %%
from collections.abc import Sequence

import torch

from llm_workbook import Lab, start

run = start("2.5", PROFILE, SEED, MAX_ITEMS, MODEL, RESULTS_DIR, CORPUS)
lab = Lab(run)

# %% [markdown]
# ## 1 · What the reader does today
#
# The **start** is the reader whose samples you saw in lab 2.4: the domain reader, tuned so that some of its answers name the heading of their clause, as in `30 days [Payment]`. The exam has questions about 15 families of contracts that nothing was trained on. Each is asked with three clauses. For five of eight questions one of them states the answer; for the others none does.
#
# Each column is a share of the questions that it is about, in %. Where the answer is stated: **right** (it gives the value), **cites** (it names the heading of the clause that states it), **cites another** heading, **needless refusals** ("not stated", though it is). Where it is not: **right refusals**. **Worth** puts all of it into one number by lab 2.4's guidelines: a wrong answer 0 points, a needless refusal 0.3, a right answer 2, with its clause 3, a right refusal 2; a wrong heading takes off 0.5. **Words** is the length without the citation. In brackets: the 95 % confidence interval over families. Two rows read nothing.

# %%
from llm_workbook.feedback.exam import board, exam_questions, guessed, refusing_all
from llm_workbook.labs.lab_2_5 import judges, live

much = live.amounts(run)
asked = exam_questions()[: much.questions]
reader = live.Learner(SEED)
before = reader.answers(asked)
board({"guess": guessed(asked), "always refuse": refusing_all(asked), "start": before})

# %% [markdown]
# Look at the start: how often does it say where it read, and how often does it refuse although the answer is there? You want answers that can be checked: right, with their clause.
#
# Write the **gate** down now, before you train: the new reader is promoted if it is worth more (the whole interval of the difference above 0), and if its right answers are not more than 3 points lower. Otherwise the start stays.

# %%
BINS = ["under 15 %", "15 to 40 %", "over 40 %"]
lab.predict("cites", "After training: what share of the stated answers will cite their clause?", BINS)
print(*(f"{one.question}\n   {text}" for one, text in zip(asked[:4], before["answer"], strict=False)), sep="\n")

# %% [markdown]
# ## 2 · Pairs of its own answers
#
# The pairs are those of lab 2.4: two different answers of the start to one question. Their labels are of a **simulated** rater, a program that knows the right answers and errs in 3 % of the labels; if you gave ten labels or more in lab 2.4, yours take the place of those of the program. That the answers are the reader's **own** matters. Pairs that somebody wrote by hand often contain what this reader would never say, and training on them may change nothing that it does say.
#
# A label with a preference becomes a **judgement**: the chosen answer and the rejected one.

# %%
from llm_workbook.feedback.learning import balanced, judgements_of
from llm_workbook.feedback.raters import CAREFUL, label_all
from llm_workbook.feedback.records import load_asked

questions, pairs = live.asked_and_pairs(load_asked(), SEED)
labels, whose = live.own_labels(run.settings.results_dir, pairs, label_all(CAREFUL, pairs, questions))
judgements = judgements_of(labels, pairs, questions)
print(f"{len(pairs)} pairs of {len(questions)} questions. {whose} {len(judgements)} prefer an answer.")
for one in judgements[:3]:
    print(f"{one.asked.question}\n   chosen {one.chosen!r}, rejected {one.rejected!r}")

# %% [markdown]
# Look at the refusals before you train. In some judgements "not stated" wins against an answer, in others it loses. If it mostly wins, the reader does not learn *when* to refuse; it learns that refusing is good. So the set is **balanced**: we keep at most half as many judgements in which a refusal wins as those in which one loses. (The ratio was chosen on other families: with equal numbers the reader refused more often than before.)

# %%
from collections import Counter

kept = balanced(judgements, seed=SEED)
for name, some in {"all": judgements, "kept": kept}.items():
    print(name, dict(Counter(f"a refusal {one.refusals}" if one.refusals else "no refusal" for one in some)))

# %% [markdown]
# ## 3 · Direct preference optimization
#
# The classical way has two steps (**RLHF**): train a *reward model* on the labels, then train the reader by reinforcement learning to earn much while it stays near the start. **DPO** (arXiv:2305.18290) showed that the best reader of that problem is a formula of the start and the rewards. Put into the model of the labels, the reward model drops out, and one loss on the pairs is enough. For a pair with the chosen answer $c$ and the rejected $r$:
#
# $$\text{loss} = -\log \sigma\left(\beta\left[\left(\log p(c) - \log p_0(c)\right) - \left(\log p(r) - \log p_0(r)\right)\right]\right)$$
#
# $p$ is the probability of the whole answer under the reader that learns, $p_0$ that under the start, and $\sigma$ the logistic function. So the loss does not ask how probable an answer is; it asks how far it has **moved**. The best reader of this loss is nearer to the start for a larger $\beta$.
#
# ### Exercise 1 · The loss of DPO
#
# *{{exercise_minutes}} · medium · unlocks training*
#
# The four arguments are log probabilities (natural logarithms; the unit is the *nat*), tensors of shape (n,), one number for each pair. Return the mean over the pairs, as a tensor that keeps its gradient. `torch.nn.functional.logsigmoid(x)` is $\log\sigma(x)$, also where $\sigma(x)$ would be rounded to 0.


# %% tags=["taught", "exercise"]
def dpo_loss(
    chosen: torch.Tensor, rejected: torch.Tensor, chosen_start: torch.Tensor, rejected_start: torch.Tensor, beta: float
) -> torch.Tensor:
    """The loss of direct preference optimization (Rafailov et al. 2023, arXiv:2305.18290), one number.

    chosen, rejected: log probabilities (nats) of the preferred answers and of the others under the model that learns,
    shape (n,); chosen_start, rejected_start: the same under the model before training. beta: above 0.
    Taught in: lab 2.5.

    >>> zero = torch.zeros(3)
    >>> round(float(dpo_loss(zero, zero, zero, zero, beta=0.1)), 4)
    0.6931
    """
    ### BEGIN SOLUTION
    gains = (chosen - chosen_start) - (rejected - rejected_start)
    return -torch.nn.functional.logsigmoid(beta * gains).mean()
    ### END SOLUTION


# %%
dpo_loss = lab.use(1, dpo_loss)
# lab.hint(1)
# lab.solution(1)

# %% [markdown]
# The log probabilities of the start never change, so they are computed **once**, before training (`weighed`). Some judgements are held out for section 4: all those of some questions. `reader` holds the one model of this lab; `reader.fresh()` puts it back to the start.
#
# **Invariant.** Before the first step nothing has moved, so the first loss of any pair is $-\log 0.5 = 0.6931$. If yours is not, the two models differ before training: another template, another precision, an adapter that is switched off.

# %%
from llm_workbook.feedback.learning import batches_of, preference_loss, preferred_rows, weighed

BETA, model = 0.1, reader.fresh()
taught, rest = live.split(kept, much.steps * much.batch, much.held_out)
items = [*weighed(model, reader.tokenizer, preferred_rows(taught))]
with torch.no_grad():
    print("First losses:", *(f"{float(preference_loss(model, dpo_loss, BETA)(one)):.4f}" for one in items[:3]))
print(f"Log probability of a chosen answer at the start: {sum(float(one.start[0]) for one in items) / len(items):.1f}")

# %% [markdown]
# Now train. The first steps are small (warm-up), and each step uses new pairs while there are some. `reader.remember()` keeps the result. You can stop the cell (■): the reader is then what the steps so far have made of it.

# %%
from llm_workbook.feedback.policy import train_on
from llm_workbook.show.plots import loss_curve

batches = batches_of(items, much.steps, much.batch)
losses = train_on(reader.fresh(), batches, preference_loss(model, dpo_loss, BETA), watch=live.bar(much.steps))
reader.remember()
after = reader.answers(asked)
loss_curve(losses, {}, much.steps, "DPO: from 0.6931 downwards")

# %% [markdown]
# The loss says that chosen answers have moved up against rejected ones. It does **not** say what the reader now writes. Only the exam does. Below the verdicts: the first questions whose answer has changed. What did the reader gain, and what did it pay?

# %%
from llm_workbook.feedback.exam import about, moved
from llm_workbook.measure.statistics import corrected

first, last = (about(table, "cites")["cites"].mean() for table in (before, after))
answer = BINS[int(last >= 0.15) + int(last > 0.4)]
lab.reveal("cites", measured=f"{first:.0%} before, {last:.0%} after", answer=answer)
columns = [name for name in ("cites", "right", "needless refusals", "right refusals") if len(about(before, name))]
verdicts = corrected({name: moved(after, before, name, (f"after: {name}", "start")) for name in columns})
print(*verdicts.values(), sep="\n")
live.print_changed(asked, before, after, most=6)
board({"start": before, "DPO, live": after})

# %% [markdown]
# ## 4 · What the loss does not show
#
# Trainers report the **preference accuracy**: the share of held-out pairs in which the chosen answer has moved up against the rejected one. Here it is, for questions that no judgement of the training was about. Beside it: how far each of the two has moved, in nats, on average.

# %%
held_out = [*weighed(reader.fresh(), reader.tokenizer, preferred_rows(rest))]
right, chosen_moved, rejected_moved = live.preference_accuracy(reader.back(), held_out)
print(f"{right} of {len(held_out)} held-out pairs: the chosen answer has moved up against the rejected one")
print(f"log probability: chosen {chosen_moved:+.2f}, rejected {rejected_moved:+.2f} nats")

# %% [markdown]
# The loss asks for a distance only. It also falls when **both** answers become less probable and the rejected one more so; then the probability goes to something that no pair contains. So a good accuracy does not say that the reader is good. What helps: balance what wins, take a low learning rate, and let the exam and the gate decide.

# %%
decision = live.gate(before, after)
live.keep(run, reader, taught, decision)
print(decision)

# %% [markdown]
# ## 5 · Can a program give the labels?
#
# A **judge** is a program that says which answer is better (*AI feedback*, RLAIF). Four judges, none of which knows the right answers:
#
# - **rules**: do the words of the answer stand in a clause, and is that the clause whose heading it names?
# - **likelihood**: which answer does the untuned model find more probable after these clauses, per token?
# - **LLM**: the same model is asked "which is better, A or B?". It is asked in **both orders**; if the two disagree, it has said neither.
# - **reader**: another reader (the domain reader) answers the question, and the answer that says the same wins.
#
# Test each judge on labels that you trust before you use it. **Says neither**: to the judge both answers are the same. **Accuracy** is of the others. **May be used**: the whole interval of its accuracy lies above 50 %, which is what a coin reaches.

# %%
some = live.to_judge(pairs, judgements, much.judged)
scores, read_before = reader.scores(some, questions), reader.second_reading([questions[pair.asked] for pair in some])
panel = {
    "rules": judges.by_score(judges.by_rules),
    "likelihood": judges.by_column(scores, "likelihood first", "likelihood second"),
    "LLM, one order": judges.by_column(scores, "a in order", "b in order"),
    "LLM, both orders": judges.in_both_orders(scores),
    "reader": judges.by_score(judges.by_reader(read_before)),
}
lab.predict("judge", "Which judge agrees with the labels most often?", [*panel])
judges.print_prompt(some[0], questions)

# %% [markdown]
# That is what the LLM is shown. Its model of 135 million parameters was not trained for it.

# %%
seen = labels, some, questions
tested = judges.validated(panel, *seen)
best = max(panel, key=lambda name: judges.share_right(panel[name], *seen))
lab.reveal("judge", measured=", ".join(f"{name} {row}" for name, row in tested["accuracy, %"].items()), answer=best)
tested

# %% [markdown]
# ### What a judge says of a system
#
# Judges are also used to measure. Then they grade **single** answers: "the judge calls 70 % of our answers good". Such a judge errs in two directions. **Sensitivity** is the share of good answers that it calls good, **specificity** the share of bad answers that it calls bad. With the true share $s$ of good answers you observe
#
# $$\text{observed} = s \cdot \text{sensitivity} + (1 - s)(1 - \text{specificity})$$
#
# A few answers with trusted labels give both rates; then the equation gives $s$ (Rogan and Gladen 1978). It assumes that the judge errs as often on the answers that you measure as on those with labels.
#
# ### Exercise 2 · The true share
#
# *{{exercise_minutes}} · medium · unlocks the corrected share*
#
# Solve the equation for $s$, and cut the result at 0 and 1: a small sample can lead outside. If sensitivity + specificity is 1, the judge says as much as a coin; below, less. No correction helps: raise a `ValueError`.


# %% tags=["taught", "exercise"]
def true_share(observed: float, sensitivity: float, specificity: float) -> float:
    """The share of good answers, from the share that a judge calls good (Rogan and Gladen 1978), between 0 and 1.

    sensitivity: the share of good answers that the judge calls good. specificity: the share of bad answers that it
    calls bad. Taught in: lab 2.5.
    Raises: ValueError where the judge knows no more than a coin: sensitivity + specificity is 1 or less.

    >>> round(true_share(0.60, sensitivity=0.9, specificity=0.7), 3)
    0.5
    """
    ### BEGIN SOLUTION
    if sensitivity + specificity <= 1:
        raise ValueError("this judge knows no more than a coin: sensitivity + specificity must be above 1")
    share = (observed + specificity - 1) / (sensitivity + specificity - 1)
    return min(1.0, max(0.0, share))
    ### END SOLUTION


# %%
true_share = lab.use(2, true_share)
# lab.hint(2)
# lab.solution(2)

# %% [markdown]
# The judge *reader* calls an answer good when the domain reader says the same. It judges what your reader now says in the exam. Its two rates come from labelled samples of lab 2.4 (60 in live): answers that the start gave to other questions, so the assumption holds roughly at best. The truth is known here, because these contracts have right answers. (The domain reader first answers all these questions.)

# %%
labelled = judges.drawn(load_asked(), much.labelled, SEED)
read_before |= reader.second_reading([*asked, *(one for one, _ in labelled)])
print(judges.told(after, labelled, read_before, true_share, SEED))

# %% [markdown]
# The uncorrected interval is narrow and can miss the truth: more answers make it narrower, and no truer. The corrected one is wider, because few labels say only roughly how the judge errs; and where the judge errs more or less often than on the labelled answers, it misses, too. Lab 3.2 computes this interval by a formula and says when the labels alone are the better choice.
#
# ## 6 · Rewards instead of pairs
#
# Where a program can check an answer, it needs no pairs. **GRPO** (arXiv:2402.03300) lets the reader answer a question several times, gives each answer a **reward**, raises the probability of those that earned more than their group, and lowers that of the others. How much is the **advantage**: the reward less the mean of the group, in units of its standard deviation.

# %% tags=["taught"]
def advantages(rewards: Sequence[float]) -> list[float]:
    """How much better each answer of a group did than the group, in units of its spread (arXiv:2402.03300).

    Taught in: lab 2.5.

    >>> [round(one, 2) for one in advantages([1.0, 0.0, 0.0, 1.0])], advantages([2.0, 2.0])
    ([1.0, -1.0, -1.0, 1.0], [0.0, 0.0])
    """
    mean = sum(rewards) / len(rewards)
    spread = (sum((one - mean) ** 2 for one in rewards) / len(rewards)) ** 0.5
    return [(one - mean) / (spread + 1e-4) if spread else 0.0 for one in rewards]


# %% [markdown]
# Two invariants: the advantages of a group add up to 0, and a group whose answers all earn the same teaches nothing.
#
# ### Exercise 3 · A reward that is hard to game
#
# *{{exercise_minutes}} · medium · unlocks the group*
#
# A reader finds the weakness of a reward. If any heading earns a point, it puts brackets behind everything. If refusing is safe, it refuses. Write a reward from -1 to 1 from five facts about an answer, each True or False: `stated` (do the clauses state the answer?), `refused` (does it say "not stated"?), `right` (does it give the stated value? never True for a refusal), `cites` and `miscites` (does it name the heading of the clause that states it, or another one?).
#
# - A right answer that cites earns exactly 1. A wrong answer earns exactly -1, whatever it cites, and so does any answer but a refusal where nothing is stated.
# - Of right answers, one without a heading earns less than 1, and more than one that miscites.
# - A right refusal (nothing is stated) earns exactly 0.5. A needless one earns more than a wrong answer, less than any right one, and less than -0.5: so who always refuses earns less than 0 where every second answer is stated.


# %% tags=["taught", "exercise"]
def reward(right: bool, refused: bool, cites: bool, miscites: bool, stated: bool) -> float:
    """What an answer earns, from -1 to 1. Taught in: lab 2.5.

    >>> reward(right=True, refused=False, cites=True, miscites=False, stated=True)
    1.0
    """
    ### BEGIN SOLUTION
    if not stated:
        return 0.5 if refused else -1.0
    if refused:
        return -0.7
    if not right:
        return -1.0
    return 1.0 if cites else 0.0 if miscites else 0.6
    ### END SOLUTION


# %%
reward = lab.use(3, reward)
# lab.hint(3)
# lab.solution(3)

# %% [markdown]
# Test a reward before you train with it: let strategies play against it. The table has the mean of your reward, and of one that can be gamed (1 for any heading), over the 180 questions of lab 2.4. *With brackets* is the start's first sample with the heading of the first clause behind it.

# %%
grades = {"your reward": live.graded(reward), "any heading": live.cites_anything}
live.played(load_asked(), grades)

# %% [markdown]
# A strategy that needs no reading must not win. Now one group, live: your trained reader answers a question six times. What does each answer earn, and what is its advantage?

# %%
reader.back()
live.group(reader, load_asked(), grades, advantages, SEED)

# %% [markdown]
# Read the two columns of advantages. Where the two rewards differ, training would push the same answer in opposite directions. Training repeats this: sample, grade, one step, many times. It needs a program that knows what is right, so it fits questions whose answers can be checked, and it costs six answers for each question in each step. (`python -m tools.domain preferring --runs GRPO` does it with several seeds; the script below has it in TRL.)
#
# How do the ways compare? **Supervised training** on chosen answers copies them and does not know what is wrong with the others. **DPO** needs labelled pairs. **GRPO** needs no pairs, and a program that grades. **RLHF** with a reward model needs pairs, trains two models, and can grade answers that no pair contains.

# %% [markdown]
# ## In the literature, and here
#
# | | in the literature | here | why they differ |
# |---|---|---|---|
# | AI against human feedback | preferred to supervised training alike: in 71 % and 73 % of the cases (summaries, arXiv:2309.00267) | section 5 | their judge is a large model; ours are programs that check the clauses |
# | chosen answers can become less probable | refusals of Llama-3-8B-Instruct fell from 74.4 to 33.4 % (arXiv:2410.08847) | section 4, second line | they blame pairs that are too alike; ours differ in what they do |
# | place of the answers | 15 judges prefer a place, more so when answers are close (arXiv:2406.07791) | section 5: how often *LLM, both orders* says neither | our model is much smaller than theirs |
#
# ## What to take home
#
# **Rule.** Sample the pairs from the reader itself; balance what wins; check the first loss (0.6931); take a low rate; and judge by what the reader does on families that nothing was trained on, never by the loss. Validate a judge on trusted labels before you use it, and correct what it says. Let simple strategies play against a reward before you train with it.
# **It prevents** a collapse (nearly the same answer to everything) that the loss does not show, and a reader that games its reward. **It costs** some minutes on two cores, and the labels: about 250 for the training, 60 for the judge.
#
# The same in TRL (copy it into a file of its own, and put in your pairs). On a GPU, delete `use_cpu` and `bf16`:
#
# ```python
# from datasets import Dataset
# from peft import LoraConfig
# from transformers import AutoModelForCausalLM, AutoTokenizer
# from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer
#
# BASE, OUT = "HuggingFaceTB/SmolLM2-135M-Instruct", "preferred"
# tokens = AutoTokenizer.from_pretrained(BASE)
# lora = LoraConfig(r=16, lora_alpha=32, target_modules="all-linear")
# on_cpu = {"use_cpu": True, "bf16": False, "report_to": "none", "save_strategy": "no", "logging_steps": 1}
# prompt = [{"role": "user", "content": "Term: The lease ends in May.\n\nWhen does the lease end?"}]
# yes, no = ([{"role": "assistant", "content": text}] for text in ("May [Term]", "not stated"))
#
# model = AutoModelForCausalLM.from_pretrained(BASE, dtype="float32")
# options = DPOConfig(OUT, beta=0.1, learning_rate=2e-4, max_steps=2, per_device_train_batch_size=1, **on_cpu)
# pairs = Dataset.from_list([{"prompt": prompt, "chosen": yes, "rejected": no}] * 2)
# trainer = DPOTrainer(model, args=options, train_dataset=pairs, processing_class=tokens, peft_config=lora)
# trainer.train()
# print("first loss of DPO:", round(trainer.state.log_history[0]["loss"], 4))
#
#
# def cites(completions, **_):
#     return [float(one[0]["content"].endswith("[Term]")) for one in completions]
#
#
# model = AutoModelForCausalLM.from_pretrained(BASE, dtype="float32")
# options = GRPOConfig(
#     OUT, loss_type="grpo", num_generations=2, per_device_train_batch_size=2, max_steps=1, max_completion_length=8, **on_cpu
# )
# asks = Dataset.from_list([{"prompt": prompt}] * 2)
# trainer = GRPOTrainer(model, cites, args=options, train_dataset=asks, processing_class=tokens, peft_config=lora)
# trainer.train()
# print("first loss of GRPO:", abs(round(trainer.state.log_history[0]["loss"], 4)))
# ```
#
# **Next:** lab 3.1 builds the benchmark that such decisions need.

# %%
lab.progress()
