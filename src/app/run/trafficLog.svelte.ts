/** The requests that left the page, as they happen, with their sums by server. */
import {
	packRequests,
	type SentRequest,
	type StoredRequests,
	type TokenPrice,
	unpackRequests,
} from '#core/endpoint/sentRequest.ts';
import { trafficByServer, type ServerTraffic } from '#core/endpoint/traffic.ts';
import { FrameBatcher } from '../async/frameBatcher.ts';
import type { AppPorts } from '../ports.ts';

export class TrafficLog {
	readonly #fold: FrameBatcher;
	#working: SentRequest[] = [];

	/** In the order in which they ended. Replaced at most a few times a second. */
	requests: readonly SentRequest[] = $state.raw([]);
	/** The price that the user entered, or that the server lists, at the last request; null if unknown. */
	price: TokenPrice | null = $state.raw(null);
	readonly servers: readonly ServerTraffic[] = $derived(trafficByServer(this.requests));

	constructor({ frame, clock }: Pick<AppPorts, 'frame' | 'clock'>) {
		this.#fold = new FrameBatcher(frame, () => this.flush(), { clock, milliseconds: 250 });
	}

	add(request: SentRequest, price: TokenPrice | null = null): void {
		this.#working.push(request);
		this.price = price ?? this.price;
		this.#fold.touch();
	}

	/** Publishes before the next frame. */
	flush(): void {
		this.requests = this.#working.slice();
	}

	/** As a run stores it; null before the first request. */
	stored(): StoredRequests | null {
		if (this.#working.length === 0) return null;
		return packRequests(this.#working, this.price);
	}

	restore(stored: StoredRequests | undefined): void {
		this.#working = stored === undefined ? [] : [...unpackRequests(stored)];
		this.price = stored?.price ?? null;
		this.flush();
	}
}
