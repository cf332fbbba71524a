/** A made-up data method, for tests: the model answers each prompt twice, and the longer answer is chosen. */
import type { Output } from '#core/output/output.ts';
import type { DataMethod } from '#core/pair/methods/method.ts';
import { pairIds, type PreferencePair } from '#core/pair/pair.ts';

export const longestOfTwo: DataMethod = {
	id: 'longest_of_two',
	title: 'longest of two',
	source: 'prompts',
	stages: ['outputs'],
	answersPerPrompt: 2,
	build: ({ outputs }) => {
		const nextId = pairIds();
		const promptIds = [...new Set(outputs.map(({ prompt }) => prompt.id))];
		const results = promptIds.map((id) => {
			const answers = outputs.filter(({ prompt }) => prompt.id === id);
			return pairOf(answers, nextId);
		});
		return {
			pairs: results.filter((result) => 'chosen' in result),
			leftOut: results.filter((result) => 'reason' in result),
		};
	},
	leftOutReasons: {
		'one-answer': { text: 'there is one answer so far', open: true },
		'same-length': { text: 'both answers have the same length', open: false },
	},
	texts: {
		choice: 'the longer of two answers',
		planned: () => 'two answers',
		made: 'that differ in length',
		noPairs: 'A pair is made of two answers of different length.',
		chosenBy: 'the longer answer',
		rejectedBy: 'the shorter answer',
		ownAnswer: '',
		pair: 'This pair teaches to write more.',
		steps: {
			output: 'Two answers of the small model.',
			revision: 'Nothing to do: no answer is edited.',
			pair: 'The longer answer is chosen.',
		},
		skipped: 'not needed',
		skippedNote: 'This run compares two answers and revises none. The pairs are under',
	},
};

function pairOf(
	answers: readonly Output[],
	nextId: (promptId: string) => string,
): PreferencePair | { id: string; reason: string } {
	const [first, second] = answers;
	if (first === undefined || second === undefined) return { id: first?.id ?? '', reason: 'one-answer' };
	if (first.text.length === second.text.length) return { id: first.id, reason: 'same-length' };
	const [chosen, rejected] = first.text.length > second.text.length ? [first, second] : [second, first];
	return {
		id: nextId(first.prompt.id),
		prompt: first.prompt,
		chosen: chosen.text,
		rejected: rejected.text,
		method: longestOfTwo.id,
		from: { chosen: { kind: 'output', id: chosen.id }, rejected: { kind: 'output', id: rejected.id } },
		edited: false,
	};
}
