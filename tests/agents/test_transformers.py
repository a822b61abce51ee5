# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Models whose weights are here play text environments, the same way from the same seed."""

from __future__ import annotations

import math
import shutil
import sys

import numpy as np
import pytest

from rsi_agents import AgentNameError, AgentNotFound, make_agent, open_environment, rollout
from rsi_agents.loops.lessons import Example, Origin, write_lessons
from rsi_agents.loops.updaters.prompt import PromptUpdater
from rsi_agents.policies import weights as weights_module
from rsi_agents.policies.weights import load_weights, prompt_ids, shared_weights
from rsi_envs.core.budget import Budget
from rsi_envs.core.errors import BudgetExhausted, InvalidOption, MissingExtra, ModelRefused, PromptTooLong
from tests.agents.adding_env import ADDING
from tests.agents.tiny_weights import CONTEXT_TOKENS, write_tiny_weights
from tests.components import need


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    need("train")
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "tiny")


@pytest.fixture(scope="module")
def plain_folder(tmp_path_factory):
    need("train")
    return write_tiny_weights(tmp_path_factory.mktemp("weights") / "plain", template=False)


def said(name, seed, **made):
    agent = make_agent(name, **made)
    agent.attach(open_environment(ADDING))
    agent.reset(seed)
    return agent, agent.act("What is 1+1?", {})


def test_the_same_seed_gives_the_same_episode_and_another_one_another(folder):
    env = open_environment(ADDING)
    episodes = [rollout(env, make_agent(f"transformers:{folder}?max_tokens=6"), seed=seed) for seed in (1, 1, 2)]
    first, again, other = ([step.action for step in episode.steps] for episode in episodes)
    assert first == again != other
    assert len(first) == 2
    assert episodes[0].usage.calls == 2
    assert episodes[0].usage.completion_tokens == sum(len(step.trace["token_ids"]) for step in episodes[0].steps)


def test_at_temperature_0_seeds_change_nothing(folder):
    name = f"transformers:{folder}?max_tokens=6&temperature=0"
    assert said(name, 1)[1] == said(name, 2)[1]


def test_the_trace_holds_the_tokens_and_the_models_own_probabilities_of_them(folder):
    agent, text = said(f"transformers:{folder}?max_tokens=6&temperature=0.5", 3)
    import torch

    weights = load_weights(str(folder))
    prompt, drawn = agent.trace["prompt_token_ids"], agent.trace["token_ids"]
    assert weights.tokenizer.decode(prompt) == "<s>You add numbers.<eos><u>What is 1+1?<eos><a>"
    assert weights.tokenizer.decode(drawn, skip_special_tokens=True) == text
    assert (agent.usage.prompt_tokens, agent.usage.completion_tokens) == (len(prompt), len(drawn))
    with torch.inference_mode():
        logits = weights.model(torch.tensor([prompt + drawn])).logits[0, len(prompt) - 1 : -1]
    expected = logits.log_softmax(-1)[range(len(drawn)), drawn]
    assert agent.trace["logprobs"] == pytest.approx(expected.tolist(), abs=1e-4)


def test_instructions_follow_the_system_prompt(folder, tmp_path):
    (tmp_path / "told").write_text("Carry the one.\n")
    agent, text = said(f"transformers:{folder}?max_tokens=6&instructions={tmp_path / 'told'}", 3)
    prompt = load_weights(str(folder)).tokenizer.decode(agent.trace["prompt_token_ids"])
    assert prompt == "<s>You add numbers.\n\nCarry the one.<eos><u>What is 1+1?<eos><a>"
    assert text != said(f"transformers:{folder}?max_tokens=6", 3)[1]
    with pytest.raises(AgentNameError, match=r"the instructions in .*nothing can't be read: No such file"):
        make_agent(f"transformers:{folder}?instructions={tmp_path / 'nothing'}")


def test_the_updater_prompt_teaches_it_by_instructions(folder, tmp_path):
    origin = Origin(ADDING, "1+1", 0, "train", "somebody")
    asked, right = {"role": "user", "content": "What is 1+1?"}, {"role": "assistant", "content": "2"}
    write_lessons(tmp_path / "rows", [Example((asked,), (right,), 1.0, origin)])
    updater, name = PromptUpdater(), f"transformers:{folder}?max_tokens=1"
    updater.train(name, tmp_path / "rows", tmp_path / "told", seed=0)
    agent, _ = said(updater.named(name, tmp_path / "told"), 3)
    prompt = load_weights(str(folder)).tokenizer.decode(agent.trace["prompt_token_ids"])
    assert "### Task\n\nWhat is 1+1?\n\n### Done well\n\n2" in prompt


def test_a_reply_ends_where_the_model_ends_it_and_is_cut_else(folder):
    ends = [said(f"transformers:{folder}?max_tokens=40", seed)[0].trace for seed in range(12)]
    assert {end["finish_reason"] for end in ends} == {"stop", "length"}
    for end in ends:
        stopped = end["finish_reason"] == "stop"
        assert (end["token_ids"][-1] == 1) == stopped
        assert 1 not in end["token_ids"][:-1]
        assert stopped or len(end["token_ids"]) == 40


