/** The eight nouns of the method in the order of the data flow; navigation, docs and tests use this order. */
export const PIPELINE = [
	{
		id: 'prompt',
		title: 'Prompt',
		plain: 'A short task for the model, from your own list or the built-in world.',
	},
	{
		id: 'output',
		title: 'Output',
		plain: 'What the small model answers today: often right, often flawed in the same ways.',
	},
	{ id: 'revision', title: 'Revision', plain: 'A teacher’s edit of that answer, as small as possible.' },
	{ id: 'pair', title: 'Pair', plain: 'The edit is chosen, the first answer rejected.' },
	{ id: 'batch', title: 'Batch', plain: 'A handful of pairs, cut into tokens.' },
	{ id: 'loss', title: 'Loss', plain: 'One number: how far the model is from what the pairs teach.' },
	{ id: 'adapter', title: 'Adapter', plain: 'A thin layer of new weights. The base stays as it was.' },
	{ id: 'evaluation', title: 'Evaluation', plain: 'Prompts it never saw, before and after.' },
] as const;

export type Noun = (typeof PIPELINE)[number]['id'];
