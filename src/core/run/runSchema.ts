/** What a run's record must look like when it comes from a file: everything the page will show of it is checked here. */
import * as v from 'valibot';
import { TARGET_MODULES, recipeSchema } from '../recipe/recipe.ts';

/** JSON has no NaN: a number that was none comes back as null. */
const measured = v.pipe(
	v.nullable(v.number()),
	v.transform((value) => value ?? Number.NaN),
);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const text = v.string();

const prompt = v.object({ id: text, text, family: v.nullable(text) });
const sampling = v.object({ temperature: v.number(), topP: v.number(), maxTokens: count, seed: count });

const output = v.object({
	prompt,
	text,
	finishReason: v.picklist(['stop', 'length', 'cancelled']),
	model: text,
	sampling,
	tokens: count,
});

const wireError = v.object({
	kind: v.picklist(['app', 'shape', 'device', 'format', 'remote', 'storage', 'cancelled']),
	code: text,
	message: text,
	hint: text,
	context: v.record(text, v.union([text, v.number(), v.boolean(), v.null()])),
});

const revision = v.object({
	id: text,
	output,
	state: v.picklist([
		'waiting',
		'asking',
		'revised',
		'accepted',
		'edited',
		'set-aside',
		'rejected',
		'failed',
	]),
	revised: v.nullable(text),
	reasoning: v.nullable(text),
	rule: v.nullable(
		v.picklist(['brace-marker-colon', 'brace-marker', 'bold-heading', 'plain-heading', 'by-hand']),
	),
	reason: v.nullable(
		v.picklist(['empty', 'identical', 'refusal', 'mentions-revision', 'no-marker', 'too-far']),
	),
	measures: v.nullable(
		v.object({
			jaccard: measured,
			levenshtein: measured,
			levenshteinRelative: measured,
			lengthRatio: measured,
			commonPrefix: measured,
		}),
	),
	rawReply: v.nullable(text),
	reviser: text,
	attempts: count,
	error: v.nullable(wireError),
});

const pair = v.object({
	id: text,
	prompt,
	chosen: text,
	rejected: text,
	method: v.picklist(['clair', 'imported']),
	edited: v.boolean(),
});

const activations = v.picklist(['keep', 'lean', 'recompute']);

const plan = v.object({
	pairs: count,
	stepsPerEpoch: count,
	trainableParameters: count,
	tokensPerStep: measured,
	truncated: count,
	dropped: count,
	estimatedBytes: measured,
	memory: v.exactOptional(
		v.object({
			activations,
			automatic: v.boolean(),
			budgetBytes: measured,
			estimates: v.strictObject({
				keep: v.exactOptional(measured),
				lean: v.exactOptional(measured),
				recompute: v.exactOptional(measured),
			}),
			peakBytes: v.nullable(measured),
		}),
	),
});

const metrics = v.object({
	step: count,
	epoch: measured,
	loss: measured,
	'rewards/chosen': measured,
	'rewards/rejected': measured,
	'rewards/margins': measured,
	'rewards/accuracies': measured,
	'logps/chosen': measured,
	'logps/rejected': measured,
	grad_norm: measured,
	learning_rate: measured,
	num_tokens: measured,
	seconds: measured,
	tokensPerSecond: measured,
});

const trailPoint = v.object({ pairId: text, chosen: measured, rejected: measured, step: count });

const estimate = v.object({ score: measured, low: measured, high: measured, n: count });

const heldOut = v.object({
	mode: v.picklist(['greedy', 'sampled']),
	step: count,
	estimate,
	answers: v.array(
		v.object({
			prompt,
			text,
			score: measured,
			checks: v.array(v.object({ name: text, passed: v.boolean(), weight: measured, reason: text })),
		}),
	),
	engine: v.exactOptional(v.picklist(['compute', 'webllm'])),
	rewards: v.exactOptional(v.object({ accuracy: estimate, margin: estimate })),
});

const device = v.object({
	backend: v.picklist(['webgpu', 'wasm', 'cpu']),
	vendor: text,
	architecture: text,
	description: text,
	features: v.array(text),
	limits: v.record(text, v.number()),
	fallbackReason: v.nullable(text),
});

const phases = [
	'idle',
	'loading',
	'sampling',
	'revising',
	'evaluating-before',
	'training',
	'evaluating-after',
	'done',
] as const;

export const runRecordSchema = v.object({
	schema: v.literal(1),
	id: text,
	name: v.pipe(text, v.minLength(1)),
	createdAt: v.pipe(text, v.isoTimestamp()),
	recipe: recipeSchema,
	phase: v.picklist(phases),
	prompts: v.array(prompt),
	heldOutPrompts: v.exactOptional(v.array(prompt)),
	heldOutPairs: v.exactOptional(v.array(pair)),
	outputs: v.array(output),
	revisions: v.array(revision),
	pairs: v.array(pair),
	plan: v.nullable(plan),
	metrics: v.array(metrics),
	trails: v.array(trailPoint),
	checkpoints: v.array(count),
	heldOut: v.array(heldOut),
	device: v.nullable(device),
	seconds: v.record(v.picklist(phases), v.number()),
	failure: v.nullable(wireError),
	versions: v.record(text, text),
});

/** An adapter in PEFT's own form, the weights as base64 of `adapter_model.safetensors`. */
export const adapterSchema = v.object({
	step: count,
	config: v.looseObject({ r: v.number(), target_modules: v.array(v.picklist(TARGET_MODULES)) }),
	weights: text,
});
