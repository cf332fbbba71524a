/** Scores any text as an answer to a prompt of the world, with a reason for each check of the rubric. */
import { readTask } from './families.ts';
import type { WorldScore } from '../world.ts';
import type { Finding } from './family.ts';

/** The score by the rubric. */
export type RubricScore = Omit<WorldScore, 'strict' | 'loose'>;

/**
 * Applies the rubric of the prompt's family to a completion.
 *
 * @returns null if the prompt is not of this world, because such a prompt has no rubric
 */
export function scoreAnswer(promptText: string, completion: string): RubricScore | null {
	const task = readTask(promptText);
	if (!task) return null;
	const findings = task.check(completion);
	return {
		score: total(findings),
		family: task.family,
		checks: findings.map((finding) => ({
			name: finding.name,
			passed: finding.passed,
			weight: finding.weight,
			reason: finding.passed ? `The answer ${finding.praise}.` : finding.fault,
		})),
	};
}

function total(findings: readonly Finding[]): number {
	if (findings.every((finding) => finding.passed)) return 1;
	const sum = findings.reduce((score, finding) => score + (finding.passed ? finding.weight : 0), 0);
	// Sums of weights such as 0.7 and 0.15 have rounding errors in the last bits.
	return Math.round(sum * 1e6) / 1e6;
}
