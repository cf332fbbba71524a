/** Lengths of one pair of a batch. */
export interface BatchRow {
	name: string;
	/** Lengths in tokens. */
	prompt: number;
	chosen: number;
	rejected: number;
	tracked: boolean;
}
