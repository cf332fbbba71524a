/** The runs that come with the page: real runs, made by `npm run loop -- --save`, in files beside it. */

export interface Recording {
	/** Id of the run in the library, after it was opened. */
	id: string;
	/** Path of the file, relative to the page. */
	file: string;
	/** Name of the run on the shelf. */
	name: string;
	/** The model, as the first page names it. */
	model: string;
	/** Size of the file in MB, told before it is fetched; null if it is small. */
	megabytes: number | null;
}

/** The embedded model's run, small enough for every visitor. */
export const EMBEDDED_RECORDING: Recording = {
	id: 'recorded',
	file: 'recorded/loop.run.json.gz',
	name: 'Recorded run',
	model: 'the embedded model',
	megabytes: null,
};

export const RECORDINGS: readonly Recording[] = [EMBEDDED_RECORDING];
