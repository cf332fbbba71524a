/** Where linked charts read and write the step under their cursor. */
export interface CursorStore {
	/** Null follows the newest step. */
	readonly step: number | null;
	/** Shows a step while the pointer is on it; null ends that. */
	point(step: number | null): void;
	/** Shows a step until the next move; null follows the newest. */
	seek(step: number | null): void;
}

/** A cursor of its own, for charts whose steps are not those of the open run. */
class OwnCursor implements CursorStore {
	step = $state<number | null>(null);
	point(step: number | null): void {
		this.step = step;
	}
	seek(step: number | null): void {
		this.step = step;
	}
}

/**
 * State that linked charts share: the step under the cursor and the visible range of steps. One instance per
 * group of charts, passed to each as a prop.
 */
export class ChartLink {
	readonly #store: CursorStore;
	/** First and last visible step; null shows all steps. */
	view = $state.raw<readonly [number, number] | null>(null);

	constructor(store: CursorStore = new OwnCursor()) {
		this.#store = store;
	}

	/** Null follows the newest step. */
	get cursor(): number | null {
		return this.#store.step;
	}

	point(step: number | null): void {
		this.#store.point(step);
	}

	seek(step: number | null): void {
		this.#store.seek(step);
	}
}