def test_without_a_chat_template_messages_stand_on_lines_of_their_own(plain_folder):
    tokenizer = load_weights(str(plain_folder)).tokenizer
    messages = [
        {"role": "user", "content": "a b"},
        {"role": "assistant", "content": "c"},
        {"role": "user", "content": "d"},
    ]
    assert tokenizer.decode(prompt_ids(tokenizer, messages)) == "a b\nc\nd\n"
    assert said(f"transformers:{plain_folder}?max_tokens=4", 1)[1]


def test_a_conversation_that_the_template_refuses_is_refused(folder):
    tokenizer = load_weights(str(folder)).tokenizer
    tokenizer.chat_template = "{{ raise_exception('no system role') }}"
    with pytest.raises(ModelRefused, match="does not take this conversation: no system role"):
        prompt_ids(tokenizer, [{"role": "system", "content": "x"}])


def test_a_conversation_that_fills_the_context_loses_its_oldest_exchanges_or_is_too_long(folder):
    agent = make_agent(f"transformers:{folder}?max_tokens=3&system_prompt=")
    agent.reset(0)
    for _ in range(4):
        agent.act("x" * 80, {})
    assert agent.trace["dropped_messages"] >= 2
    assert len(agent.trace["prompt_token_ids"]) + len(agent.trace["token_ids"]) <= CONTEXT_TOKENS
    agent.reset(0)
    with pytest.raises(PromptTooLong, match=f"takes {CONTEXT_TOKENS} at most"):
        agent.act("x" * CONTEXT_TOKENS, {})


def test_the_budget_is_charged_and_checked(folder):
    budget = Budget(max_tokens=10)
    agent, _ = said(f"transformers:{folder}?max_tokens=3", 1, budget=budget)
    assert budget.spent == agent.usage
    with pytest.raises(BudgetExhausted, match="10 tokens is spent"):
        agent.act("more", {})


def test_a_model_is_loaded_once_and_only_the_last_ones_stay(folder):
    first = shared_weights(str(folder))
    assert shared_weights(str(folder)) is first
    assert weights_module._shared.cache_info().maxsize == weights_module.KEPT


def test_an_adapter_changes_what_is_said(folder, tmp_path):
    import peft
    import torch

    model = load_weights(str(folder)).model
    config = peft.LoraConfig(r=2, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        peft.get_peft_model(model, config).save_pretrained(tmp_path / "adapter")
    base = f"transformers:{folder}?max_tokens=8"
    assert said(f"{base}&adapter={tmp_path / 'adapter'}", 1)[1] != said(base, 1)[1]
    with pytest.raises(AgentNotFound, match=r"no causal language model can be loaded from .* with the adapter"):
        make_agent(f"{base}&adapter={tmp_path}")


def test_a_file_of_llama_cpp_is_read(folder, tmp_path):
    pytest.importorskip("gguf", reason="train: no gguf; pip install 'rsi-envs[train]'")
    (tmp_path / "model.gguf").write_bytes(b"GGUF no model")
    with pytest.raises(AgentNotFound, match=r"can be loaded from .*model\.gguf"):
        make_agent(f"transformers:{tmp_path / 'model.gguf'}")


def test_a_folder_without_a_model_is_named(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "broken")
    (tmp_path / "broken/model.safetensors").write_bytes(b"no weights")
    with pytest.raises(AgentNotFound, match=r"can be loaded from .*broken"):
        make_agent(f"transformers:{tmp_path / 'broken'}")
    with pytest.raises(AgentNotFound, match=f"no causal language model can be loaded from {tmp_path}"):
        make_agent(f"transformers:{tmp_path}")


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ("temperature=-1", InvalidOption),
        ("temperature=nan", InvalidOption),
        ("top_p=0", InvalidOption),
        ("top_p=1.1", InvalidOption),
        ("max_tokens=0", InvalidOption),
        ("retries=-1", InvalidOption),
        ("tools=native", AgentNameError),
    ],
)
def test_settings_are_checked_before_anything_is_loaded(setting, error):
    with pytest.raises(error, match=setting.partition("=")[0]):
        make_agent(f"transformers:nowhere?{setting}")


def test_missing_packages_name_their_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(MissingExtra, match=r"pip install 'rsi-envs\[train\]'"):
        make_agent("transformers:nowhere")


def test_a_file_of_llama_cpp_needs_a_package_more(monkeypatch, tmp_path):
    need("train")
    monkeypatch.setitem(sys.modules, "gguf", None)
    with pytest.raises(MissingExtra, match=r"gguf.*pip install 'rsi-envs\[train\]'"):
        make_agent(f"transformers:{tmp_path / 'model.gguf'}")


def test_probabilities_are_finite(folder):
    agent, _ = said(f"transformers:{folder}?max_tokens=20", 5)
    assert all(math.isfinite(logprob) and logprob < 0 for logprob in agent.trace["logprobs"])
    assert np.exp(agent.trace["logprobs"]).max() <= 1.0
