/** A model's files from outside: configuration, manifest, tensor cache and the records of a shard. */
import fc from 'fast-check';
import { configFromHf, configFromMlc } from '#core/model/config.ts';
import { wantedModel } from '#core/model/keptId.ts';
import { expectedOfShard, readManifest, readTensorCache } from '#runtime/models/manifest.ts';
import { readJob } from '#runtime/models/kept/job.ts';
import { joinQuantised } from '#tests/support/modelTensors.ts';
import { decodeRecord, type WeightTensor } from '#runtime/models/tensors.ts';
import { expectVocabulary } from '#core/model/vocabulary.ts';
import { onlyAppErrors, target, type FuzzTarget } from './target.ts';

const size = fc.oneof(
	fc.integer({ min: 1, max: 16 }).map((n) => 4 * n),
	fc.constantFrom<unknown>(null, 0, -1, 1.5, 1e300, '64', [], {}),
	fc.double(),
);
const config = fc.record(
	{
		model_type: fc.constantFrom<unknown>('llama', 'qwen2', 'qwen3', 'gpt2', null),
		hidden_size: size,
		intermediate_size: size,
		num_hidden_layers: size,
		num_attention_heads: size,
		num_key_value_heads: size,
		head_dim: size,
		vocab_size: size,
		rms_norm_eps: fc.constantFrom<unknown>(1e-5, 0, null, 'x'),
		max_position_embeddings: size,
		rope_scaling: fc.jsonValue(),
		layer_types: fc.jsonValue(),
		tie_word_embeddings: fc.jsonValue(),
	},
	{ requiredKeys: ['model_type', 'hidden_size'] },
);

const path = fc.oneof(fc.constantFrom('a.bin', '../a', '/a', 'x/../../y', 'http://x/y', 'a b'), fc.string());
const record = fc.record({
	name: fc.oneof(fc.constantFrom('a.q_weight', 'a.q_scale'), fc.string()),
	shape: fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 3 }),
	dtype: fc.constantFrom('float32', 'float16', 'uint32', 'constructor'),
	format: fc.constantFrom('raw', 'f32-to-bf16', 'other'),
	nbytes: fc.integer({ min: -1, max: 40 }),
	byteOffset: fc.integer({ min: -1, max: 40 }),
});
const shard = fc.record({
	dataPath: path,
	nbytes: fc.integer({ min: 0, max: 80 }),
	md5sum: fc.constantFrom<unknown>(null, undefined, 'a'.repeat(32), 'short', 4),
	records: fc.array(record, { maxLength: 3 }),
});
const manifest = fc.record({
	id: fc.string(),
	title: fc.string(),
	library: path,
	loraMaxRank: fc.nat(),
	parameters: fc.nat(),
	files: fc.array(
		fc.record({ path, bytes: fc.integer(), sha256: fc.constantFrom('a'.repeat(64), 'a', 'z'.repeat(64)) }),
	),
});
const bytesOf = (json: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(json));

const FOLDER = 'https://host.example/models/m/';
function expectInside(name: string): void {
	if (!new URL(name, FOLDER).href.startsWith(FOLDER)) throw new Error(`${name} leaves the folder`);
}

export const targets: FuzzTarget[] = [
	target('model configuration: whole sizes that fit together, or an AppError', config, (json) => {
		const read = onlyAppErrors(() => configFromHf(json));
		if (read === null) return;
		const { heads, kvHeads, headDim, layers, vocabSize } = read;
		if (![heads, kvHeads, headDim, layers, vocabSize].every((n) => Number.isInteger(n) && n > 0)) {
			throw new Error(JSON.stringify(read));
		}
		if (heads % kvHeads !== 0 || headDim % 2 !== 0) throw new Error(JSON.stringify(read));
	}),
	target('model configuration: any JSON', fc.jsonValue(), (json) => {
		onlyAppErrors(() => configFromHf(json));
		onlyAppErrors(() => configFromMlc(json));
	}),
	target(
		'record of a model that is being added: any bytes',
		fc.oneof(fc.jsonValue(), fc.string()),
		(json) => {
			onlyAppErrors(() => readJob(bytesOf(json)));
		},
	),
	target('id of a model in a recipe: any text', fc.string({ maxLength: 80 }), (text) => {
		onlyAppErrors(() => wantedModel(`disk:${text}@0123456789abcdef:${text}`) ?? wantedModel(text));
	}),
	target('manifest: no file leaves the folder', fc.oneof(manifest, fc.jsonValue()), (json) => {
		const read = onlyAppErrors(() => readManifest(bytesOf(json), 'manifest.json'));
		for (const file of read?.files ?? []) expectInside(file.path);
		if (typeof read?.library === 'string') expectInside(read.library);
	}),
	target(
		'tensor cache: every record is decoded, or named',
		fc.tuple(fc.array(shard, { maxLength: 3 }), fc.uint8Array({ maxLength: 80 })),
		([records, bytes]) => {
			const read = onlyAppErrors(() => readTensorCache({ records }, 'tensor-cache.json'));
			const tensors = new Map<string, WeightTensor>();
			for (const one of read?.records ?? []) {
				expectInside(one.dataPath);
				expectedOfShard(one);
				for (const each of one.records) {
					const tensor = onlyAppErrors(() => decodeRecord(each, bytes, one.dataPath));
					if (tensor !== null) tensors.set(each.name, tensor);
				}
			}
			onlyAppErrors(() => joinQuantised(tensors, { quantization: 'q4f16_1' }));
		},
	),
	target('tokenizer: ids within the vocabulary', fc.jsonValue(), (json) => {
		onlyAppErrors(() => expectVocabulary(json, 8, 'tokenizer.json'));
		onlyAppErrors(() =>
			expectVocabulary({ model: { vocab: json }, added_tokens: json }, 8, 'tokenizer.json'),
		);
	}),
];
