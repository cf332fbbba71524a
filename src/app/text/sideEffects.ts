/** The gain and its costs in one sentence: "Held-out score up 0.41; unrelated answers 8% shorter; untouched families level." */
import { costsOf } from '#core/evaluation/costs.ts';
import type { Estimate } from '#core/evaluation/evaluation.ts';
import type { WorldReport } from '#core/evaluation/worldReport.ts';
import { fixed, percent } from '#core/text/numbers.ts';

export interface Clause {
	text: string;
	/** True if the clause names a cost. */
	bad: boolean;
}

/** A change of length below this share is not worth a number. */
const SAME_LENGTH = 0.02;

/** The held-out score first, then the other figures; those that are costs come last. Figures without answers are left out. */
export function sideEffectClauses(report: WorldReport): readonly Clause[] {
	const { difference, panel } = report;
	const costs = costsOf(report);
	const clauses: Clause[] = [];
	if (difference.heldOut.n > 0)
		clauses.push({ text: `held-out score ${moved(difference.heldOut)}`, bad: costs.heldOut });
	const others: Clause[] = [];
	if (panel.lengthRatio !== null)
		others.push({ text: `unrelated answers ${lengthOf(panel.lengthRatio)}`, bad: costs.length });
	if (difference.untouched.n > 0)
		others.push({ text: `untouched families ${moved(difference.untouched)}`, bad: costs.untouched });
	if (costs.fluency)
		others.push({
			text: `unrelated answers odd to the base model (${fixed(panel.fluency.tuned)} per token, ${fixed(panel.fluency.base)} before)`,
			bad: true,
		});
	return [...clauses, ...others.filter(({ bad }) => !bad), ...others.filter(({ bad }) => bad)];
}

/** The clauses as one sentence; "but" comes before the first cost. */
export function sideEffectSentence(report: WorldReport): string {
	const clauses = sideEffectClauses(report);
	const text = clauses.map(({ text }, i) => `${joint(clauses, i)}${text}`).join('');
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** The text between clause i and the clause before it. */
export function joint(clauses: readonly Clause[], i: number): string {
	const before = clauses[i - 1];
	if (before === undefined) return '';
	return clauses[i]?.bad === true && !before.bad ? '; but ' : '; ';
}

/** "up 0.41", "down 0.10"; "level" if the interval has 0. */
function moved({ score, low, high }: Estimate): string {
	if (low <= 0 && high >= 0) return 'level';
	return `${score > 0 ? 'up' : 'down'} ${fixed(Math.abs(score))}`;
}

function lengthOf(ratio: number): string {
	const change = Math.abs(ratio - 1);
	if (change < SAME_LENGTH) return 'as long as before';
	return `${percent(change)} ${ratio < 1 ? 'shorter' : 'longer'}`;
}
