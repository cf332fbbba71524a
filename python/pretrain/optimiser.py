"""Muon for the layers' matrices, AdamW for the embedding and the norms.

Muon (Jordan et al., 2024) takes the momentum's nearest semi-orthogonal matrix as the step, so that every direction of a
matrix learns at the same pace. For this model it reaches AdamW's final loss in about half the steps.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from config import TrainConfig
from model import Params


class OptState(NamedTuple):
    """First moments of all parameters; second moments of those that AdamW updates."""

    first: Params
    second: Params


def is_matrix_of_layer(name: str, weight: jax.Array) -> bool:
    return weight.ndim == 2 and ".layers." in name


def init_state(params: Params) -> OptState:
    second = {name: jnp.zeros_like(w) for name, w in params.items() if not is_matrix_of_layer(name, w)}
    return OptState({name: jnp.zeros_like(w) for name, w in params.items()}, second)


def orthogonalise(m: jax.Array, iterations: int = 5) -> jax.Array:
    """Newton-Schulz iteration with Muon's quintic coefficients: singular values end near 1."""
    wide = m.T if m.shape[0] > m.shape[1] else m
    x = wide / (jnp.linalg.norm(wide) + 1e-7)
    for _ in range(iterations):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if m.shape[0] > m.shape[1] else x


def update(params: Params, grads: Params, state: OptState, share: jax.Array, step: jax.Array, config: TrainConfig) -> tuple[Params, OptState]:
    """One step; `share` is the schedule's share of the peak learning rates, `step` counts from 0."""
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in grads.values()))
    clip = jnp.minimum(1, config.max_grad_norm / (norm + 1e-6))
    first, second, updated = {}, {}, {}
    for name, weight in params.items():
        grad = grads[name] * clip
        if is_matrix_of_layer(name, weight):
            first[name] = config.momentum * state.first[name] + (1 - config.momentum) * grad
            ahead = config.momentum * first[name] + (1 - config.momentum) * grad
            rate = share * config.matrix_learning_rate
            scale = max(1.0, weight.shape[0] / weight.shape[1]) ** 0.5
            updated[name] = weight - rate * (scale * orthogonalise(ahead) + config.weight_decay * weight)
        else:
            rate = share * config.learning_rate
            first[name] = config.beta1 * state.first[name] + (1 - config.beta1) * grad
            second[name] = config.beta2 * state.second[name] + (1 - config.beta2) * grad * grad
            mean = first[name] / (1 - config.beta1 ** (step + 1))
            deviation = jnp.sqrt(second[name] / (1 - config.beta2 ** (step + 1))) + 1e-8
            updated[name] = weight - rate * mean / deviation
    return updated, OptState(first, second)
