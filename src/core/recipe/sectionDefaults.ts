/** Values of the fields that a recipe's sections of asked models leave out. */
import { EMBEDDED } from './reviserKind.ts';

/** Room for a model's reasoning and its answer. */
export const REPLY_TOKENS = 1024;

/** Settings that the sections share. A seed that is absent is that of the sampling. */
const ASKED = { concurrency: 8, maxTokens: REPLY_TOKENS, budget: 0 } as const;

/** Values of fields that a recipe leaves out. */
export const SECTION_DEFAULTS = {
	judge: {
		endpoint: EMBEDDED,
		model: 'embedded-judge',
		temperature: 0,
		...ASKED,
		lengthBias: 0.05,
		noise: 0.6,
	},
	stronger: {
		endpoint: EMBEDDED,
		model: 'embedded-stronger',
		temperature: 0.7,
		...ASKED,
		manner: 'foreign',
		flawed: 0.05,
	},
	others: {
		models: [
			{ endpoint: EMBEDDED, model: 'embedded-other-a' },
			{ endpoint: EMBEDDED, model: 'embedded-other-b' },
		],
		temperature: 1,
		...ASKED,
	},
} as const;
