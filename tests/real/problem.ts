/** The fixed texts and settings whose numbers transformers and PEFT computed. */
import { preferencePair } from '#tests/support/preferencePair.ts';

export const PAIRS = [
	preferencePair(
		'sea',
		'Describe the sea. Begin your answer with the words "In short,".',
		'In short, the sea is a vast body of salt water.',
		'The sea is a vast body of salt water.',
	),
	preferencePair('paris', 'What is the capital of France?', 'Paris', 'The capital of France is Paris.'),
	preferencePair('signs', 'Repeat: ½ + ² = 3 🙂', '½ + ² = 3 🙂', 'naïve café, 2026'),
];

export const BETA = 0.1;
export const LEARNING_RATE = 1e-3;

export const GREEDY_PROMPTS = [
	'What is the capital of France?',
	'Write one sentence about the sea.',
	'Name three fruits.',
];
export const GREEDY_TOKENS = 24;

/** Of the first, a middle and the last layer. */
export const PICKED = [0, 14, 29].flatMap((layer) =>
	['self_attn.q_proj', 'self_attn.v_proj', 'mlp.up_proj', 'mlp.down_proj'].flatMap((module) =>
		['A', 'B'].map((side) => `base_model.model.model.layers.${layer}.${module}.lora_${side}.weight`),
	),
);
