/** Statements on published models for several devices, before anything is downloaded. */
import { describe, expect, test } from 'vitest';
import { catalogue, type CatalogueEntry } from '#app/library/catalogue.ts';
import type { DeviceReport } from '#core/device/report.ts';
import type { KeptModel } from '#core/model/keeper.ts';
import { PUBLISHED_MODELS } from '#core/model/published/registry.ts';

const GIB = 2 ** 30;
const gpu = (budgetGib: number): DeviceReport => ({
	...{
		backend: 'webgpu',
		vendor: 'apple',
		architecture: 'metal-3',
		description: '',
		features: [],
		limits: {},
	},
	...{ fallbackReason: null, budgetBytes: budgetGib * GIB },
});
const entry = (entries: readonly CatalogueEntry[], id: string): CatalogueEntry =>
	entries.find(({ model }) => model.id === id)!;
const words = (device: DeviceReport, id: string): string[] =>
	entry(catalogue([], device), id).forms.map(({ precision, fit }) => `${precision}: ${fit.words}`);
const best = (device: DeviceReport): string | undefined =>
	catalogue([], device).find(({ isBest }) => isBest)?.model.title;

describe('a page that may take half of the machine’s memory', () => {
	test('of 4 GB', () => {
		expect(words(gpu(2), 'smollm2-135m-instruct')).toEqual([
			'bf16: samples and trains',
			'q0f16: samples and trains',
		]);
		expect(words(gpu(2), 'llama-3.2-1b-instruct')[0]).toMatch(
			/^q0f16: too large for this device: \d\.\d GB of 2\.1 GB$/,
		);
	});

	test('of 8 GB', () => {
		expect(words(gpu(4), 'llama-3.2-1b-instruct')[0]).toBe('q0f16: samples and trains');
		expect(words(gpu(4), 'llama-3.1-8b-instruct')[0]).toMatch(
			/^q4f16_1: too large for this device: 6\.\d GB of 4\.3 GB$/,
		);
	});

	test('the best choice is larger with more memory', () => {
		expect([1, 2, 4, 8].map((gib) => best(gpu(gib)))).toMatchInlineSnapshot(`
			[
			  "Qwen2.5-0.5B-Instruct",
			  "Qwen2.5-1.5B-Instruct",
			  "SmolLM2-1.7B-Instruct",
			  "SmolLM2-1.7B-Instruct",
			]
		`);
	});
});

test('the numbers agree with each other: training takes more than sampling’s weights, and fits say so', () => {
	for (const { forms } of catalogue([], gpu(4)))
		for (const { fit, bytes } of forms) {
			expect(fit.sampling).toBeGreaterThan(0.5 * bytes);
			expect(fit.samples).toBe(fit.sampling <= 4 * GIB);
			expect(fit.trains).toBe(fit.samples && fit.training <= 4 * GIB);
		}
});

test('a processor trains small models slowly, and says how long they take', () => {
	const wasm: DeviceReport = { ...gpu(4), backend: 'wasm', architecture: 'wasm' };
	expect(best(wasm)).toBeUndefined();
	expect(words(wasm, 'smollm2-135m-instruct')[0]).toBe(
		'bf16: samples and trains, slowly: about 2 hours a run',
	);
	expect(words(wasm, 'smollm2-360m-instruct')[0]).toBe(
		'bf16: samples and trains, slowly: about 3 hours a run',
	);
	expect(words(wasm, 'qwen2.5-0.5b-instruct')[0]).toMatch(
		/^bf16: samples; training wants 4\.\d GB of 4\.3 GB/,
	);
});

test('without a device nothing is refused', () => {
	for (const { forms } of catalogue([], null))
		for (const { fit } of forms) expect(fit).toMatchObject({ budget: null, trains: true });
});

test('a kept model is found by its repository and form, and offered first', () => {
	const model = entry(catalogue([], null), 'qwen3-0.6b').model;
	const kept = (repository: string, form: string): KeptModel => ({
		source: {
			...{ id: `${repository}:${form}`, title: 'x', url: '', library: null, parameters: 1 },
			origin: { place: 'hub', repository, commit: '', page: '' },
		},
		...{ bytes: 1, license: null, form, config: model.config, weights: 'f16', libraryForm: null },
	});
	const found = entry(catalogue([kept('Qwen/Qwen3-0.6B-GGUF', 'Q8_0')], gpu(8)), model.id);
	expect(found.forms.map(({ kept: one }) => one !== null)).toEqual([false, true, false]);
	expect(found.preferred).toBe(1);
	const other = entry(catalogue([kept('Qwen/Qwen3-0.6B-GGUF', 'F16')], gpu(8)), model.id);
	expect(other.forms.every(({ kept: one }) => one === null)).toBe(true);
});

test('files that the maker gives on request are never offered first', () => {
	for (const device of [null, gpu(1), gpu(8), gpu(64)])
		for (const { forms, preferred } of catalogue([], device)) expect(forms[preferred]?.gated).toBe(false);
	expect(catalogue([], gpu(64))).toHaveLength(PUBLISHED_MODELS.length);
});
