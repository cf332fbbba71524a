/** Rows that models answer one by one, with pace and time left. Published at most once per frame. */
import { Cancelled, type WireError } from '#core/errors.ts';
import { FrameBatcher } from '../async/frameBatcher.ts';
import { Pace } from '../async/pace.ts';
import type { AppPorts } from '../ports.ts';
import { askRows, type Asking } from './askRows.ts';

interface AskedRow {
	id: string;
	state: string;
	error: WireError | null;
}

export class AskedRows<Row extends AskedRow> {
	readonly #fold: FrameBatcher;
	readonly #pace: Pace;
	/** The rows as they change; `rows` is their last published state. */
	#working: Row[] = [];
	#place = new Map<string, number>();

	rows: readonly Row[] = $state.raw([]);
	/** True while a model answers. */
	asking: boolean = $state(false);
	perSecond: number | null = $state(null);
	secondsLeft: number | null = $state(null);
	/** Rows of the current queue that are not settled yet. */
	#left = 0;

	constructor({ clock, frame }: Pick<AppPorts, 'clock' | 'frame'>) {
		this.#fold = new FrameBatcher(frame, () => this.flush(), { clock, milliseconds: 100 });
		this.#pace = new Pace(clock);
	}

	fill(rows: readonly Row[]): void {
		this.#working = [...rows];
		this.#place = new Map(rows.map(({ id }, i) => [id, i]));
		this.flush();
	}

	/** 0-based place of a row; −1 if there is no such row. */
	placeOf(id: string): number {
		return this.#place.get(id) ?? -1;
	}

	at(i: number): Row | undefined {
		return this.#working[i];
	}

	/** The rows as they are now, also before the next frame. */
	get current(): readonly Row[] {
		return this.#working;
	}

	write(i: number, row: Row): void {
		this.#working[i] = row;
		this.#fold.touch();
	}

	/**
	 * Asks about each row of the queue.
	 *
	 * @param one settles with the row in its new state; a row that it throws for keeps the state it had
	 * @returns why asking stopped before the end of the queue; null if it did not
	 * @throws Cancelled when the signal fires
	 */
	async ask(
		queue: readonly number[],
		how: Asking,
		asking: (row: Row) => Row,
		one: (row: Row, i: number) => Promise<Row>,
	): Promise<WireError | null> {
		this.asking = true;
		this.#left = queue.length;
		this.#pace.restart();
		try {
			const stopped = await askRows(queue, how, async (i) => {
				const before = this.#working[i];
				if (before === undefined) return null;
				return (await this.#askOne(i, before, asking, one)).error;
			});
			if (how.signal.aborted) throw new Cancelled();
			return stopped;
		} finally {
			this.asking = false;
			this.#left = 0;
			this.flush();
		}
	}

	async #askOne(
		i: number,
		before: Row,
		asking: (row: Row) => Row,
		one: (row: Row, i: number) => Promise<Row>,
	): Promise<Row> {
		this.write(i, asking(before));
		try {
			const row = await one(before, i);
			if (row.error === null) this.#pace.mark();
			this.write(i, row);
			return row;
		} catch (error) {
			this.write(i, before);
			throw error;
		} finally {
			this.#left = Math.max(0, this.#left - 1);
		}
	}

	/** Publishes before the next frame. */
	flush(): void {
		this.rows = this.#working.slice();
		this.perSecond = this.#pace.perSecond;
		this.secondsLeft = this.asking ? this.#pace.secondsFor(this.#left) : null;
	}
}
