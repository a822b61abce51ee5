# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Weights learn by TRL: what was taught becomes likelier, the same again from the same seed."""

from __future__ import annotations

import json
import random

import numpy as np
import pytest

from rsi_agents import make_agent
from rsi_agents.errors import CannotUpdate
from rsi_agents.loops.config import checked_config
from rsi_agents.loops.drive import improve
from rsi_agents.loops.folder import LoopFolder
from rsi_agents.loops.lessons import Example, Origin, Preference, read_rows, write_lessons
from rsi_agents.loops.updaters.trl import TRAINING_FILE, TrlUpdater
from rsi_agents.policies.weights import load_weights, prompt_ids
from tests.agents.adding_env import ADDING
from tests.agents.tiny_weights import write_tiny_weights
from tests.components import need

ORIGIN = Origin(ADDING, "0+0", 0, "train", "random")
ASKED = {"role": "user", "content": "What is 0+0?"}
FORMS = ["SFT", "DPO", "KTO"]
FAST = {"learning_rate": 2e-2, "batch": 4}


def reply(text):
    return ({"role": "assistant", "content": text},)


EXAMPLES = [Example((ASKED,), reply("yes"), 1.0, ORIGIN)] * 8
PREFERENCES = [
    Preference((ASKED,), reply("yes"), reply("no"), 0.5, ORIGIN, ({"judge": "x", "order": [0, 1]},), {"agreement": 1.0})
] * 8


def write_rows(path, form):
    if form == "SFT":
        write_lessons(path, EXAMPLES)
    else:
        write_lessons(path, PREFERENCES, form="trl-kto" if form == "KTO" else "trl")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    need("train")
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "tiny")


@pytest.fixture(scope="module")
def plain_folder(tmp_path_factory):
    need("train")
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "plain", template=False)


def trained(agent, path, form, *, seed=0, **settings):
    """Teaches an agent, and gives the name of the one that has learned."""
    updater = TrlUpdater(**{**FAST, **settings})
    out = path / f"generation-{len(list(path.iterdir()))}"
    updater.train(agent, write_rows(path / "rows.jsonl", form), out, seed=seed)
    return updater.named(agent, out), out


def logprob(name, text):
    """How likely an agent's weights make a reply to the task, by the natural logarithm."""
    import torch

    from rsi_agents.loops.updaters.trl import loaded
    from rsi_agents.names import parts_of

    weights = loaded(parts_of(name))
    prompt = prompt_ids(weights.tokenizer, [{"role": "system", "content": "You add numbers."}, ASKED])
    said = weights.tokenizer(text)["input_ids"]
    with torch.inference_mode():
        logits = weights.model(torch.tensor([prompt + said])).logits[0, len(prompt) - 1 : -1]
    return logits.log_softmax(-1)[range(len(said)), said].sum().item()


