/** Decides when to stop asking an endpoint because the next request would fail the same way. Pure except for its own count. */
import type { AppError } from '#core/errors.ts';
import { isEngineLoss } from '../engines/engineLoss.ts';

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

/** After an answer, such a failure is about its own row only, for example a text that is too long for the model. */
const OF_A_ROW: ReadonlySet<string> = new Set([
	'endpoint-request-refused',
	'endpoint-only-reasoning',
	'endpoint-too-long',
	'reply-ended',
]);

/** Before any answer, such a failure is about the endpoint: it is down, full, or closed to this page. */
const OF_THE_ENDPOINT: ReadonlySet<string> = new Set([
	'endpoint-unreachable',
	'endpoint-cors',
	'endpoint-mixed-content',
	'endpoint-timeout',
	'endpoint-busy',
	'endpoint-rate-limited',
]);

/** Failures of one kind in a row after which no more are sent. Each was tried several times by the client already. */
const IN_A_ROW = 4;

export class CircuitBreaker {
	#code = '';
	#count = 0;
	#answered = false;

	/** True after the first answer. */
	get hasAnswer(): boolean {
		return this.#answered;
	}

	/** Records an answer: the earlier failures concerned single rows. */
	answered(): void {
		this.#count = 0;
		this.#answered = true;
	}

	/** True when no more requests should be sent. */
	after(error: AppError): boolean {
		// The run continues with a new engine.
		if (isEngineLoss(error)) return true;
		this.#count = error.code === this.#code ? this.#count + 1 : 1;
		this.#code = error.code;
		if (this.#answered && OF_A_ROW.has(error.code)) return false;
		if (!this.#answered && OF_THE_ENDPOINT.has(error.code)) return true;
		return FINAL.has(error.code) || this.#count >= IN_A_ROW;
	}
}
