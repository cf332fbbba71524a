/** Errors that no part of the page caught. The run continues; the page shows the last one and offers a report. */
import { Cancelled, toWire, type WireError } from '#core/errors.ts';

/** Messages of browsers that report no fault of the page: a late layout, and a script of another origin. */
const HARMLESS = /^ResizeObserver loop|^Script error\.?$/;

export class Faults {
	/** The last error, or null after the user closed the note. */
	last: WireError | null = $state.raw(null);
	/** Errors since the start of the page. */
	count: number = $state(0);

	/** @param thrown the error of a window's `error` event, or the reason of an unhandled rejection */
	report(thrown: unknown): void {
		if (isHarmless(thrown)) return;
		this.last = toWire(thrown);
		this.count++;
	}

	dismiss(): void {
		this.last = null;
	}
}

function isHarmless(thrown: unknown): boolean {
	if (thrown instanceof Cancelled) return true;
	if (thrown instanceof DOMException && thrown.name === 'AbortError') return true;
	const { message } = toWire(thrown);
	return HARMLESS.test(message) || /(?:chrome|moz|safari-web)-extension:/.test(toWire(thrown).stack ?? '');
}
