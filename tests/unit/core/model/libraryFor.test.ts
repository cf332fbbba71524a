import { describe, expect, test } from 'vitest';
import { adapterPlacement } from '#core/adapter/placement.ts';
import { readLibraries, type CompiledLibrary } from '#core/model/compiledLibrary.ts';
import { libraryFor } from '#core/model/libraryFor.ts';
import type { ModelConfig, ModelLibrary } from '#core/model/model.ts';
import { compiledFor } from '#tests/support/compiledLibrary.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';

const ROPE = { factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalMaxPositions: 64 };
const ENTRY = compiledFor(SMALL_MODEL);

describe('a list of libraries', () => {
	test('keeps its good entries beside bad ones', () => {
		const bad = [
			{ ...ENTRY, id: 'no weights', weights: 'q8' },
			{ ...ENTRY, id: 'outside the folder', file: '../other.wasm.gz' },
			{ ...ENTRY, id: 'no digest', sha256: 'abc' },
			{ ...ENTRY, id: 'no layers', config: { ...ENTRY.config, layers: 0 } },
			null,
			'text',
		];
		expect(readLibraries({ schema: 1, libraries: [...bad, ENTRY, ...bad] })).toEqual([ENTRY]);
	});

	test.each([[null], [[]], [{}], [{ schema: 2, libraries: [ENTRY] }], [{ schema: 1, libraries: {} }]])(
		'is empty for other JSON: %j',
		(json) => expect(readLibraries(json)).toEqual([]),
	);
});

describe('a library fits', () => {
	const fits = (change: Partial<ModelConfig>, library: CompiledLibrary = ENTRY): boolean =>
		libraryFor([library], { ...SMALL_MODEL, ...change }, 'bf16') !== null;

	test('a model with all its sizes, of any length', () => {
		expect(fits({})).toBe(true);
		expect(fits({ maxPositions: 7 })).toBe(true);
	});

	test.each([
		[{ architecture: 'qwen3' }],
		[{ hiddenSize: 16 }],
		[{ intermediateSize: 21 }],
		[{ layers: 3 }],
		[{ heads: 6 }],
		[{ kvHeads: 3 }],
		[{ headDim: 4 }],
		[{ vocabSize: 51 }],
		[{ rmsNormEps: 1e-6 }],
		[{ ropeTheta: 10001 }],
		[{ ropeScaling: ROPE }],
		[{ tieWordEmbeddings: false }],
		[{ attentionBias: true }],
		[{ qkNorm: true }],
	] satisfies [Partial<ModelConfig>][])('no model that differs in one of them: %j', (change) =>
		expect(fits(change)).toBe(false),
	);

	test('numbers that are equal in f32, as GGUF files have them', () => {
		expect(fits({ rmsNormEps: Math.fround(1e-5) })).toBe(true);
	});

	test('a model with the same scaling of rotary frequencies', () => {
		const scaled = compiledFor({ ...SMALL_MODEL, ropeScaling: ROPE });
		expect(fits({ ropeScaling: { ...ROPE } }, scaled)).toBe(true);
		expect(fits({ ropeScaling: { ...ROPE, factor: 32 } }, scaled)).toBe(false);
		expect(fits({}, scaled)).toBe(false);
	});

	test('only its own form of weights', () => {
		const f16 = compiledFor(SMALL_MODEL, { id: 'f16', weights: 'f16' });
		expect(libraryFor([ENTRY, f16], SMALL_MODEL, 'f16')).toBe(f16);
		expect(libraryFor([ENTRY], SMALL_MODEL, 'q4f16_1')).toBeNull();
	});
});

describe('an adapter', () => {
	const placed = (change: Partial<CompiledLibrary>): ModelLibrary => ({
		place: 'page',
		compiled: { ...compiledFor(SMALL_MODEL, change), address: 'https://page.test/x' },
	});

	test.each([
		['beside', 16, placed({})],
		['merged', 17, placed({})],
		['beside', 500, placed({ loraRank: 'any' })],
		['merged', 17, placed({ weights: 'f16' })],
		['compute', 17, placed({ weights: 'q4f16_1' })],
		['compute', 17, placed({ weights: 'q4f32_1' })],
		['merged', 1, { place: 'folder', file: 'x.wasm', loraRank: 0 }],
		['compute', 1, null],
	] as const)('is applied %s at rank %i', (way, rank, library) =>
		expect(adapterPlacement(library, rank)).toBe(way),
	);
});
