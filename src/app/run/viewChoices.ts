/** The user's choices of view; they stay when another run is opened. */
import type { Steps } from '../steps/steps.ts';

interface Viewed {
	steps: Steps;
	reviewFirst: boolean;
}

export function carryViewChoices(from: Viewed, to: Viewed): void {
	to.reviewFirst = from.reviewFirst;
	to.steps.evaluation.mode = from.steps.evaluation.mode;
	const { selectedId, family, filter, order, search } = from.steps.revision;
	Object.assign(to.steps.revision, { selectedId, family, filter, order, search });
}
