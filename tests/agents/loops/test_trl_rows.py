# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Lessons are taught in the words that the agent sees in play, and what the environment said is not taught."""

from __future__ import annotations

import pytest

from rsi_agents.errors import AgentNameError, CannotUpdate
from rsi_agents.loops.updaters.trl_rows import form_of, trained_rows
from rsi_envs.core.judgements import SYSTEM_PROMPT
from tests.agents.adding_env import ADDING


def said(role, content):
    return {"role": role, "content": content}


ASKED, SYSTEM = said("user", "What is 1+1?"), said("system", "You add numbers.")
EXAMPLE = {
    "prompt": [ASKED],
    "completion": [said("assistant", "3"), said("user", "Not so; try again."), said("assistant", "2")],
    "score": 1.0,
    "env_id": ADDING,
}
PREFERENCE = {
    "prompt": [ASKED],
    "chosen": [said("assistant", "2")],
    "rejected": [said("assistant", "3")],
    "margin": 1.0,
    "votes": [{"judge": "a"}],
    "env_id": ADDING,
}
LABELLED = {"prompt": [ASKED], "completion": [said("assistant", "2")], "label": True, "env_id": ADDING}


@pytest.mark.parametrize(("row", "form"), [(EXAMPLE, "SFT"), (PREFERENCE, "DPO"), (LABELLED, "KTO")])
def test_the_form_of_rows_decides_by_which_trainer_they_are_learned_from(row, form):
    assert form_of([row, row]) == form


@pytest.mark.parametrize("rows", [[], [EXAMPLE, PREFERENCE], [EXAMPLE, LABELLED], [{"prompt": []}]])
def test_rows_of_several_forms_or_of_none_can_not_be_learned_from(rows):
    with pytest.raises(CannotUpdate, match="rows of one form"):
        form_of(rows)


def test_every_reply_of_an_episode_is_a_row_and_what_the_environment_said_stands_before_it():
    first, second = trained_rows([EXAMPLE], "SFT", templated=True, settings={})
    assert first == {"prompt": [SYSTEM, ASKED], "completion": [EXAMPLE["completion"][0]]}
    assert second == {
        "prompt": [SYSTEM, ASKED, *EXAMPLE["completion"][:2]],
        "completion": [EXAMPLE["completion"][2]],
    }


def test_preferences_and_labels_keep_what_their_trainers_read_and_no_more():
    assert trained_rows([PREFERENCE], "DPO", templated=True, settings={}) == [
        {"prompt": [SYSTEM, ASKED], "chosen": PREFERENCE["chosen"], "rejected": PREFERENCE["rejected"]}
    ]
    assert trained_rows([LABELLED], "KTO", templated=True, settings={}) == [
        {"prompt": [SYSTEM, ASKED], "completion": LABELLED["completion"], "label": True}
    ]


@pytest.mark.parametrize(("prompt", "system"), [("Be brief.", [said("system", "Be brief.")]), ("", [])])
def test_an_agents_own_system_prompt_stands_instead_of_the_environments(prompt, system):
    rows = trained_rows([PREFERENCE], "DPO", templated=True, settings={"system_prompt": prompt})
    assert rows[0]["prompt"] == [*system, ASKED]


def test_an_agents_instructions_follow_the_system_prompt_as_in_play(tmp_path):
    (tmp_path / "told").write_text("\nCarry the one.\n")
    settings = {"instructions": str(tmp_path / "told")}
    rows = trained_rows([PREFERENCE], "DPO", templated=True, settings=settings)
    assert rows[0]["prompt"] == [said("system", "You add numbers.\n\nCarry the one."), ASKED]
    rows = trained_rows([PREFERENCE], "DPO", templated=True, settings=settings | {"system_prompt": ""})
    assert rows[0]["prompt"] == [said("system", "Carry the one."), ASKED]
    with pytest.raises(AgentNameError, match="can't be read: No such file"):
        trained_rows([PREFERENCE], "DPO", templated=True, settings={"instructions": str(tmp_path / "nothing")})


def test_without_a_chat_template_rows_are_the_text_that_the_agent_sees():
    first, second = trained_rows([EXAMPLE], "SFT", templated=False, settings={"system_prompt": ""})
    assert first == {"prompt": "What is 1+1?\n", "completion": "3"}
    assert second == {"prompt": "What is 1+1?\n3\nNot so; try again.\n", "completion": "2"}
    row = trained_rows([LABELLED], "KTO", templated=False, settings={"system_prompt": ""})[0]
    assert row == {"prompt": "What is 1+1?\n", "completion": "2", "label": True}


def test_a_judges_rows_begin_with_what_judges_are_told_not_with_the_environments_words():
    told = said("system", SYSTEM_PROMPT)
    (row,) = trained_rows([{**PREFERENCE, "role": "judge"}], "DPO", templated=True, settings={})
    assert row["prompt"] == [told, ASKED]
    (actors,) = trained_rows([{**PREFERENCE, "role": "actor"}], "DPO", templated=True, settings={})
    assert actors["prompt"] == [SYSTEM, ASKED]
    own = {"system_prompt": "Be brief."}
    (row,) = trained_rows([{**PREFERENCE, "role": "judge"}], "DPO", templated=True, settings=own)
    assert row["prompt"] == [said("system", "Be brief."), ASKED]
