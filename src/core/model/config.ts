/**
 * Reads a model's configuration from transformers' `config.json` or WebLLM's `mlc-chat-config.json`. Rope
 * fields of the former are at the top level before transformers 5 and in `rope_parameters` since;
 * `model_config` of the latter uses the older form.
 */
import { FormatError } from '../errors.ts';
import { type Fields, isRecord } from '../format/record.ts';
import { excerpt } from '../text/excerpt.ts';
import type { Llama3RopeScaling, ModelConfig } from './model.ts';

const ARCHITECTURES = ['llama', 'qwen2', 'qwen3'] as const;

/**
 * @param json   parsed `config.json`
 * @param source address of the file, for messages
 * @throws FormatError naming the field that is missing or not supported
 */
export function configFromHf(json: unknown, source = 'config.json'): ModelConfig {
	const fields = record(json, source);
	return readFields(fields, text(fields, 'model_type', source), source);
}

/**
 * @param json parsed `mlc-chat-config.json`
 * @throws FormatError naming the field that is missing or not supported
 */
export function configFromMlc(json: unknown, source = 'mlc-chat-config.json'): ModelConfig {
	const outer = record(json, source);
	const fields = record(outer['model_config'], `${source}: model_config`);
	return readFields(fields, text(outer, 'model_type', source), source);
}

function readFields(fields: Fields, modelType: string, source: string): ModelConfig {
	const architecture = ARCHITECTURES.find((name) => name === modelType);
	if (architecture === undefined) {
		throw unsupported(source, 'model_type', modelType, `Models that work here: ${ARCHITECTURES.join(', ')}.`);
	}
	refuseWhatIsNotThere(fields, source);
	const sizes = readSizes(fields, source);
	expectSizes(sizes, source);
	const rope = isRecord(fields['rope_parameters']) ? fields['rope_parameters'] : fields;
	const scaling = isRecord(fields['rope_parameters']) ? rope : fields['rope_scaling'];
	return {
		architecture,
		...sizes,
		rmsNormEps: positive(fields, ['rms_norm_eps'], source),
		ropeTheta: positive(rope, ['rope_theta', 'position_embedding_base'], source, 10000),
		ropeScaling: readScaling(scaling, source),
		tieWordEmbeddings: flag(fields, 'tie_word_embeddings', source),
		attentionBias: flag(fields, 'attention_bias', source) || architecture === 'qwen2',
		qkNorm: architecture === 'qwen3',
	};
}

type Sizes = Pick<
	ModelConfig,
	| 'hiddenSize'
	| 'intermediateSize'
	| 'layers'
	| 'heads'
	| 'kvHeads'
	| 'headDim'
	| 'vocabSize'
	| 'maxPositions'
>;

function readSizes(fields: Fields, source: string): Sizes {
	const hiddenSize = count(fields, ['hidden_size'], source);
	const heads = count(fields, ['num_attention_heads'], source);
	return {
		hiddenSize,
		intermediateSize: count(fields, ['intermediate_size'], source),
		layers: count(fields, ['num_hidden_layers'], source),
		heads,
		kvHeads: count(fields, ['num_key_value_heads'], source, heads),
		headDim: count(fields, ['head_dim'], source, hiddenSize / heads),
		vocabSize: count(fields, ['vocab_size'], source),
		maxPositions: count(fields, ['context_window_size', 'max_position_embeddings'], source),
	};
}

/** Sizes that contradict each other are damage; sizes that no kernel computes are not supported. */
function expectSizes({ hiddenSize, heads, kvHeads, headDim }: Sizes, source: string): void {
	if (!Number.isInteger(headDim)) {
		throw invalid(
			source,
			'head_dim',
			`is missing, and ${heads} heads do not divide hidden_size ${hiddenSize}`,
		);
	}
	if (heads % kvHeads !== 0) {
		throw invalid(
			source,
			'num_key_value_heads',
			`is ${kvHeads}, which does not divide the ${heads} attention heads`,
		);
	}
	// Rotary position embedding rotates pairs of channels.
	if (headDim % 2 !== 0)
		throw unsupported(source, 'head_dim', headDim, 'Take a model whose head size is even.');
}

