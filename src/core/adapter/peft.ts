/**
 * Reads and writes PEFT's adapter files, `adapter_model.safetensors` and `adapter_config.json`. Refuses by
 * name the features that this workbench cannot represent: DoRA, per-module ranks, trained biases, ….
 */
import * as v from 'valibot';
import { FormatError } from '../errors.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../format/safetensors.ts';
import { TARGET_MODULES, type TargetModule } from '../recipe/recipe.ts';
import type { Adapter, LoraMatrices } from './adapter.ts';
import { moduleName } from './projections.ts';

export const PEFT_WEIGHTS_FILE = 'adapter_model.safetensors';
export const PEFT_CONFIG_FILE = 'adapter_config.json';

/** Fields that define the meaning of the numbers; all others are kept unchanged. */
const configSchema = v.looseObject({
	peft_type: v.literal('LORA'),
	r: v.pipe(v.number(), v.integer(), v.minValue(1)),
	lora_alpha: v.pipe(v.number(), v.gtValue(0)),
	use_rslora: v.optional(v.boolean(), false),
});

/** `adapter_config.json` as parsed JSON, unknown fields included. */
export type PeftConfig = Readonly<Record<string, unknown>>;

/** Fields that change the arithmetic, each with a test for the values that do not. */
const NEUTRAL: Readonly<Record<string, (value: unknown) => boolean>> = {
	use_dora: (value) => value === false,
	fan_in_fan_out: (value) => value === false,
	lora_bias: (value) => value === false,
	bias: (value) => value === 'none',
	rank_pattern: isEmpty,
	alpha_pattern: isEmpty,
	modules_to_save: isEmpty,
	layers_to_transform: isEmpty,
	layer_replication: isEmpty,
	trainable_token_indices: isEmpty,
	target_parameters: isEmpty,
};

function isEmpty(value: unknown): boolean {
	return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function readConfig(json: unknown): v.InferOutput<typeof configSchema> {
	const parsed = v.safeParse(configSchema, json);
	if (!parsed.success) {
		const issue = parsed.issues[0];
		throw new FormatError(
			`${PEFT_CONFIG_FILE}: ${v.getDotPath(issue) ?? 'the file'} is not usable: ${issue.message}.`,
			{
				code: 'peft-config-invalid',
				hint: 'Only LoRA adapters (peft_type LORA) can be read.',
			},
		);
	}
	for (const [field, neutral] of Object.entries(NEUTRAL)) {
		const value = parsed.output[field];
		if (value !== undefined && !neutral(value)) {
			throw new FormatError(
				`${PEFT_CONFIG_FILE}: ${field} is ${JSON.stringify(value)}, which is not supported here.`,
				{
					code: 'peft-config-unsupported',
					hint: 'Use a plain LoRA adapter on the projection matrices, or merge this one with PEFT first.',
					context: { field },
				},
			);
		}
	}
	return parsed.output;
}

const NAME =
	/^base_model\.model\.model\.layers\.(\d+)\.(?:self_attn|mlp)\.(\w+)\.lora_([AB])(?:\.default)?\.weight$/;

function tensorName(layer: number, module: TargetModule, side: 'A' | 'B'): string {
	return `base_model.model.model.layers.${layer}.${moduleName(module)}.lora_${side}.weight`;
}

function isTargetModule(name: string | undefined): name is TargetModule {
	return TARGET_MODULES.some((module) => module === name);
}

function foreign(name: string): FormatError {
	return new FormatError(
		`${PEFT_WEIGHTS_FILE}: "${name}" is not a LoRA matrix of a projection that can be trained here.`,
		{
			code: 'peft-tensor-unknown',
			hint: `Supported are lora_A and lora_B of ${TARGET_MODULES.join(', ')}.`,
			context: { name },
		},
	);
}

interface Half {
	shape: readonly number[];
	data: Float32Array;
}

function collect(
	bytes: Uint8Array,
): Map<string, { layer: number; module: TargetModule; A?: Half; B?: Half }> {
	const found = new Map<string, { layer: number; module: TargetModule; A?: Half; B?: Half }>();
	for (const [name, tensor] of readSafetensors(bytes, PEFT_WEIGHTS_FILE).tensors) {
		const [, layerText, module, side] = NAME.exec(name) ?? [];
		if (!isTargetModule(module)) throw foreign(name);
		const layer = Number(layerText);
		const key = `${layer}.${module}`;
		const entry = found.get(key) ?? { layer, module };
		found.set(key, { ...entry, [side === 'A' ? 'A' : 'B']: tensor });
	}
	return found;
}

function joined(layer: number, module: TargetModule, rank: number, A?: Half, B?: Half): LoraMatrices {
	const [rankOfA, inFeatures = 0] = A?.shape ?? [];
	const [outFeatures = 0, rankOfB] = B?.shape ?? [];
	if (A === undefined || B === undefined || rankOfA !== rank || rankOfB !== rank) {
		const form = (half?: Half): string => (half === undefined ? 'missing' : `[${half.shape.join(', ')}]`);
		throw new FormatError(
			`${PEFT_WEIGHTS_FILE}: layer ${layer} ${module} has lora_A ${form(A)} and lora_B ${form(B)}; ` +
				`rank ${rank} needs [${rank}, in] and [out, ${rank}].`,
			{ code: 'peft-tensor-shape', hint: 'The two files do not belong together, or one is damaged.' },
		);
	}
	return { layer, module, loraA: A.data, loraB: B.data, inFeatures, outFeatures };
}

const order = (module: TargetModule): number => TARGET_MODULES.indexOf(module);

/**
 * Reads an adapter.
 *
 * @param weights bytes of `adapter_model.safetensors`
 * @param config  parsed `adapter_config.json`
 * @returns the adapter
 * @throws  FormatError for anything but plain LoRA on the projections
 */
export function readPeftAdapter(weights: Uint8Array, config: unknown, id = 'imported', step = 0): Adapter {
	const { r, lora_alpha, use_rslora } = readConfig(config);
	const matrices = [...collect(weights).values()]
		.map(({ layer, module, A, B }) => joined(layer, module, r, A, B))
		.sort((a, b) => a.layer - b.layer || order(a.module) - order(b.module));
	if (matrices.length === 0) {
		throw new FormatError(`${PEFT_WEIGHTS_FILE} holds no LoRA matrix.`, { code: 'peft-empty' });
	}
	const targetModules = TARGET_MODULES.filter((name) => matrices.some(({ module }) => module === name));
	// rsLoRA scales by alpha / √rank, which equals alpha / rank with a larger alpha.
	const alpha = use_rslora ? lora_alpha * Math.sqrt(r) : lora_alpha;
	return { id, step, config: { rank: r, alpha, targetModules }, matrices };
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

/** Writes both files in PEFT's form. */
export function writePeftAdapter(
	adapter: Adapter,
	base?: PeftConfig,
): { weights: Uint8Array<ArrayBuffer>; config: PeftConfig } {
	const { rank } = adapter.config;
	const tensors: NamedTensor[] = [];
	for (const { layer, module, loraA, loraB, inFeatures, outFeatures } of adapter.matrices) {
		tensors.push({ name: tensorName(layer, module, 'A'), shape: [rank, inFeatures], data: loraA });
		tensors.push({ name: tensorName(layer, module, 'B'), shape: [outFeatures, rank], data: loraB });
	}
	return { weights: writeSafetensors(tensors, { format: 'pt' }), config: peftConfig(adapter, base) };
}
