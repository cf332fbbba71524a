/** Adapter files from outside: PEFT's configuration, safetensors, and both together. */
import fc from 'fast-check';
import { readPeftAdapter } from '#core/adapter/peft.ts';
import { readPeftConfig } from '#core/adapter/peftConfig.ts';
import { readSafetensors, writeSafetensors } from '#core/format/safetensors.ts';
import { onlyAppErrors, target, type FuzzTarget } from './target.ts';

const SETTINGS = [
	'peft_type',
	'r',
	'lora_alpha',
	'use_rslora',
	'use_dora',
	'bias',
	'init_lora_weights',
	'rank_pattern',
	'target_modules',
	'__proto__',
	'constructor',
];
const settings = fc.dictionary(
	fc.oneof(fc.constantFrom(...SETTINGS), fc.string()),
	fc.oneof(fc.jsonValue(), fc.constantFrom('LORA', 'none', null, true, false, 1, 2, 8)),
);

/** A tensor name near the ones that are read. */
const name = fc
	.tuple(
		fc.constantFrom('base_model.model.model.', 'model.', ''),
		fc.constantFrom('layers.0', 'layers.1', 'layers.01', 'layers.-1'),
		fc.constantFrom('self_attn.q_proj', 'mlp.up_proj', 'mlp.q_proj', 'self_attn.x'),
		fc.constantFrom('lora_A.weight', 'lora_B.weight', 'lora_A.default.weight', 'lora_C'),
	)
	.map(([root, layer, module, end]) => `${root}${layer}.${module}.${end}`);
const tensor = fc.record({
	name: fc.oneof(name, fc.string()),
	shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
	value: fc.float(),
});
const tensors = fc.uniqueArray(tensor, { selector: (one) => one.name, maxLength: 6 }).map((list) =>
	list
		.filter((one) => one.name !== '__metadata__')
		.map(({ name, shape, value }) => {
			const data = new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(value);
			return { name, shape, data };
		}),
);

/** A header of any JSON, or near a right one, over some bytes. */
const file = fc
	.tuple(
		fc.oneof(
			fc.json(),
			fc
				.dictionary(
					fc.string(),
					fc.record({
						dtype: fc.constantFrom('F32', 'F16', 'BF16', 'F64', 'I64', 'toString'),
						shape: fc.array(fc.oneof(fc.integer({ min: -1, max: 4 }), fc.constant(9e15)), { maxLength: 3 }),
						data_offsets: fc.tuple(fc.integer({ min: -1, max: 64 }), fc.integer({ min: -1, max: 64 })),
					}),
				)
				.map((header) => JSON.stringify(header)),
		),
		fc.uint8Array({ maxLength: 64 }),
		fc.integer({ min: -2, max: 2 }),
	)
	.map(([header, data, off]) => {
		const text = new TextEncoder().encode(header);
		const bytes = new Uint8Array(8 + text.length + data.length);
		new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.max(0, text.length + off)), true);
		bytes.set(text, 8);
		bytes.set(data, 8 + text.length);
		return bytes;
	});

export const targets: FuzzTarget[] = [
	target('PEFT configuration: a positive rank and a finite alpha, or an AppError', settings, (json) => {
		const read = onlyAppErrors(() => readPeftConfig(json));
		if (read === null) return;
		if (!Number.isSafeInteger(read.rank) || read.rank < 1) throw new Error(`rank ${read.rank}`);
		if (!(read.alpha > 0)) throw new Error(`alpha ${read.alpha}`);
	}),
	target('safetensors: any bytes', fc.oneof(file, fc.uint8Array({ maxLength: 200 })), (bytes) => {
		const read = onlyAppErrors(() => readSafetensors(bytes));
		const floats = [...(read?.tensors.values() ?? [])].reduce((sum, { data }) => sum + data.length, 0);
		// Every number has its own bytes, two or more.
		if (2 * floats > bytes.length) throw new Error(`${floats} numbers from ${bytes.length} bytes`);
	}),
	target('safetensors: what is written is read back', tensors, (list) => {
		const back = readSafetensors(writeSafetensors(list)).tensors;
		if (back.size !== list.length) throw new Error(`${back.size} of ${list.length} tensors`);
		for (const { name, data } of list) {
			const found = back.get(name)?.data ?? [];
			if (!data.every((value, i) => Object.is(value, found[i]))) throw new Error(`other numbers in ${name}`);
		}
	}),
	target(
		'PEFT adapter: finite matrices of one rank, or an AppError',
		fc.tuple(tensors, settings),
		([list, json]) => {
			const config = { peft_type: 'LORA', r: 2, lora_alpha: 4, ...json };
			const adapter = onlyAppErrors(() => readPeftAdapter(writeSafetensors(list), config));
			for (const { loraA, loraB, inFeatures, outFeatures } of adapter?.matrices ?? []) {
				const rank = adapter?.config.rank ?? 0;
				if (loraA.length !== rank * inFeatures || loraB.length !== rank * outFeatures)
					throw new Error('sizes');
				if (![...loraA, ...loraB].every(Number.isFinite)) throw new Error('not finite');
			}
		},
	),
];