/** Refuses variants of the family that would load but compute something else. */
function refuseWhatIsNotThere(fields: Fields, source: string): void {
	const act = fields['hidden_act'] ?? 'silu';
	if (act !== 'silu') throw unsupported(source, 'hidden_act', act, 'Only silu works here.');
	for (const name of ['mlp_bias', 'use_sliding_window']) {
		if (flag(fields, name, source)) throw unsupported(source, name, true, 'Take a model without it.');
	}
	const rotary = fields['partial_rotary_factor'] ?? 1;
	if (rotary !== 1) throw unsupported(source, 'partial_rotary_factor', rotary, 'Only 1 works here.');
	const types: unknown = fields['layer_types'] ?? [];
	const list: readonly unknown[] = Array.isArray(types) ? types : [types];
	const other = list.find((type) => type !== 'full_attention');
	if (other !== undefined) throw unsupported(source, 'layer_types', other, 'Only full_attention works here.');
}

function readScaling(value: unknown, source: string): Llama3RopeScaling | null {
	if (value === undefined || value === null) return null;
	if (!isRecord(value)) throw unsupported(source, 'rope_scaling', value, 'Take a model without it.');
	const kind = value['rope_type'] ?? value['type'] ?? 'default';
	if (kind === 'default') return null;
	if (kind !== 'llama3') {
		throw unsupported(source, 'rope_type', kind, 'Only unscaled and llama3 rotary frequencies work here.');
	}
	const scaling = {
		factor: positive(value, ['factor'], source),
		lowFreqFactor: positive(value, ['low_freq_factor'], source),
		highFreqFactor: positive(value, ['high_freq_factor'], source),
		originalMaxPositions: count(value, ['original_max_position_embeddings'], source),
	};
	if (scaling.highFreqFactor > scaling.lowFreqFactor) return scaling;
	throw invalid(
		source,
		'high_freq_factor',
		`is ${scaling.highFreqFactor}, not above low_freq_factor ${scaling.lowFreqFactor}`,
	);
}

/** Larger counts are damage; products of these stay exact integers. */
const MOST = 1e7;

/** The first of the named fields that is set, as a positive whole number; `fallback` if all are absent or null. */
function count(fields: Fields, names: readonly string[], source: string, fallback?: number): number {
	const [name, value] = firstSet(fields, names);
	if (value === undefined) return fallback ?? missing(source, names);
	if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MOST) return value;
	throw invalid(source, name, `should be a positive whole number, not ${shown(value)}`);
}

/** Like {@link count} for numbers that need not be whole. */
function positive(fields: Fields, names: readonly string[], source: string, fallback?: number): number {
	const [name, value] = firstSet(fields, names);
	if (value === undefined) return fallback ?? missing(source, names);
	if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
	throw invalid(source, name, `should be a positive number, not ${shown(value)}`);
}

function flag(fields: Fields, name: string, source: string): boolean {
	const value = fields[name] ?? false;
	if (typeof value === 'boolean') return value;
	throw invalid(source, name, `should be true or false, not ${shown(value)}`);
}

/** The first named field that is neither absent nor null, with its name. */
function firstSet(fields: Fields, names: readonly string[]): [name: string, value: unknown] {
	const name = names.find((candidate) => (fields[candidate] ?? null) !== null) ?? '';
	return [name, fields[name]];
}

function missing(source: string, names: readonly string[]): never {
	throw invalid(source, names.join(' or '), 'is missing');
}

function text(fields: Fields, name: string, source: string): string {
	const value = fields[name];
	return typeof value === 'string' ? value : missing(source, [name]);
}

const DAMAGED =
	'The model’s files are damaged or of another form; load the model again, or take another model.';

/** @param fault follows the field's name */
function invalid(source: string, field: string, fault: string): FormatError {
	return new FormatError(`${source}: ${field} ${fault}.`, {
		code: 'model-config-invalid',
		hint: DAMAGED,
		context: { source, field },
	});
}

function unsupported(source: string, field: string, value: unknown, hint: string): FormatError {
	return new FormatError(`${source}: ${field} is ${shown(value)}, which this workbench cannot compute.`, {
		code: 'model-unsupported',
		hint,
		context: { source, field },
	});
}

/** A value in a few words; files can hold long and deep ones. */
function shown(value: unknown): string {
	if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
	const text = typeof value === 'number' ? `${value}` : JSON.stringify(value);
	return excerpt(text, 60);
}

function record(value: unknown, source: string): Fields {
	if (isRecord(value)) return value;
	throw new FormatError(`${source} should hold an object.`, {
		code: 'model-config-invalid',
		hint: DAMAGED,
		context: { source },
	});
}
