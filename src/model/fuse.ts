/**
 * WebLLM's fused weight names from transformers' separate ones: `q,k,v_proj` become the rows of `qkv_proj`, `gate,up_proj` those
 * of `gate_up_proj`. The app's models come fused; the golden models and published checkpoints do not.
 */
import { FormatError } from '#core/errors.ts';
import { at } from '#core/math/at.ts';

/** A weight on the host: row-major float32. */
export interface HostTensor {
	shape: readonly number[];
	data: Float32Array;
}

const FUSED: readonly (readonly [fused: string, parts: readonly string[]])[] = [
	['self_attn.qkv_proj', ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj']],
	['mlp.gate_up_proj', ['mlp.gate_proj', 'mlp.up_proj']],
];

/** Without the leading `model.`, which not all files have, and with one name for what MLC calls `c_attn` in Qwen models. */
function plainName(name: string): string {
	return name.replace(/^model\./, '').replace('.c_attn.', '.qkv_proj.');
}

/**
 * Renames and stacks; tensors that are fused already, or belong to no group, pass under their plain name.
 *
 * @throws FormatError when a group lacks one of its parts
 */
export function fuseWeights(tensors: ReadonlyMap<string, HostTensor>): Map<string, HostTensor> {
	const short = new Map([...tensors].map(([name, tensor]) => [plainName(name), tensor]));
	const fused = new Map<string, HostTensor>();
	for (const [name, tensor] of short) {
		const group = FUSED.find(([, parts]) => parts.some((part) => name.includes(`.${part}.`)));
		if (group === undefined) {
			fused.set(name, tensor);
			continue;
		}
		const [target, parts] = group;
		const first = at(parts, 0);
		if (!name.includes(`.${first}.`)) continue;
		const rows = parts.map((part) => take(short, name.replace(first, part)));
		fused.set(name.replace(first, target), stackRows(rows));
	}
	return fused;
}

function take(tensors: ReadonlyMap<string, HostTensor>, name: string): HostTensor {
	const tensor = tensors.get(name);
	if (tensor !== undefined) return tensor;
	throw new FormatError(`The weights hold no "${name}".`, {
		code: 'weight-missing',
		hint: 'The model’s files are incomplete or of another architecture.',
		context: { name },
	});
}

/** Stacks along the first axis; the other axes agree. */
function stackRows(parts: readonly HostTensor[]): HostTensor {
	const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
	let offset = 0;
	for (const part of parts) {
		data.set(part.data, offset);
		offset += part.data.length;
	}
	const rows = parts.reduce((sum, part) => sum + at(part.shape, 0), 0);
	return { shape: [rows, ...at(parts, 0).shape.slice(1)], data };
}
