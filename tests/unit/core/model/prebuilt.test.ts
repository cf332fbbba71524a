/** WebLLM's prebuilt libraries, chosen by sizes, against the list of the WebLLM that the page has. */
import { prebuiltAppConfig } from '@mlc-ai/web-llm';
import { describe, expect, test } from 'vitest';
import { adapterPlacement } from '#core/adapter/placement.ts';
import { chooseLibrary } from '#core/model/chooseLibrary.ts';
import { LIBRARY_WEIGHTS } from '#core/model/compiledLibrary.ts';
import type { ModelConfig } from '#core/model/model.ts';
import { parametersOf } from '#core/model/parameters.ts';
import { PREBUILT } from '#core/model/prebuilt/libraries.ts';
import { prebuiltFor } from '#core/model/prebuilt/prebuiltFor.ts';
import { expectFeatures } from '#core/model/prebuilt/prebuiltLibrary.ts';
import { trainingRoom } from '#core/model/trainingRoom.ts';
import { webLlmBytes } from '#core/model/webLlmMemory.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { compiledFor } from '#tests/support/compiledLibrary.ts';
import { WEBGPU } from '#tests/support/fakeCompute.ts';
import { SMALL_MODEL } from '#tests/support/models.ts';
import { thrownBy } from '#tests/support/thrownBy.ts';

const CASES = PREBUILT.flatMap((sizes) => sizes.forms.map((form) => ({ ...sizes, form })));
const listed = new Set(prebuiltAppConfig.model_list.map(({ model_lib }) => model_lib));

function configOf(name: string): ModelConfig {
	const found = PREBUILT.find((sizes) => sizes.name === name);
	if (found === undefined) throw new Error(`no sizes of ${name}`);
	return found.config;
}

test.each(CASES)('WebLLM lists $name in $form', ({ config, form }) => {
	const library = prebuiltFor(config, form);
	expect(listed).toContain(library?.address);
	expect(library).toMatchObject({ weights: form, needsF16: form === 'f16' || form === 'q4f16_1' });
});

/** Of other architectures, or in forms that no engine here reads; a name that is new in WebLLM's list appears as a failure. */
const OTHERS =
	/^(gemma|Phi|phi|Mistral|Ministral|OLMo|stablelm|RedPajama|snowflake|Qwen3\.5|TinyLlama-1.1B-Chat-v0\.4|Llama-2-13b|.*-q3f16_1)/;

test('no library of this family of architectures is left out', () => {
	const ours = new Set(CASES.map(({ config, form }) => prebuiltFor(config, form)?.address));
	const left = [...listed].filter((address) => !ours.has(address));
	const names = left.map((address) => address.slice(address.lastIndexOf('/') + 1));
	expect(names.filter((name) => !OTHERS.test(name))).toEqual([]);
});

/** WebLLM's own estimate counts the same weights, and more for its buffers. */
test.each(CASES)('the sizes of $name in $form agree with WebLLM’s memory', ({ config, form }) => {
	const address = prebuiltFor(config, form)?.address;
	const [record] = prebuiltAppConfig.model_list.filter(({ model_lib }) => model_lib === address);
	const bytes = { f16: 2, bf16: 4, q4f16_1: 0.5, q4f32_1: 0.5 }[form] * parametersOf(config);
	const stated = (record?.vram_required_MB ?? 0) * 1e6;
	expect(stated / bytes).toBeGreaterThan(0.95);
	expect(stated / bytes).toBeLessThan(7);
});

describe('a model takes a prebuilt library', () => {
	test('by its sizes, whatever its name', () => {
		const hermes = { ...configOf('Llama-3.2-3B-Instruct'), maxPositions: 9 };
		expect(prebuiltFor(hermes, 'q4f32_1')?.address).toContain('/Llama-3.2-3B-Instruct-q4f32_1_cs1k');
		// Qwen2.5-Math has the sizes of Qwen2.5 and other rotary frequencies, although WebLLM's list gives it the same library.
		expect(prebuiltFor({ ...configOf('Qwen2-1.5B-Instruct'), ropeTheta: 10_000 }, 'q4f32_1')).toBeNull();
		expect(prebuiltFor({ ...configOf('Qwen3-4B'), layers: 35 }, 'q4f32_1')).toBeNull();
		expect(prebuiltFor(configOf('Qwen3-4B'), 'bf16')).toBeNull();
		expect(prebuiltFor(SMALL_MODEL, 'q4f16_1')).toBeNull();
	});

	test('only if none of the page’s own fits', () => {
		const config = configOf('Qwen3-0.6B');
		const own = { ...compiledFor(config, { weights: 'f16' }), address: 'https://page.test/x' };
		expect(chooseLibrary([own], config, ['f16'])).toMatchObject({ place: 'page' });
		// The form of weights is known after the conversion: the page's own library is the better promise.
		expect(chooseLibrary([own], config, ['bf16', 'f16'])).toMatchObject({ place: 'page' });
		expect(chooseLibrary([own], config, ['q4f32_1'])).toMatchObject({ place: 'prebuilt' });
		expect(chooseLibrary([own], config, [])).toBeNull();
		expect(chooseLibrary([own], SMALL_MODEL, LIBRARY_WEIGHTS)).toBeNull();
	});

	test('if the GPU has the feature that its programs need', () => {
		const half = prebuiltFor(configOf('Qwen3-4B'), 'q4f16_1');
		const single = prebuiltFor(configOf('Qwen3-4B'), 'q4f32_1');
		if (half === null || single === null) throw new Error('no library');
		expectFeatures(half, 'Qwen3 4B', ['shader-f16']);
		expectFeatures(single, 'Qwen3 4B', []);
		expect(thrownBy(() => expectFeatures(half, 'Qwen3 4B', ['subgroups']))).toMatchObject({
			code: 'webllm-needs-f16',
		});
	});
});

test('the compute engine answers with every adapter, and WebLLM’s copy counts in the memory', () => {
	const config = configOf('Qwen3-4B');
	const library = chooseLibrary([], config, ['q4f32_1']);
	expect(adapterPlacement(library, 1)).toBe('compute');
	if (library === null) throw new Error('no library');
	const copy = webLlmBytes(config, library);
	expect(copy / parametersOf(config)).toBeGreaterThan(0.6);
	expect(copy / parametersOf(config)).toBeLessThan(0.9);
	const device = { ...WEBGPU, budgetBytes: 5e9 };
	expect(trainingRoom(config, library, DEFAULT_RECIPE, device)).toMatchObject({ copy, budget: 5e9 });
});
