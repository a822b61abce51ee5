# SPDX-FileCopyrightText: 2026 The rsi-envs authors
# SPDX-License-Identifier: MIT
"""A language model of a few thousand weights and a token a character, made in an instant; it has learned nothing."""

from __future__ import annotations

import string
from pathlib import Path

TEMPLATE = (
    "{% for message in messages %}<{{ message['role'][0] }}>{{ message['content'] }}<eos>{% endfor %}"
    "{% if add_generation_prompt %}<a>{% endif %}"
)
CONTEXT_TOKENS = 256


def write_tiny_weights(folder: Path, *, template: bool = True, seed: int = 0, hidden: int = 16) -> Path:
    """Writes a Llama and its tokenizer to a folder."""
    import tokenizers
    import torch
    import transformers

    vocabulary = {t: i for i, t in enumerate(["<pad>", "<eos>", "<s>", "<u>", "<a>", "�", *string.printable])}
    characters = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="�"))
    characters.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex(r"[\s\S]"), "isolated")
    characters.decoder = tokenizers.decoders.Fuse()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=characters,
        pad_token="<pad>",
        eos_token="<eos>",
        unk_token="�",
        additional_special_tokens=["<s>", "<u>", "<a>"],
        chat_template=TEMPLATE if template else None,
    )
    tokenizer.save_pretrained(folder)
    config = transformers.LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=hidden,
        intermediate_size=2 * hidden,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=CONTEXT_TOKENS,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=1,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        transformers.LlamaForCausalLM(config).save_pretrained(folder)
    return folder
