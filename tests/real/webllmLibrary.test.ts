/**
 * SmolLM2-135M-Instruct as a user adds it, in WebLLM with its compiled library: the greedy ids are those of the compute engine,
 * without an adapter and with adapters of several ranks. In Chromium on SwiftShader; minutes, and 3 GB of memory.
 */
import { expect, test } from 'vitest';
import { smolLm2File } from './files.ts';
import { computeAnswers } from './webllm/computeAnswers.ts';
import { openPage } from './webllm/openPage.ts';
import type { Question } from './webllm/questions.ts';

const TIMEOUT = 1_800_000;
const asked = (adapter: Question['adapter']): Question => ({
	prompts: ['What is the capital of France?', 'Name three fruits.'],
	sampling: { temperature: 0, topP: 1, maxTokens: 12, seed: 1 },
	adapter,
});
/** Rank 40 is above the records that are there first: the model is loaded again with larger ones. */
const QUESTIONS = [asked(null), asked({ rank: 8, size: 0.03 }), asked({ rank: 40, size: 0.03 }), asked(null)];

test(
	'the file finds its library, and both engines write the same ids',
	async () => {
		const file = smolLm2File();
		// Before the page is opened, so that the weights are in one process at a time.
		const expected = await computeAnswers(file, QUESTIONS);
		const page = await openPage(file);
		try {
			expect(await page.call('keep', '/model.gguf', 'SmolLM2-135M-Instruct.Q4_1.gguf')).toBe(
				'llama-576-30-f16',
			);
			console.log('WebLLM loads in', await page.call('load'), 's');
			for (const [i, question] of QUESTIONS.entries()) {
				const answered = await page.call('answer', question);
				console.log(question.adapter, answered);
				expect(answered.replies.map(({ ids }) => ids)).toEqual(expected[i]);
			}
			expect(expected[1]).not.toEqual(expected[0]);
		} finally {
			await page.close();
		}
	},
	TIMEOUT,
);
