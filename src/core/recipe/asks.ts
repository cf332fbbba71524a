/** The recipe's sections of models, and the data methods that ask them. */
import type { DataMethod } from '../pair/methods/method.ts';

export const ASKED_SECTIONS = ['reviser', 'judge', 'stronger', 'others'] as const;
export type AskedSection = (typeof ASKED_SECTIONS)[number];

/** True if the method asks the models of this section. */
export function asks(
	{ stages, answersBy }: Pick<DataMethod, 'stages' | 'answersBy'>,
	section: AskedSection,
): boolean {
	switch (section) {
		case 'reviser':
			return stages.includes('revisions');
		case 'judge':
			return stages.includes('judgements');
		case 'stronger':
		case 'others':
			return answersBy === section;
	}
}
