/** Imported pairs: a run trains on them unchanged, with one prompt in five held out. See ../draw.ts. */
import type { DataMethod } from './method.ts';

export const imported: DataMethod = {
	id: 'imported',
	title: 'own pairs',
	source: 'pairs',
	stages: [],
	answersPerPrompt: 0,
	build: (sources) => ({ pairs: sources.imported, leftOut: [] }),
	leftOutReasons: {},
	texts: {
		choice: 'my own file',
		planned: (_settings, count) => `${count} pairs`,
		made: 'of your own',
		noPairs: 'The run reads your imported pairs when it starts.',
		chosenBy: 'as imported',
		rejectedBy: 'as imported',
		ownAnswer: '',
		pair: 'The run trains on this pair unchanged. The more its two answers share, the more the loss learns from their differences alone.',
		steps: {
			output: 'Nothing to do: the answers are in your pairs.',
			revision: 'Nothing to do: your pairs are used unchanged.',
			pair: 'A prompt with the answer that you chose and the one that you rejected.',
		},
		skipped: 'in your pairs',
		skippedNote:
			'This run learns from imported pairs, so it samples and revises nothing. The pairs are under',
	},
};
