/**
 * Reads a model's configuration from transformers' `config.json` or WebLLM's `mlc-chat-config.json`. Rope
 * fields of the former are at the top level before transformers 5 and in `rope_parameters` since;
 * `model_config` of the latter uses the older form.
 */
import { FormatError } from '../errors.ts';
import type { Llama3RopeScaling, ModelConfig } from './model.ts';

type Fields = Readonly<Record<string, unknown>>;

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
	const hiddenSize = count(fields, ['hidden_size'], source);
	const heads = count(fields, ['num_attention_heads'], source);
	const rope = isRecord(fields['rope_parameters']) ? fields['rope_parameters'] : fields;
	const scaling = isRecord(fields['rope_parameters']) ? rope : fields['rope_scaling'];
	refuseWhatIsNotThere(fields, source);
	return {
		architecture,
		hiddenSize,
		intermediateSize: count(fields, ['intermediate_size'], source),
		layers: count(fields, ['num_hidden_layers'], source),
		heads,
		kvHeads: count(fields, ['num_key_value_heads'], source, heads),
		headDim: count(fields, ['head_dim'], source, hiddenSize / heads),
		vocabSize: count(fields, ['vocab_size'], source),
		rmsNormEps: count(fields, ['rms_norm_eps'], source),
		ropeTheta: count(rope, ['rope_theta', 'position_embedding_base'], source, 10000),
		ropeScaling: readScaling(scaling, source),
		tieWordEmbeddings: fields['tie_word_embeddings'] === true,
		attentionBias: architecture === 'qwen2' || fields['attention_bias'] === true,
		qkNorm: architecture === 'qwen3',
		maxPositions: count(fields, ['context_window_size', 'max_position_embeddings'], source),
	};
}

/** Refuses variants of the family that would load but compute something else. */
function refuseWhatIsNotThere(fields: Fields, source: string): void {
	const act = fields['hidden_act'];
	if (act !== undefined && act !== 'silu')
		throw unsupported(source, 'hidden_act', act, 'Only silu works here.');
	for (const flag of ['mlp_bias', 'use_sliding_window']) {
		if (fields[flag] === true) throw unsupported(source, flag, true, 'Take a model without it.');
	}
}

function readScaling(value: unknown, source: string): Llama3RopeScaling | null {
	if (!isRecord(value)) return null;
	const kind = value['rope_type'] ?? value['type'] ?? 'default';
	if (kind === 'default') return null;
	if (kind !== 'llama3') {
		throw unsupported(source, 'rope_type', kind, 'Only unscaled and llama3 rotary frequencies work here.');
	}
	return {
		factor: count(value, ['factor'], source),
		lowFreqFactor: count(value, ['low_freq_factor'], source),
		highFreqFactor: count(value, ['high_freq_factor'], source),
		originalMaxPositions: count(value, ['original_max_position_embeddings'], source),
	};
}

/** The first of the named fields that is set, as a positive number; `fallback` if all are absent or null. */
function count(fields: Fields, names: readonly string[], source: string, fallback?: number): number {
	for (const name of names) {
		const value = fields[name];
		if (value === undefined || value === null) continue;
		if (typeof value === 'number' && value > 0 && Number.isFinite(value)) return value;
		throw new FormatError(`${source}: ${name} should be a positive number, not ${JSON.stringify(value)}.`, {
			code: 'model-config-invalid',
			hint: 'The model’s files are damaged or of another form; load the model again.',
			context: { source, field: name },
		});
	}
	if (fallback !== undefined) return fallback;
	throw missing(source, names.join(' or '));
}

function text(fields: Fields, name: string, source: string): string {
	const value = fields[name];
	if (typeof value === 'string') return value;
	throw missing(source, name);
}

function missing(source: string, field: string): FormatError {
	return new FormatError(`${source}: ${field} is missing.`, {
		code: 'model-config-invalid',
		hint: 'The model’s files are damaged or of another form; load the model again.',
		context: { source, field },
	});
}

function unsupported(source: string, field: string, value: unknown, hint: string): FormatError {
	return new FormatError(
		`${source}: ${field} is ${JSON.stringify(value)}, which this workbench cannot compute.`,
		{
			code: 'model-unsupported',
			hint,
			context: { source, field },
		},
	);
}

function isRecord(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function record(value: unknown, source: string): Fields {
	if (isRecord(value)) return value;
	throw new FormatError(`${source} should hold an object.`, {
		code: 'model-config-invalid',
		hint: 'The model’s files are damaged or of another form; load the model again.',
		context: { source },
	});
}
