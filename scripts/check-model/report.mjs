// Prints the checks and counts the failures.

/** Below a probability of 1e-5 WebLLM's list of likeliest tokens may name wrong ones. */
const LISTED = Math.log(1e-5);

export class Report {
	checks = 0;
	failed = 0;
	/** Worst error of a log-probability without and with the adapter, nats. */
	worst = { base: 0, tuned: 0 };

	/** @param {string} text */
	say(text) {
		console.log(`       ${text}`);
	}

	/** @param {string} name @param {boolean} holds @param {string} detail */
	add(name, holds, detail) {
		this.checks++;
		if (!holds) this.failed++;
		console.log(`${holds ? 'ok    ' : 'FAILED'} ${name}: ${detail}`);
	}

	/** @param {string} name @param {number[]} got @param {number[]} want */
	same(name, got, want) {
		const holds = got.length === want.length && got.every((id, i) => id === want[i]);
		this.add(name, holds, holds ? `${want.length} equal` : `got ${got.join(' ')}, want ${want.join(' ')}`);
	}

	/** @param {string} name @param {number} error @param {number} tolerance @param {'base' | 'tuned'} which */
	close(name, error, tolerance, which) {
		this.worst[which] = Math.max(this.worst[which], error);
		this.add(name, error <= tolerance, `worst |Δ log p| ${error.toExponential(1)}, allowed ${tolerance}`);
	}
}

/** @param {number[][]} got of every step, by rank @param {import('./types.ts').Answer['steps']} want */
export function worstStep(got, want) {
	const errors = want.flatMap((step, i) =>
		step.map(([, logp], rank) => (logp > LISTED ? Math.abs((got[i]?.[rank] ?? Infinity) - logp) : 0)),
	);
	return Math.max(...errors);
}

/** @param {number[]} got @param {number[]} want */
export const worst = (got, want) => Math.max(...want.map((x, i) => Math.abs(x - (got[i] ?? Infinity))));
