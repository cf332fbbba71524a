/** The words of main effects, for the page and for the report. */
import { enumerate } from '../text/wording.ts';
import type { MainEffect } from './effects.ts';
import { ONE_SEED } from './table/words.ts';

/** Names that a sentence lists before it counts the rest. */
const MOST_NAMES = 3;

/** "in 6 of 8 combinations of the other settings" */
export function effectNote({ blocks: { used, planned } }: MainEffect): string {
	const count = used === planned ? String(planned) : `${used} of ${planned}`;
	return `in ${count} ${planned === 1 ? 'combination' : 'combinations'} of the other settings`;
}

export function effectCaption(effects: readonly MainEffect[]): string {
	const missing = [...new Set(effects.flatMap(({ incomplete }) => incomplete))];
	const balance =
		missing.length === 0
			? ''
			: ` The design is not balanced: ${listed(missing)} ${missing.length === 1 ? 'has' : 'have'} fewer finished runs than other cells. Such a combination counts with the seeds that all its cells have.`;
	const over = effects.some(({ seeds }) => seeds > 1)
		? 'seeds, prompts and combinations'
		: `prompts and combinations (${ONE_SEED})`;
	return `Change of the greedy held-out score against the mean of its setting’s values, with all other settings equal: mean and 95% interval over ${over}. Largest setting first; a hollow mark’s interval contains 0.${balance}`;
}

function listed(names: readonly string[]): string {
	const shown = names.slice(0, MOST_NAMES).map((name) => `“${name}”`);
	const rest = names.length - shown.length;
	return enumerate(rest === 0 ? shown : [...shown, `${rest} more`]);
}
