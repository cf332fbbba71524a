"""Shape of the embedded model and settings of its training. The world is text exported from src/core/world.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelConfig:
    """A Llama of 0.92 M parameters: small enough that a browser on a CPU writes 30 tokens a second."""

    vocab_size: int = 1024
    hidden_size: int = 128
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    num_key_value_heads: int = 2
    head_dim: int = 32
    intermediate_size: int = 384
    rms_norm_eps: float = 1e-5
    rope_theta: float = 10000.0
    max_position_embeddings: int = 512


@dataclass(frozen=True)
class TrainConfig:
    seed: int = 1
    steps: int = 1500
    batch_rows: int = 32
    row_tokens: int = 128
    learning_rate: float = 4e-3
    warmup_steps: int = 60
    final_share: float = 0.02
    """Learning rate at the end, as a share of the peak (cosine in between)."""
    weight_decay: float = 0.05
    beta1: float = 0.9
    beta2: float = 0.98
    max_grad_norm: float = 1.0
    prompt_weight: float = 0.05
    """Loss weight of a prompt's token; an answer's is 1. Prompts are random, with little to learn."""
    conversation_share: float = 0.25
    """Share of rows whose examples see each other, as the turns of one chat; elsewhere they do not."""
