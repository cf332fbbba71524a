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
		choice: 'a file of my own',
		planned: (_settings, count) => `${count} to take`,
		made: 'of your own',
		noPairs: 'The pairs that you brought are taken when the run begins.',
		chosenBy: 'as you brought it',
		rejectedBy: 'as you brought it',
		pair: 'This pair is trained on as it came. The more its two answers share, the more the loss learns from what differs between them and from nothing else.',
		skipped: 'in your pairs',
		skippedNote:
			'This run learns from pairs that you brought: nothing was sampled, nothing revised. They are under',
	},
};
