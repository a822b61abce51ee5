# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""Weights of causal language models: loaded through Hugging Face's transformers, once for all agents of a process."""

from __future__ import annotations

import functools
import importlib
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from rsi_agents.errors import AgentNotFound
from rsi_agents.loading import load_extra
from rsi_envs.core.errors import ModelRefused

KEPT = 4
"""Models that stay loaded, the last ones used; agents keep theirs for as long as they live."""
_GGUF = ".gguf"
_LOADING = threading.Lock()


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A model and what turns text into its tokens."""

    model: Any
    """A `transformers.PreTrainedModel` with a head for language."""
    tokenizer: Any
    """A `transformers.PreTrainedTokenizerBase`."""
    device: str

    @property
    def context_tokens(self) -> int | None:
        """Tokens that a conversation and its reply may have together; None where the model does not say."""
        return getattr(self.model.config, "max_position_embeddings", None)

    @property
    def stops(self) -> frozenset[int]:
        """Names the tokens that end a reply."""
        told = self.model.generation_config.eos_token_id
        several = told if isinstance(told, list) else [told]
        return frozenset(token for token in (*several, self.tokenizer.eos_token_id) if token is not None)


def shared_weights(source: str, adapter: Path | None = None, device: str = "cpu") -> Weights:
    """Loads a model for play, or gives the one that is loaded already; see `load_weights`."""
    with _LOADING:
        return _shared(source, adapter, device)


@functools.lru_cache(maxsize=KEPT)
def _shared(source: str, adapter: Path | None, device: str) -> Weights:
    loaded = load_weights(source, adapter, device)
    if adapter is None:
        return loaded
    return Weights(loaded.model.merge_and_unload().eval(), loaded.tokenizer, device)


def load_weights(source: str, adapter: Path | None = None, device: str = "cpu", *, trainable: bool = False) -> Weights:
    """Loads a model of one's own.

    Args:
        source: A folder, a hub's name, or a file in llama.cpp's format that ends in ".gguf", which is unpacked.
        adapter: A folder that PEFT wrote for this model; None for none.
        device: What torch computes on. On "cpu" it computes in 32 bits, elsewhere in those of the file.
        trainable: Whether the adapter can be trained on.

    Raises:
        MissingExtra: Packages of the extra `train` are not installed.
        AgentNotFound: There is no such model, or no such adapter of it.
    """
    transformers, torch, peft = (train_extra(name) for name in ("transformers", "torch", "peft"))
    unreadable = OSError, ValueError, KeyError, RuntimeError, struct.error, train_extra("safetensors").SafetensorError
    path = Path(source)
    named, held, unpacked = dict[str, Any](), source, dict[str, Any]()
    if path.suffix == _GGUF:
        train_extra("gguf")
        named, held = {"gguf_file": path.name}, str(path.parent)
        if hasattr(transformers, "GgufConfig"):  # before it came, weights were always unpacked
            unpacked = {"quantization_config": transformers.GgufConfig(dequantize=True)}
    here = {"local_files_only": path.exists()}
    dtype = torch.float32 if device == "cpu" else "auto"
    try:
        with without_bars(transformers.utils.logging):
            tokenizer = transformers.AutoTokenizer.from_pretrained(held, **named, **here)
            make = transformers.AutoModelForCausalLM.from_pretrained
            model = make(held, dtype=dtype, **named, **unpacked, **here)
            if adapter is not None:
                model = peft.PeftModel.from_pretrained(model, str(adapter), is_trainable=trainable)
    except unreadable as error:
        what = f"{source} with the adapter {adapter}" if adapter else source
        raise AgentNotFound(f"no causal language model can be loaded from {what}: {error}") from error
    return Weights(model.to(device).eval(), tokenizer, device)


def prompt_ids(tokenizer: Any, messages: Sequence[Mapping[str, Any]]) -> list[int]:
    """Writes a conversation as the tokens that a reply is the continuation of.

    By the tokenizer's chat template; where it has none, each message's text and a newline.

    Raises:
        ModelRefused: The template does not take such a conversation.
    """
    if not tokenizer.chat_template:
        return list(tokenizer(plain(messages))["input_ids"])
    jinja2 = importlib.import_module("jinja2")
    try:
        text = tokenizer.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True)
    except jinja2.TemplateError as error:
        raise ModelRefused(f"the model's chat template does not take this conversation: {error}") from error
    return list(tokenizer(text, add_special_tokens=False)["input_ids"])


def plain(messages: Sequence[Mapping[str, Any]]) -> str:
    """Writes a conversation without a template."""
    return "".join(f"{message['content']}\n" for message in messages)


@contextmanager
def without_bars(package: Any) -> Iterator[None]:
    """Keeps the progress bars of one of Hugging Face's packages away, which would stand among a command's own output.

    Args:
        package: Has `is_progress_bar_enabled`, `disable_progress_bar` and `enable_progress_bar`.
    """
    shown = package.is_progress_bar_enabled()
    package.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            package.enable_progress_bar()


def train_extra(package: str) -> ModuleType:
    """Imports a package of the extra `train`.

    Raises:
        MissingExtra: It is not installed.
    """
    return load_extra(package, "train", "models' weights")
