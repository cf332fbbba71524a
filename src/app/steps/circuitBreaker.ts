/** Decides when to stop asking an endpoint because the next request would fail the same way. Pure except for its own count. */
import type { AppError } from '#core/errors.ts';

/** No later request can do better: the key, the model or the address is wrong, or the account is empty. */
const FINAL: ReadonlySet<string> = new Set([
	'endpoint-key-refused',
	'endpoint-forbidden',
	'endpoint-not-found',
	'endpoint-address',
	'endpoint-key-character',
	'endpoint-no-credit',
	'endpoint-redirect',
]);

/** Failures of one kind in a row after which no more are sent. Each was tried several times by the client already. */
const IN_A_ROW = 4;

export class CircuitBreaker {
	#code = '';
	#count = 0;

	/** Records an answer: the earlier failures concerned single rows. */
	answered(): void {
		this.#count = 0;
	}

	/** True when no more requests should be sent. */
	after(error: AppError): boolean {
		this.#count = error.code === this.#code ? this.#count + 1 : 1;
		this.#code = error.code;
		return FINAL.has(error.code) || this.#count >= IN_A_ROW;
	}
}
