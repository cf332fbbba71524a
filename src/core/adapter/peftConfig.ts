/**
 * Reads and writes PEFT's `adapter_config.json`. An adapter whose settings mean other numbers than plain LoRA is
 * refused by the setting's name: DoRA, PiSSA, trained biases, …, and settings that this file does not know, which
 * later versions of PEFT may add. `null` means the default, as in PEFT.
 */
import * as v from 'valibot';
import { FormatError } from '../errors.ts';
import { excerpt } from '../text/excerpt.ts';
import type { Adapter } from './adapter.ts';

export const PEFT_CONFIG_FILE = 'adapter_config.json';

/** `adapter_config.json` as parsed JSON, unknown fields included. */
export type PeftConfig = Readonly<Record<string, unknown>>;

/** The settings that define the adapter's numbers. */
export interface LoraSettings {
	rank: number;
	/** PEFT's `lora_alpha`; with rsLoRA the larger alpha of the same scaling. */
	alpha: number;
}

/** PEFT's defaults of `r` and `lora_alpha`. */
const DEFAULT = 8;

const settingsSchema = v.object({
	peft_type: v.literal('LORA'),
	r: v.nullish(v.pipe(v.number(), v.safeInteger(), v.minValue(1)), DEFAULT),
	lora_alpha: v.nullish(v.pipe(v.number(), v.finite(), v.gtValue(0)), DEFAULT),
	use_rslora: v.nullish(v.boolean(), false),
});

/** Settings that only matter while the adapter is trained, and facts about its origin. */
const HARMLESS: ReadonlySet<string> = new Set([
	...Object.keys(settingsSchema.entries),
	'auto_mapping',
	'base_model_class',
	'base_model_name_or_path',
	'ensure_weight_tying',
	'eva_config',
	'exclude_modules',
	'inference_mode',
	'layers_pattern',
	'lora_dropout',
	'megatron_core',
	'parent_library',
	'peft_version',
	'qalora_group_size',
	'revision',
	'runtime_config',
	'target_modules',
	'task_type',
	'transformers_version',
	'unsloth_fixed',
]);

const MERGE =
	'Merge this adapter into its base model with PEFT (merge_and_unload), or train a plain LoRA adapter.';
const RESTORE =
	'Save it in PEFT with path_initial_model_for_weight_conversion, which turns it into a plain LoRA adapter of the original weights.';

/** Initial values that leave the base model's weights as they are. */
const PLAIN_STARTS: readonly unknown[] = [true, false, null, 'gaussian', 'eva', 'orthogonal'];

interface Refusal {
	/** True for values that change nothing; by default null, false and empty values. */
	neutral?: (value: unknown) => boolean;
	hint?: string;
}

/** PEFT's settings that change the adapter's numbers. */
const CHANGING: Readonly<Record<string, Refusal>> = {
	use_dora: {},
	use_qalora: {},
	lora_bias: {},
	fan_in_fan_out: {},
	layer_replication: {},
	target_parameters: {},
	megatron_config: {},
	arrow_config: {},
	init_lora_weights: { neutral: (value) => PLAIN_STARTS.includes(value), hint: RESTORE },
	loftq_config: { hint: RESTORE },
	corda_config: { hint: RESTORE },
	bias: { neutral: (value) => value === 'none' || isOff(value) },
	alora_invocation_tokens: {
		hint: 'An activated LoRA (aLoRA) changes only the tokens after its invocation; train a plain LoRA adapter.',
	},
	modules_to_save: { hint: 'Train again without modules_to_save: only LoRA matrices can be read here.' },
	trainable_token_indices: { hint: 'Train again without new tokens: only LoRA matrices can be read here.' },
	rank_pattern: { hint: 'Train again with one rank for all modules.' },
	alpha_pattern: { hint: 'Train again with one lora_alpha for all modules.' },
	layers_to_transform: { hint: 'Train again on all layers.' },
};

/** Values that switch a setting off. */
function isOff(value: unknown): boolean {
	if (value === null || value === undefined || value === false || value === '') return true;
	return typeof value === 'object' && Object.keys(value).length === 0;
}

