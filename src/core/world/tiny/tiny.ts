/** The tiny world: eight families of closed tasks for the embedded model of a million weights. */
import type { World } from '../world.ts';
import { answerAs } from './answer.ts';
import { families } from './families.ts';
import { sorting } from './families/sorting.ts';
import { worldPrompts } from './prompts.ts';
import { reviseAnswer } from './revise.ts';
import { scoreAnswer } from './score.ts';

const EXAMPLE = 'Sort these words: pear grape mango.';
const task = sorting.read(EXAMPLE);

export const tiny: World = {
	id: 'tiny',
	title: 'the built-in world',
	describe: 'Short tasks with one right answer, for the embedded model.',
	example: {
		prompt: EXAMPLE,
		flawed: task?.ownFlaw() ?? '',
		revised: task?.answer ?? '',
		lesson: 'The model has seen right answers and flawed ones, so it knows how to sort and often does not.',
	},
	families,
	untouched: [],
	panel: [],
	prompts({ split, ...options }) {
		return split === 'untouched' ? [] : worldPrompts({ ...options, split });
	},
	score(promptText, answer) {
		const score = scoreAnswer(promptText, answer);
		return score && { ...score, strict: score.score === 1, loose: score.score === 1 };
	},
	revise: reviseAnswer,
	answer: answerAs,
};
