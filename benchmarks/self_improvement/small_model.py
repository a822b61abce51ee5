# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A transformer that has learned nothing yet, with a tokenizer of its own for `bench/Expressions-v0`."""

from __future__ import annotations

import string
from pathlib import Path

import tokenizers
import torch
import transformers

from benchmarks.self_improvement.expressions import ASKS, ENDS, KINDS
from rsi_agents.policies.weights import without_bars

HIDDEN, LAYERS, HEADS, CONTEXT_TOKENS = 96, 2, 4, 64


def write_small_model(folder: Path, seed: int) -> None:
    """Writes a Llama of random weights, about 250,000, to a folder.

    The phrases that every task repeats are a token each; whatever else is said, is said in digits.

    Args:
        folder: It is made where it is not there.
        seed: What the weights come from.
    """
    special = ["<pad>", "<eos>", "<unk>"]
    phrases = {f"{ASKS}{kind.before}" for kind in KINDS} | {kind.between for kind in KINDS if kind.between}
    phrases |= {f"{kind.after}{ENDS}\n" for kind in KINDS}
    vocabulary = {token: number for number, token in enumerate([*special, *string.digits])}
    characters = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="<unk>"))
    characters.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex(r"[\s\S]"), "isolated")
    characters.decoder = tokenizers.decoders.Fuse()
    characters.add_tokens(
        [tokenizers.AddedToken(phrase, normalized=False) for phrase in sorted(phrases, key=len)[::-1]]
    )
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
