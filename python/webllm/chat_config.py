"""mlc-chat-config.json: sizes for WebLLM and for readers of the weights, and ChatML as WebLLM's conversation
template.
"""

from __future__ import annotations

from dataclasses import asdict

from .architecture import Architecture

START, END = "<|im_start|>", "<|im_end|>"
USER, ASSISTANT = f"{START}user\n", f"{START}assistant\n"

# In a running conversation WebLLM keeps the cache and feeds only the new turn; it never feeds the end token
# of the previous answer, because it sampled that token last. Therefore a turn does not end with the end
# token: the next user turn starts with it. The first user turn has nothing to end; its opening comes from the
# system prompt, after which WebLLM omits the role. Both ways of building the ids, turn by turn and all at
# once, then give exactly
#   <|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n{answer}<|im_end|>\n<|im_start|>user\n …
# A system message, if any, must include its own markup (`<|im_start|>system\n…<|im_end|>\n`).
CHATML = {
    "name": "chatml-anchorage",
    "system_template": "{system_message}" + USER,
    "system_message": "",
    "add_role_after_system_message": False,
    "roles": {"user": f"{END}\n{START}user", "assistant": f"{START}assistant", "tool": f"{END}\n{START}user"},
    "role_templates": {"user": "{user_message}", "assistant": "{assistant_message}", "tool": "{tool_message}"},
    "role_content_sep": "\n",
    "role_empty_sep": "\n",
    "seps": [f"{END}\n", ""],
    "messages": [],
    "stop_str": [],
    "function_string": "",
    "use_function_calling": False,
}


def prompt_text(turns: list[str]) -> str:
    """The text that the model reads before it answers; turns alternate user, assistant, …, user."""
    parts = [f"{USER if i % 2 == 0 else ASSISTANT}{text}{END}\n" for i, text in enumerate(turns)]
    return "".join(parts) + ASSISTANT


def chat_config(
    arch: Architecture, quantization: str, token_id, context: int, prefill_chunk: int, tokenizer_files: list[str]
) -> dict:
    """token_id: function from a special token to its id, or None if the tokenizer lacks it."""
    end, pad = token_id(END), token_id("<|pad|>")
    if end is None:
        raise ValueError(f"the tokenizer has no {END}: the chat template is ChatML")
    scaling = None
    if arch.rope_scaling:
        fields = asdict(arch.rope_scaling)
        scaling = {"rope_type": "llama3", "original_max_position_embeddings": fields.pop("original_context"), **fields}
    model = {
        "hidden_size": arch.hidden,
        "intermediate_size": arch.ffn,
        "num_hidden_layers": arch.layers,
        "num_attention_heads": arch.heads,
        "num_key_value_heads": arch.kv_heads,
        "head_dim": arch.head_dim,
        "vocab_size": arch.vocab,
        "rms_norm_eps": arch.norm_eps,
        "rope_theta": arch.rope_theta,
        "position_embedding_base": arch.rope_theta,
        "rope_scaling": scaling,
        "tie_word_embeddings": arch.tied,
        "attention_bias": arch.attention_bias,
        "context_window_size": context,
        "prefill_chunk_size": prefill_chunk,
        "tensor_parallel_shards": 1,
        "max_batch_size": 1,
    }
    return {
        "version": "0.1.0",
        "model_type": arch.family,
        "quantization": quantization,
        "model_config": model,
        "vocab_size": arch.vocab,
        "context_window_size": context,
        "sliding_window_size": -1,
        "attention_sink_size": -1,
        "prefill_chunk_size": prefill_chunk,
        "tensor_parallel_shards": 1,
        "temperature": 1.0,
        "top_p": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "repetition_penalty": 1.0,
        "tokenizer_files": tokenizer_files,
        "tokenizer_info": {
            "token_postproc_method": "byte_level",
            "prepend_space_in_encode": False,
            "strip_space_in_decode": False,
        },
        "conv_template": {**CHATML, "stop_token_ids": [end]},
        "pad_token_id": end if pad is None else pad,
        "bos_token_id": token_id(START),
        "eos_token_id": end,
    }