@pytest.mark.parametrize("lora", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_what_was_taught_becomes_likelier(folder, tmp_path, form, lora):
    base = f"transformers:{folder}?max_tokens=4"
    learned, out = trained(base, tmp_path, form, lora=lora, epochs=4)
    gained = logprob(learned, "yes") - logprob(base, "yes")
    lost = logprob(learned, "no") - logprob(base, "no")
    assert gained > (1.0 if form == "SFT" else lost + 1.0)
    told = json.loads((out / TRAINING_FILE).read_text())
    rows = 16 if form == "KTO" else 8
    assert (told["form"], told["rows"], told["steps"]) == (form, rows, rows)
    assert told["tokens"] > 0
    assert learned == (f"{base}&adapter={out}" if lora else base.replace(str(folder), str(out)))


def test_a_model_learns_to_say_what_it_was_shown_where_it_plays(folder, tmp_path):
    learned, _ = trained(f"transformers:{folder}?temperature=0&max_tokens=5", tmp_path, "SFT", lora=False, steps=40)
    agent = make_agent(f"{learned}&system_prompt=You%20add%20numbers.")
    agent.reset(0)
    assert agent.act(ASKED["content"], {}) == "yes"


def test_a_model_without_a_chat_template_learns_too(plain_folder, tmp_path):
    base = f"transformers:{plain_folder}?system_prompt=&temperature=0&max_tokens=5"
    learned, _ = trained(base, tmp_path, "SFT", lora=False, steps=40)
    agent = make_agent(learned)
    agent.reset(0)
    assert agent.act(ASKED["content"], {}) == "yes"
    assert agent.trace["finish_reason"] == "stop"


def test_the_same_seed_trains_the_same_weights_and_another_one_others(folder, tmp_path):
    adapters = [
        (trained(f"transformers:{folder}", tmp_path, "SFT", seed=seed)[1] / "adapter_model.safetensors").read_bytes()
        for seed in (3, 3, 4)
    ]
    assert adapters[0] == adapters[1] != adapters[2]


def test_an_adapter_is_trained_on_and_the_base_stays_as_it_is(folder, tmp_path):
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    base = f"transformers:{folder}"
    once, first = trained(base, tmp_path, "DPO")
    twice, second = trained(once, tmp_path, "DPO", lora_rank=3)
    assert twice == f"{base}?adapter={second}"
    margins = [logprob(name, "yes") - logprob(name, "no") for name in (base, once, twice)]
    assert margins == sorted(margins)
    assert json.loads((second / "adapter_config.json").read_text())["r"] == 16
    assert sorted(file.name for file in second.iterdir()) == sorted(file.name for file in first.iterdir())
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


def test_of_a_wrapped_agent_the_innermost_one_learns(folder, tmp_path):
    learned, out = trained(f"majority?n=3 of transformers:{folder}?max_tokens=4", tmp_path, "SFT", steps=1)
    assert learned == f"majority?n=3 of transformers:{folder}?max_tokens=4&adapter={out}"


def test_training_leaves_everybody_elses_randomness_alone(folder, tmp_path):
    import torch

    def drawn():
        return random.random(), np.random.random(), torch.rand(1).item()

    def seeded():
        random.seed(1)
        np.random.seed(1)
        torch.manual_seed(1)

    seeded()
    expected = drawn()
    seeded()
    trained(f"transformers:{folder}", tmp_path, "SFT", steps=1)
    assert drawn() == expected


@pytest.mark.parametrize(
    ("agent", "settings", "problem"),
    [
        ("random", {}, "trains the weights of transformers: agents; 'random' has none"),
        ("llm:openai/gpt-4o", {}, "'llm:openai/gpt-4o' has none"),
        ("majority?n=2 of llm:openai/gpt-4o", {}, "has none"),
        ("transformers:x?adapter=y", {"lora": False}, "has an adapter, but lora = false trains all weights"),
    ],
)
def test_an_agent_without_weights_of_its_own_can_not_be_updated(tmp_path, agent, settings, problem):
    updater = TrlUpdater(**settings)
    with pytest.raises(CannotUpdate, match=problem):
        updater.train(agent, write_rows(tmp_path / "rows.jsonl", "SFT"), tmp_path / "out", seed=0)
    with pytest.raises(CannotUpdate, match=problem):
        updater.named(agent, tmp_path)


def test_a_folder_without_weights_can_not_be_updated(tmp_path):
    need("train")
    with pytest.raises(CannotUpdate, match="no causal language model can be loaded"):
        trained(f"transformers:{tmp_path}", tmp_path, "SFT")


class FakeKill(Exception):
    """Stands for a kill."""


def test_a_loop_on_weights_that_is_killed_while_it_trains_comes_to_the_same_result(folder, tmp_path, monkeypatch):
    import peft

    asked = {
        "loop": "rest_em",
        "env": ADDING,
        "base": f"transformers:{folder}?max_tokens=4",
        "rounds": 2,
        "sample": {"tasks": 2, "per_task": 2, "concurrency": 1},
        "held_out": {"tasks": 3, "per_task": 2},
        "settings": {"thresholds": [0.0]},
        "updater": {"name": "trl", "steps": 2, **FAST},
    }

    def run(path):
        begun = path.exists()
        with LoopFolder.open(path) if begun else LoopFolder.create(path, checked_config(asked, "here")) as loop:
            return [(r.held_out, r.measures) for r in improve(loop).rounds]

    def taught(path):
        rows = [row for file in sorted(path.glob("round-*/taught.jsonl")) for row in read_rows(file)]
        return [(row["prompt"], row["completion"], row["seed"]) for row in rows]

    whole = run(tmp_path / "whole")
    save, calls = peft.PeftModel.save_pretrained, []

    def killed(self, *args, **kwargs):
        calls.append(args)
        if len(calls) == 2:
            raise FakeKill
        save(self, *args, **kwargs)

    monkeypatch.setattr(peft.PeftModel, "save_pretrained", killed)
    with pytest.raises(FakeKill):
        run(tmp_path / "loop")
    monkeypatch.undo()
    assert run(tmp_path / "loop") == whole
    assert whole[1][1]["selected"] > 0
    assert taught(tmp_path / "loop") == taught(tmp_path / "whole")
    assert not list((tmp_path / "loop").rglob("*.unfinished"))


@pytest.mark.parametrize("form", FORMS)
def test_the_rows_of_lessons_are_read_by_trls_own_trainers(folder, tmp_path, form):
    need("train")
    import datasets
    import torch
    import trl

    file = write_rows(tmp_path / "rows.jsonl", form)
    rows = datasets.load_dataset("json", data_files=str(file), split="train", cache_dir=str(tmp_path / "cache"))
    weights = load_weights(str(folder))
    config = getattr(trl, f"{form}Config")(
        output_dir=str(tmp_path / "out"),
        max_steps=1,
        per_device_train_batch_size=4,
        use_cpu=True,
        bf16=False,
        report_to="none",
        save_strategy="no",
    )
    with torch.random.fork_rng():
        trainer = getattr(trl, f"{form}Trainer")(
            model=weights.model, args=config, train_dataset=rows, processing_class=weights.tokenizer
        )
        done = trainer.train()
    assert done.global_step == 1
    assert np.isfinite(done.training_loss)
    taught = trainer.train_dataset[0]
    column = {"SFT": "input_ids", "DPO": "chosen_ids", "KTO": "completion_ids"}[form]
    assert "yes<eos>" in weights.tokenizer.decode(taught[column])
