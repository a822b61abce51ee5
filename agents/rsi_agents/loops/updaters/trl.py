# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""`trl`: trains the weights of a local language model with Hugging Face's TRL and PEFT.

Sources: E. J. Hu et al., LoRA: low-rank adaptation of large language models, 2021 (2106.09685); R. Rafailov et al.,
Direct preference optimization, 2023 (2305.18290); K. Ethayarajh et al., KTO: model alignment as prospect theoretic
optimization, 2024 (2402.01306).
"""

from __future__ import annotations

import copy
import json
import tempfile
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from rsi_agents.errors import AgentNotFound, CannotUpdate
from rsi_agents.loops.lessons import read_rows
from rsi_agents.loops.updaters.trl_rows import Form, form_of, trained_rows
from rsi_agents.loops.updaters.undisturbed import undisturbed
from rsi_agents.names import NameParts, parts_of, with_argument, with_setting
from rsi_agents.policies.weights import Weights, load_weights, train_extra

SCHEME = "transformers"
TRAINING_FILE = "training.json"
"""What is written beside the weights: form, rows, steps, tokens, and the mean loss."""
_ADAPTER = "adapter"


class TrlUpdater:
    """Trains a `transformers:` agent: by SFT on examples, DPO on preferences, KTO on examples that are good or bad.

    The same rows and seed give the same weights on the same machine, on a CPU.

    Args:
        epochs: How often every row is learned from.
        steps: Steps of the optimizer instead; None for as many as `epochs` takes.
        learning_rate: The highest; it falls to 0 in a line.
        batch: Rows of a step; of KTO at least 2.
        max_length: Tokens of a row that are learned from, its first ones.
        lora: Whether an adapter is trained, or all weights, which are then written anew.
        lora_rank: The adapter's; of an agent that has an adapter, that one is trained on.
        beta: How much DPO and KTO hold a model to what it was.
    """

    def __init__(
        self,
        epochs: Annotated[float, Field(gt=0)] = 1.0,
        steps: Annotated[int, Field(ge=1)] | None = None,
        learning_rate: Annotated[float, Field(gt=0)] = 1e-4,
        batch: Annotated[int, Field(ge=1)] = 8,
        max_length: Annotated[int, Field(ge=1)] = 1024,
        lora: bool = True,
        lora_rank: Annotated[int, Field(ge=1)] = 16,
        beta: Annotated[float, Field(gt=0)] = 0.1,
    ) -> None:
        self._epochs, self._steps, self._learning_rate, self._batch = epochs, steps, learning_rate, batch
        self._max_length, self._lora, self._lora_rank, self._beta = max_length, lora, lora_rank, beta

    def train(self, agent: str, rows: Path, out: Path, *, seed: int) -> None:
        """Writes an adapter, or all weights; see `Updater.train`.

        Raises:
            MissingExtra: Packages of the extra `train` are not installed.
        """
        begun_with = self._local(agent)
        with undisturbed():
            weights = loaded(begun_with)
            learned = list(read_rows(rows))
            form = form_of(learned)
            templated = bool(weights.tokenizer.chat_template)
            columns = trained_rows(learned, form, templated=templated, settings=begun_with.settings)
            data = train_extra("datasets").Dataset.from_list(columns)
            with tempfile.TemporaryDirectory() as scratch:
                trainer = self._trainer(form, weights, data, scratch, seed)
                done = trainer.train()
            self._save(trainer, weights, out)
        told = {
            "form": form,
            "rows": len(learned),
            "steps": done.global_step,
            "tokens": int(trainer.state.num_input_tokens_seen),
            "loss": done.training_loss,
        }
        (out / TRAINING_FILE).write_text(json.dumps(told) + "\n", "utf-8")

    def named(self, agent: str, learned: Path) -> str:
        """Names the agent with the adapter that was written, or with the weights; see `Updater.named`."""
        self._local(agent)
        path = str(learned.resolve())
        return with_setting(agent, _ADAPTER, path) if self._lora else with_argument(agent, path)

    def _local(self, agent: str) -> NameParts:
        parts = parts_of(agent)
        if parts.scheme != SCHEME:
            raise CannotUpdate(f"the updater 'trl' trains the weights of {SCHEME}: agents; {agent!r} has none")
        if _ADAPTER in parts.settings and not self._lora:
            raise CannotUpdate(f"{agent!r} has an adapter, but lora = false trains all weights; leave one out")
        return parts

    def _trainer(self, form: Form, weights: Weights, data: Any, scratch: str, seed: int) -> Any:
        trl, transformers = train_extra("trl"), train_extra("transformers")
        make_config, make_trainer = getattr(trl, f"{form}Config"), getattr(trl, f"{form}Trainer")
        preferring = form in ("DPO", "KTO")
        config = make_config(
            output_dir=scratch,
            num_train_epochs=self._epochs,
            max_steps=self._steps or -1,
            learning_rate=self._learning_rate,
            per_device_train_batch_size=max(self._batch, 2) if form == "KTO" else self._batch,
            max_length=self._max_length,
            seed=seed % 2**32,
            use_cpu=weights.device == "cpu",
            bf16=False,
            gradient_checkpointing=weights.device != "cpu",
            include_num_input_tokens_seen="all",
            save_strategy="no",
            logging_strategy="no",
            report_to="none",
            disable_tqdm=True,
            **({"beta": self._beta} if preferring else {}),
        )
        peft = train_extra("peft")
        parts: dict[str, Any] = {}
        if self._lora and not isinstance(weights.model, peft.PeftModel):
            parts["peft_config"] = peft.LoraConfig(
                r=self._lora_rank, lora_alpha=2 * self._lora_rank, target_modules="all-linear", task_type="CAUSAL_LM"
            )
        if preferring and not self._lora:
            parts["ref_model"] = copy.deepcopy(weights.model)
        trainer = make_trainer(
            model=weights.model, args=config, train_dataset=data, processing_class=weights.tokenizer, **parts
        )
        trainer.remove_callback(transformers.PrinterCallback)
        return trainer

    def _save(self, trainer: Any, weights: Weights, out: Path) -> None:
        model = trainer.accelerator.unwrap_model(trainer.model)
        if self._lora:
            model.save_pretrained(out, selected_adapters=["default"])
        else:
            model.save_pretrained(out)
            weights.tokenizer.save_pretrained(out)


def loaded(agent: NameParts) -> Weights:
    """Loads what an agent's name says, to be trained.

    Raises:
        CannotUpdate: There is no such model or adapter.
    """
    adapter = agent.settings.get(_ADAPTER)
    try:
        return load_weights(
            agent.argument,
            Path(adapter) if adapter else None,
            agent.settings.get("device", "cpu"),
            trainable=True,
        )
    except AgentNotFound as error:
        raise CannotUpdate(str(error)) from error
