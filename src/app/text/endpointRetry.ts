/** The wait between two attempts of a request, in one sentence. */
import type { Retry } from '#core/ports.ts';

const REASONS: Readonly<Record<string, string>> = {
	'endpoint-unreachable': 'No answer',
	'endpoint-timeout': 'No answer in time',
	'endpoint-cut-off': 'The answer was cut off',
};

/** "The endpoint: HTTP 503. Trying again in 4 s, attempt 3 of 5." */
export function retrySentence({ error, attempt, attempts, waitSeconds }: Retry): string {
	const { status } = error.context;
	const reason = typeof status === 'number' ? `HTTP ${status}` : (REASONS[error.code] ?? 'An error');
	const wait = waitSeconds < 1 ? 'less than 1 s' : `${Math.round(waitSeconds)} s`;
	return `The endpoint: ${reason}. Trying again in ${wait}, attempt ${attempt} of ${attempts}.`;
}
