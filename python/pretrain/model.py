"""A Llama decoder in jax: parameters under their Hugging Face names, and the forward pass.

Shapes: B rows, T tokens, C channels, H heads, D head size, V vocabulary.
"""

import jax
import jax.numpy as jnp
import numpy as np

from config import ModelConfig

Params = dict[str, jax.Array]


def layer_name(i: int, part: str) -> str:
    return f"model.layers.{i}.{part}.weight"


def init_params(config: ModelConfig, seed: int) -> Params:
    """Normal weights of deviation 1/sqrt(fan-in); the projections back into the stream scaled by 1/sqrt(2 layers)."""
    rng = np.random.default_rng(seed)
    c, f, d = config.hidden_size, config.intermediate_size, config.head_dim
    q, kv = config.num_attention_heads * d, config.num_key_value_heads * d

    def normal(rows: int, cols: int, scale: float = 1.0) -> jax.Array:
        return jnp.asarray(rng.standard_normal((rows, cols)) * scale * cols**-0.5, jnp.float32)

    back = (2 * config.num_hidden_layers) ** -0.5
    params = {
        "model.embed_tokens.weight": normal(config.vocab_size, c, 0.5),
        "model.norm.weight": jnp.ones(c),
    }
    for i in range(config.num_hidden_layers):
        params |= {
            layer_name(i, "input_layernorm"): jnp.ones(c),
            layer_name(i, "post_attention_layernorm"): jnp.ones(c),
            layer_name(i, "self_attn.q_proj"): normal(q, c),
            layer_name(i, "self_attn.k_proj"): normal(kv, c),
            layer_name(i, "self_attn.v_proj"): normal(kv, c),
            layer_name(i, "self_attn.o_proj"): normal(c, q, back),
            layer_name(i, "mlp.gate_proj"): normal(f, c),
            layer_name(i, "mlp.up_proj"): normal(f, c),
            layer_name(i, "mlp.down_proj"): normal(c, f, back),
        }
    return params


def rms_norm(x: jax.Array, weight: jax.Array, eps: float) -> jax.Array:
    return x * jax.lax.rsqrt(jnp.mean(x * x, axis=-1, keepdims=True) + eps) * weight


def rope_tables(positions: jax.Array, config: ModelConfig) -> tuple[jax.Array, jax.Array]:
    """cos and sin [B, T, 1, D/2]."""
    frequency = config.rope_theta ** (-jnp.arange(0, config.head_dim, 2) / config.head_dim)
    angle = positions[..., None, None] * frequency
    return jnp.cos(angle), jnp.sin(angle)


def rotate(x: jax.Array, cos: jax.Array, sin: jax.Array) -> jax.Array:
    """Rotary embedding on halves (Llama's order), x [B, T, H, D]."""
    u, v = jnp.split(x, 2, axis=-1)
    return jnp.concatenate([u * cos - v * sin, v * cos + u * sin], axis=-1)


def forward(params: Params, ids: jax.Array, positions: jax.Array, mask: jax.Array, config: ModelConfig) -> jax.Array:
    """Last hidden states after the final norm.

    ids, positions [B, T]; mask [B, T, T], true if row t may see column s. Returns [B, T, C].
    """
    b, t = ids.shape
    d, heads, kv_heads = config.head_dim, config.num_attention_heads, config.num_key_value_heads
    cos, sin = rope_tables(positions, config)
    x = params["model.embed_tokens.weight"][ids]
    for i in range(config.num_hidden_layers):
        def linear(h: jax.Array, part: str) -> jax.Array:
            return h @ params[layer_name(i, part)].T

        h = rms_norm(x, params[layer_name(i, "input_layernorm")], config.rms_norm_eps)
        q = rotate(linear(h, "self_attn.q_proj").reshape(b, t, heads, d), cos, sin)
        k = rotate(linear(h, "self_attn.k_proj").reshape(b, t, kv_heads, d), cos, sin)
        v = linear(h, "self_attn.v_proj").reshape(b, t, kv_heads, d)
        # Query heads of one group share a key head: [B, T, kv, group, D].
        q = q.reshape(b, t, kv_heads, heads // kv_heads, d)
        scores = jnp.einsum("btkgd,bskd->bkgts", q, k) * d**-0.5
        weights = jax.nn.softmax(jnp.where(mask[:, None, None], scores, -1e9), axis=-1)
        x = x + linear(jnp.einsum("bkgts,bskd->btkgd", weights, v).reshape(b, t, heads * d), "self_attn.o_proj")
        h = rms_norm(x, params[layer_name(i, "post_attention_layernorm")], config.rms_norm_eps)
        x = x + linear(jax.nn.silu(linear(h, "mlp.gate_proj")) * linear(h, "mlp.up_proj"), "mlp.down_proj")
    return rms_norm(x, params["model.norm.weight"], config.rms_norm_eps)


def logits_of(params: Params, hidden: jax.Array) -> jax.Array:
    """The head is tied to the embedding."""
    return hidden @ params["model.embed_tokens.weight"].T
