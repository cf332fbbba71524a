/**
 * SmolLM2-135M-Instruct as a user adds it, in WebLLM with its compiled library: the greedy ids are those of the compute engine,
 * without an adapter and with adapters of several ranks. In Chromium, on SwiftShader about ten minutes.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { smolLm2File } from './files.ts';
import { openPage, type OpenedPage } from './webllm/openPage.ts';

const PROMPTS = ['What is the capital of France?', 'Name three fruits.'];
const TIMEOUT = 1_800_000;

let page: OpenedPage;
beforeAll(async () => {
	page = await openPage(smolLm2File());
}, TIMEOUT);
afterAll(() => page.close());

test(
	'the file finds its library, and both engines write the same ids',
	async () => {
		expect(await page.call('keep', '/model.gguf', 'SmolLM2-135M-Instruct.Q4_1.gguf')).toBe(
			'llama-576-30-f16',
		);
		console.log(await page.call('load'));
		// Rank 40 is above the records that are there first: the model is loaded again with larger ones.
		for (const adapter of [null, { rank: 8, size: 0.03 }, { rank: 40, size: 0.03 }, null]) {
			const { webLlm, compute, ...measured } = await page.call('answer', {
				prompts: PROMPTS,
				maxTokens: 16,
				adapter,
			});
			console.log(adapter, measured, webLlm);
			expect(webLlm.map(({ ids }) => ids)).toEqual(compute.map(({ ids }) => ids));
			expect(webLlm.every(({ ids }) => ids.length > 2)).toBe(true);
		}
	},
	TIMEOUT,
);