/** @throws FormatError `peft-config-invalid`, `peft-config-unsupported` naming the setting and its value */
export function readPeftConfig(json: unknown): LoraSettings {
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		throw invalid(`${PEFT_CONFIG_FILE} should hold an object, not ${described(json)}.`);
	}
	const parsed = v.safeParse(settingsSchema, json);
	if (!parsed.success) {
		const [issue] = parsed.issues;
		throw invalid(
			`${PEFT_CONFIG_FILE}: ${v.getDotPath(issue) ?? 'the file'} is not usable: ${described(issue.input)}.`,
			expectation(v.getDotPath(issue)),
		);
	}
	for (const [setting, value] of Object.entries(json)) expectNeutral(setting, value);
	const { r, lora_alpha, use_rslora } = parsed.output;
	// rsLoRA scales by alpha / √rank, which equals alpha / rank with a larger alpha.
	const alpha = use_rslora ? lora_alpha * Math.sqrt(r) : lora_alpha;
	if (!isPositiveF32(alpha) || !isPositiveF32(alpha / r)) {
		throw invalid(
			`${PEFT_CONFIG_FILE}: lora_alpha is not usable: ${described(lora_alpha)} is beyond 32-bit numbers with r ${r}${use_rslora ? ' and use_rslora' : ''}.`,
			expectation('lora_alpha'),
		);
	}
	return { rank: r, alpha };
}

/** Adapters are trained and applied in f32, where larger numbers are infinite and smaller ones 0. */
function isPositiveF32(value: number): boolean {
	const single = Math.fround(value);
	return single > 0 && Number.isFinite(single);
}

function expectNeutral(setting: string, value: unknown): void {
	if (HARMLESS.has(setting)) return;
	const known = Object.hasOwn(CHANGING, setting) ? CHANGING[setting] : undefined;
	const { neutral = isOff, hint = MERGE } = known ?? {};
	if (neutral(value)) return;
	const why = known === undefined ? 'a setting that is not known here' : 'which is not supported here';
	throw new FormatError(`${PEFT_CONFIG_FILE}: ${setting} is ${described(value)}, ${why}.`, {
		code: 'peft-config-unsupported',
		hint,
		context: { setting },
	});
}

function expectation(setting: string | null): string {
	if (setting === 'r') return 'The rank r should be a whole number of at least 1.';
	if (setting === 'lora_alpha') return 'lora_alpha should be a positive number.';
	if (setting === 'use_rslora') return 'use_rslora should be true or false.';
	return 'Only LoRA adapters (peft_type LORA) can be read.';
}

function invalid(message: string, hint = 'Take the adapter_config.json that PEFT wrote beside the weights.') {
	return new FormatError(message, { code: 'peft-config-invalid', hint });
}

/** A value in a few words. Values come from files and can be long or deep, so lists and objects are counted. */
function described(value: unknown): string {
	if (value === undefined) return 'missing';
	if (Array.isArray(value)) return `a list of ${value.length}`;
	if (typeof value === 'object' && value !== null) {
		const names = Object.keys(value);
		return `an object with ${names.length === 1 ? 'one entry' : `${names.length} entries`}`;
	}
	// JSON writes NaN and infinity as null.
	const text = typeof value === 'number' ? `${value}` : JSON.stringify(value);
	return excerpt(text, 60);
}

/** Builds `adapter_config.json` for an adapter. `base` supplies the fields of a config that was read. */
export function peftConfig(adapter: Adapter, base: PeftConfig = {}): PeftConfig {
	const { rank, alpha, targetModules } = adapter.config;
	return {
		base_model_name_or_path: null,
		bias: 'none',
		fan_in_fan_out: false,
		inference_mode: true,
		init_lora_weights: true,
		lora_dropout: 0,
		modules_to_save: null,
		use_dora: false,
		...base,
		peft_type: 'LORA',
		task_type: 'CAUSAL_LM',
		r: rank,
		lora_alpha: alpha,
		target_modules: targetModules.toSorted(),
		use_rslora: false,
	};
}
