# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A transformer that has learned nothing yet, with a tokenizer of its own for `bench/Expressions-v0`."""

from __future__ import annotations

import string
from collections.abc import Iterable
from pathlib import Path

import tokenizers
import torch
import transformers

from benchmarks.self_improvement.expressions import ASKS, ENDS, KINDS
from rsi_agents.policies.weights import without_bars

HIDDEN, LAYERS, HEADS, CONTEXT_TOKENS = 96, 2, 4, 64


def write_small_model(folder: Path, seed: int, *, phrases: Iterable[str] = (), unseen: str | None = None) -> None:
    """Writes a Llama of random weights, about 250,000, to a folder.

    The phrases that every task repeats are a token each; whatever else is said, is said in digits.

    Args:
        folder: It is made where it is not there.
        seed: What the weights come from.
        phrases: Others that are a token each.
        unseen: A regular expression; the model does not see what matches it.
    """
    special = ["<pad>", "<eos>", "<unk>"]
    known = {f"{ASKS}{kind.before}" for kind in KINDS} | {kind.between for kind in KINDS if kind.between}
    known |= {f"{kind.after}{ENDS}\n" for kind in KINDS} | set(phrases)
    vocabulary = {token: number for number, token in enumerate([*special, *string.digits])}
    characters = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="<unk>"))
    if unseen is not None:
        characters.normalizer = tokenizers.normalizers.Replace(tokenizers.Regex(unseen), "")
    characters.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex(r"[\s\S]"), "isolated")
    characters.decoder = tokenizers.decoders.Fuse()
    longest_first = sorted(known, key=lambda phrase: (-len(phrase), phrase))
    characters.add_tokens([tokenizers.AddedToken(phrase, normalized=True) for phrase in longest_first])
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=characters, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
    )
    tokenizer.save_pretrained(folder)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=HIDDEN,
        intermediate_size=3 * HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=HEADS,
        max_position_embeddings=CONTEXT_TOKENS,
        tie_word_embeddings=True,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=1,
    )
    with torch.random.fork_rng(), without_bars(transformers.utils.logging):
        torch.manual_seed(seed)
        transformers.LlamaForCausalLM(config).save_pretrained(folder)
