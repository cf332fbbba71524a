/**
 * Reads and writes PEFT's adapter files, `adapter_model.safetensors` and `adapter_config.json`. Reads plain LoRA
 * on the projections of all layers; every other tensor and setting is refused by name.
 */
import { FormatError } from '../errors.ts';
import { type NamedTensor, readSafetensors, writeSafetensors } from '../format/safetensors.ts';
import { firstNotFinite } from '../math/finite.ts';
import { TARGET_MODULES, type TargetModule } from '../recipe/recipe.ts';
import type { Adapter, LoraMatrices } from './adapter.ts';
import { peftConfig, readPeftConfig, type PeftConfig } from './peftConfig.ts';
import { moduleName } from './projections.ts';

export { PEFT_CONFIG_FILE } from './peftConfig.ts';
export const PEFT_WEIGHTS_FILE = 'adapter_model.safetensors';

/**
 * PEFT's prefix is optional, because some tools omit it; `_orig_mod` stands for a wrapper of torch.compile, which
 * changes no numbers. A layer has one spelling: `layers.00` is refused.
 */
const NAME =
	/^(?:base_model\.model\.)?(?:_orig_mod\.)?model\.(?:_orig_mod\.)?layers\.(0|[1-9]\d{0,4})\.(?:_orig_mod\.)?((?:self_attn|mlp)\.\w+)\.lora_([AB])(?:\.default)?\.weight$/;

function tensorName(layer: number, module: TargetModule, side: 'A' | 'B'): string {
	return `base_model.model.model.layers.${layer}.${moduleName(module)}.lora_${side}.weight`;
}

interface Place {
	layer: number;
	module: TargetModule;
	side: 'A' | 'B';
}

/** @throws FormatError for tensors that are no LoRA matrix of a projection */
function placeOf(name: string): Place {
	const [, layer, path, side] = NAME.exec(name) ?? [];
	// A module counts only under its own parent: `mlp.q_proj` is another module.
	const module = TARGET_MODULES.find((candidate) => moduleName(candidate) === path);
	if (module === undefined) throw foreign(name);
	return { layer: Number(layer), module, side: side === 'A' ? 'A' : 'B' };
}

/** Advice about tensors of other methods, by a part of their names. */
const FOREIGN: readonly (readonly [part: string, hint: string])[] = [
	['lora_magnitude_vector', 'The adapter is a DoRA; train a plain LoRA adapter.'],
	['embed_tokens', 'Save the adapter with save_embedding_layers=False.'],
	['lm_head', 'Train again without lm_head in target_modules and modules_to_save.'],
	['modules_to_save', 'Train again without modules_to_save.'],
	['lora_embedding', 'Train again without an embedding in target_modules.'],
	['language_model', 'The adapter is for a vision-language model; take one for a text model.'],
];

function foreign(name: string): FormatError {
	const advice = FOREIGN.find(([part]) => name.includes(part))?.[1];
	const supported = `Supported are lora_A and lora_B of ${TARGET_MODULES.join(', ')}.`;
	return new FormatError(
		`${PEFT_WEIGHTS_FILE}: "${name}" is not a LoRA matrix of a projection that can be trained here.`,
		{
			code: 'peft-tensor-unknown',
			hint: advice === undefined ? supported : `${advice} ${supported}`,
			context: { name },
		},
	);
}

interface Half {
	shape: readonly number[];
	data: Float32Array;
}

type Halves = Omit<Place, 'side'> & Partial<Record<Place['side'], Half>>;

function collect(bytes: Uint8Array): Map<string, Halves> {
	const found = new Map<string, Halves>();
	for (const [name, tensor] of readSafetensors(bytes, PEFT_WEIGHTS_FILE).tensors) {
		const { layer, module, side } = placeOf(name);
		const key = `${layer}.${module}`;
		const halves = found.get(key) ?? { layer, module };
		if (halves[side] !== undefined) {
			throw damaged(`layer ${layer} ${module} has lora_${side} twice, the second time as "${name}".`);
		}
		expectFinite(name, tensor.data);
		found.set(key, { ...halves, [side]: tensor });
	}
	return found;
}

/** One NaN would make every answer with the adapter NaN. */
function expectFinite(name: string, data: Float32Array): void {
	const at = firstNotFinite(data);
	if (at === -1) return;
	throw new FormatError(`${PEFT_WEIGHTS_FILE}: "${name}" holds ${data[at]} at number ${at + 1}.`, {
		code: 'peft-not-finite',
		hint: 'The training that made this adapter diverged, or the file is damaged; take an earlier checkpoint.',
		context: { name, at },
	});
}

function damaged(message: string): FormatError {
	return new FormatError(`${PEFT_WEIGHTS_FILE}: ${message}`, {
		code: 'peft-tensor-shape',
		hint: 'The two files do not belong together, or one is damaged.',
	});
}

function isMatrix(half: Half | undefined, rows: number, columns: number): half is Half {
	return half !== undefined && rows > 0 && columns > 0 && String(half.shape) === String([rows, columns]);
}

function joined({ layer, module, A, B }: Halves, rank: number): LoraMatrices {
	const inFeatures = A?.shape[1] ?? 0;
	const outFeatures = B?.shape[0] ?? 0;
	if (isMatrix(A, rank, inFeatures) && isMatrix(B, outFeatures, rank)) {
		return { layer, module, loraA: A.data, loraB: B.data, inFeatures, outFeatures };
	}
	const form = (half?: Half): string => (half === undefined ? 'missing' : `[${half.shape.join(', ')}]`);
	throw damaged(
		`layer ${layer} ${module} has lora_A ${form(A)} and lora_B ${form(B)}; ` +
			`rank ${rank} needs [${rank}, in] and [out, ${rank}].`,
	);
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
	const { rank, alpha } = readPeftConfig(config);
	const matrices = [...collect(weights).values()]
		.map((halves) => joined(halves, rank))
		.sort((a, b) => a.layer - b.layer || order(a.module) - order(b.module));
	if (matrices.length === 0) {
		throw new FormatError(`${PEFT_WEIGHTS_FILE} holds no LoRA matrix.`, {
			code: 'peft-empty',
			hint: 'Save the adapter with PEFT again; nothing was in the file.',
		});
	}
	const targetModules = TARGET_MODULES.filter((name) => matrices.some(({ module }) => module === name));
	return { id, step, config: { rank, alpha, targetModules }, matrices };
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
