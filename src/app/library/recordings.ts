/** The runs that come with the page, in files beside it; CONTRIBUTING.md says how they are made. Each is fetched when it is opened. */

export interface Recording {
	/** Id of the run in the library, after it was opened. */
	id: string;
	/** Path of the file, relative to the page. */
	file: string;
	/** Name of the run on the shelf. */
	name: string;
	/** Its data, its objective and its seed. */
	about: string;
	/** Size of the file in MB, shown before it is fetched. */
	megabytes: number;
}

/** The default recipe's run. */
export const EMBEDDED_RECORDING: Recording = {
	id: 'recorded',
	file: 'recorded/loop.run.json.gz',
	name: 'Recorded run',
	about: 'CLAIR pairs, APO-zero, seed 1: the default recipe',
	megabytes: 0.6,
};

/** Runs of the preference lab that lessons open. */
export const RECORDINGS: readonly Recording[] = [
	EMBEDDED_RECORDING,
	{
		id: 'recorded-seed-2',
		file: 'recorded/seed-2.run.json.gz',
		name: 'Recorded run, seed 2',
		about: 'the default recipe with seed 2',
		megabytes: 0.6,
	},
	{
		id: 'recorded-good-judge',
		file: 'recorded/good-judge.run.json.gz',
		name: 'Recorded run, good judge',
		about: 'a judge picks the better of two answers, APO-zero, seed 1',
		megabytes: 0.6,
	},
	{
		id: 'recorded-foreign-manner',
		file: 'recorded/foreign-manner.run.json.gz',
		name: 'Recorded run, foreign manner',
		about: 'a stronger model’s answers in another manner win, APO-zero, seed 1',
		megabytes: 0.6,
	},
	{
		id: 'recorded-apo-down',
		file: 'recorded/apo-down.run.json.gz',
		name: 'Recorded run, APO-down',
		about: 'CLAIR pairs, APO-down, seed 1',
		megabytes: 0.6,
	},
	{
		id: 'recorded-worse-winners',
		file: 'recorded/worse-winners.run.json.gz',
		name: 'Recorded run, worse winners',
		about: 'from the tuned model, winners worse than its own answers, APO-zero, seed 1',
		megabytes: 0.9,
	},
	{
		id: 'recorded-long-judge',
		file: 'recorded/long-judge.run.json.gz',
		name: 'Recorded run, judge of length',
		about: 'a judge that likes long answers picks one of two, APO-zero, seed 1',
		megabytes: 0.6,
	},
	{
		id: 'recorded-dpo',
		file: 'recorded/dpo.run.json.gz',
		name: 'Recorded run, DPO',
		about: 'CLAIR pairs, DPO, seed 1',
		megabytes: 0.6,
	},
	{
		id: 'recorded-own-objective',
		file: 'recorded/own-objective.run.json.gz',
		name: 'Recorded run, own formula',
		about: 'CLAIR pairs, DPO with a term against a falling chosen answer, seed 1',
		megabytes: 0.6,
	},
];

/** A grid that comes with the page, with the figures of its runs. */
export type RecordedGrid = Recording;

/** docs/grids/paper.json, run to its end. */
export const PAPER_GRID: RecordedGrid = {
	id: 'recorded-paper',
	file: 'recorded/paper.grid.json.gz',
	name: 'The miniature of the paper',
	about: '4 data methods × 5 objectives × 3 seeds, two of them also at a learning rate of their own',
	megabytes: 0.3,
};

export const RECORDED_GRIDS: readonly RecordedGrid[] = [PAPER_GRID];

/** The recording of that id. @throws Error if none has it */
export function recordingOf(id: string): Recording {
	const recording = RECORDINGS.find((one) => one.id === id);
	if (recording === undefined) throw new Error(`No recorded run has the id ${id}.`);
	return recording;
}
