/** One pair of a batch, as lengths. */
export interface BatchRow {
	name: string;
	/** Tokens. */
	prompt: number;
	chosen: number;
	rejected: number;
	followed: boolean;
}
