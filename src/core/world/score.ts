/** The rubric: scores any text as an answer to a prompt of the world, with a reason for each named check. */
import { readTask } from './families.ts';
import type { Finding } from './family.ts';

export interface WorldCheck {
	name: string;
	passed: boolean;
	/** Share of the score; a prompt's weights sum to 1. */
	weight: number;
	/** One sentence. */
	reason: string;
}

export interface WorldScore {
	/** Sum of the weights of the checks passed, in [0, 1]; exactly 1 when all are. */
	score: number;
	/** Id of the prompt's family. */
	family: string;
	checks: WorldCheck[];
}

/**
 * How well a completion answers a prompt.
 *
 * @returns null where the prompt is not of this world: there is no rubric for it
 */
export function scoreAnswer(promptText: string, completion: string): WorldScore | null {
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
	// Weights such as 0.7 and 0.15 leave dust in the last bits.
	return Math.round(sum * 1e6) / 1e6;
}
