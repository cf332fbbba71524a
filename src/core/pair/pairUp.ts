/** Makes pairs of labelled answers to the same prompt, in time that grows with their number alone. */

/** A labelled answer of a file. */
export interface Labelled {
	prompt: string;
	answer: string;
	/** True for a desired answer. */
	wanted: boolean;
}

/** Rows that wait for a partner, by their answer: a partner must have another one. Within one answer, the first comes first. */
class Waiting<Row extends Labelled> {
	readonly #byAnswer = new Map<string, { rows: Row[]; taken: number }>();

	add(row: Row): void {
		const queue = this.#byAnswer.get(row.answer);
		if (queue === undefined) this.#byAnswer.set(row.answer, { rows: [row], taken: 0 });
		else queue.rows.push(row);
	}

	/** Takes the first row with another answer; undefined if there is none. */
	takeOther(answer: string): Row | undefined {
		// Looks at two answers at most.
		for (const [other, queue] of this.#byAnswer) {
			if (other === answer) continue;
			const row = queue.rows[queue.taken++];
			if (queue.taken === queue.rows.length) this.#byAnswer.delete(other);
			return row;
		}
		return undefined;
	}

	rest(): Row[] {
		return [...this.#byAnswer.values()].flatMap(({ rows, taken }) => rows.slice(taken));
	}
}

export interface PairedUp<Row> {
	pairs: readonly { chosen: Row; rejected: Row; first: Row }[];
	/** Rows without a partner. */
	alone: readonly Row[];
}

/**
 * The first wanted answer of a prompt with its first unwanted one, the second with the second. Each answer is used once, so
 * that no answer weighs more than in the file.
 */
export function pairUp<Row extends Labelled>(rows: readonly Row[]): PairedUp<Row> {
	const waiting = new Map<string, { wanted: Waiting<Row>; unwanted: Waiting<Row> }>();
	const pairs: { chosen: Row; rejected: Row; first: Row }[] = [];
	for (const row of rows) {
		const queues = waiting.get(row.prompt) ?? { wanted: new Waiting<Row>(), unwanted: new Waiting<Row>() };
		waiting.set(row.prompt, queues);
		const partner = (row.wanted ? queues.unwanted : queues.wanted).takeOther(row.answer);
		if (partner === undefined) (row.wanted ? queues.wanted : queues.unwanted).add(row);
		else if (row.wanted) pairs.push({ chosen: row, rejected: partner, first: partner });
		else pairs.push({ chosen: partner, rejected: row, first: partner });
	}
	const alone = [...waiting.values()].flatMap(({ wanted, unwanted }) => [
		...wanted.rest(),
		...unwanted.rest(),
	]);
	return { pairs, alone };
}
