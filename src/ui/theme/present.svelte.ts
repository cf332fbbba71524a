/** Present: one region on the whole screen, larger, for the back row. */
import { createContext } from 'svelte';

export class Presentation {
	/** Id of the presented region; null if none is. */
	region = $state<string | null>(null);

	toggle(region: string): void {
		this.region = this.region === region ? null : region;
	}

	/** @param region leaves only if it is the presented one */
	leave(region: string | null = this.region): void {
		if (this.region === region) this.region = null;
	}

	/** For an effect: tells the root element, whose text is larger meanwhile. */
	apply(root: HTMLElement): void {
		if (this.region === null) delete root.dataset['presents'];
		else root.dataset['presents'] = '';
	}
}

export const [usePresentation, providePresentation, hasPresentation] = createContext<Presentation>();

/** The region around a chart. */
export interface PresentableRegion {
	readonly presented: boolean;
}

export const [useRegion, provideRegion, hasRegion] = createContext<PresentableRegion>();
