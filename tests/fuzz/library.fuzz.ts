/** The list of compiled libraries, and the view of a model's folder that a library reads. */
import fc from 'fast-check';
import { LIBRARY_WEIGHTS, readLibraries } from '#core/model/compiledLibrary.ts';
import { libraryFor } from '#core/model/libraryFor.ts';
import { libraryView, weightsOf } from '#runtime/models/libraries/libraryView.ts';
import { readTensorCache, type TensorCache } from '#runtime/models/manifest.ts';
import { compiledFor } from '#tests/support/compiledLibrary.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';
import { onlyAppErrors, target, type FuzzTarget } from './target.ts';

const ENTRY = compiledFor(SMALL_MODEL);
const damage = fc.oneof(
	fc.jsonValue(),
	fc.constantFrom<unknown>(0, -1, 1.5, 1e300, '', 'any', '../x', 'http://x/y', {}),
);
const field = fc.constantFrom(...Object.keys(ENTRY), ...Object.keys(ENTRY.config));
const entry = fc.tuple(field, damage).map(([name, value]) => {
	const inner = name in ENTRY.config;
	return inner ? { ...ENTRY, config: { ...ENTRY.config, [name]: value } } : { ...ENTRY, [name]: value };
});

const record = fc
	.record({
		name: fc.constantFrom('a.weight', 'b.weight', 'a.q_weight', 'a.q_scale', 'c.lora_A'),
		shape: fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 3 }),
		dtype: fc.constantFrom('float32', 'float16', 'uint32', 'constructor'),
		format: fc.constantFrom('raw', 'f32-to-bf16'),
	})
	.map((one) => ({ ...one, nbytes: widthOf(one) * sizeOf(one.shape), byteOffset: 0 }));
const cache = fc.uniqueArray(record, { selector: ({ name }) => name, maxLength: 4 }).map((records) => ({
	records: [{ dataPath: 'a.bin', nbytes: 4 * 6 ** 3, records }],
}));
const quantization = fc.oneof(
	fc.constantFrom<unknown>('q0f16', 'q0f32', 'q4f16_1', 'q4f32_1', 'constructor'),
	fc.jsonValue(),
);

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
function widthOf({ dtype, format }: { dtype: string; format: string }): number {
	return dtype === 'float16' || (dtype === 'float32' && format === 'f32-to-bf16') ? 2 : 4;
}

/** Every record of the view covers the bytes of the folder's record, and none is lost. */
function expectSameBytes(read: TensorCache, view: TensorCache): void {
	const stored = read.records.flatMap(({ records }) => records);
	const shown = new Map(view.records.flatMap(({ records }) => records.map((one) => [one.name, one])));
	for (const one of stored.filter(({ name }) => !name.includes('lora'))) {
		const seen = shown.get(one.name);
		if (seen?.byteOffset !== one.byteOffset || widthOf(seen) * sizeOf(seen.shape) !== one.nbytes)
			throw new Error(`${JSON.stringify(one)} became ${JSON.stringify(seen)}`);
	}
}

export const targets: FuzzTarget[] = [
	target(
		'list of libraries: readable entries, whose files stay beside it',
		fc.oneof(fc.array(entry), fc.jsonValue()),
		(json) => {
			const read = readLibraries({ schema: 1, libraries: json });
			for (const { file } of read) {
				if (new URL(file, 'https://x.test/libraries/').href !== `https://x.test/libraries/${file}`)
					throw new Error(`${file} leaves the folder`);
			}
			for (const weights of LIBRARY_WEIGHTS) libraryFor(read, SMALL_MODEL, weights);
			readLibraries(json);
		},
	),
	target(
		'view of a library: the same bytes in other types',
		fc.tuple(cache, quantization),
		([json, form]) => {
			const read = onlyAppErrors(() => readTensorCache(json, 'tensor-cache.json'));
			const weights = read === null ? null : weightsOf({ quantization: form }, read);
			if (read === null || weights === null) return;
			if (!LIBRARY_WEIGHTS.includes(weights)) throw new Error(weights);
			const config = { config: SMALL_MODEL, rank: 2, addressOf: (path: string) => path };
			expectSameBytes(read, readTensorCache(libraryView(read, weights, config).tensorCache, 'view'));
		},
	),
];
