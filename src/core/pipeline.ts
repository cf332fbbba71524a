/** The eight nouns in the order of the data flow; navigation, docs and tests use this order. Definitions are in app/text/definitions.ts. */
export const PIPELINE = [
	{ id: 'prompt', title: 'Prompt' },
	{ id: 'output', title: 'Output' },
	{ id: 'revision', title: 'Revision' },
	{ id: 'pair', title: 'Pair' },
	{ id: 'batch', title: 'Batch' },
	{ id: 'loss', title: 'Loss' },
	{ id: 'adapter', title: 'Adapter' },
	{ id: 'evaluation', title: 'Evaluation' },
] as const;

export type Noun = (typeof PIPELINE)[number]['id'];
