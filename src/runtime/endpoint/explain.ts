/** Converts any error of a request to an AppError with a message and a hint. */
import { AppError, Cancelled } from '#core/errors.ts';
import { type OnSent, RequestAccount } from './account.ts';
import { requestUrl } from './address.ts';
import type { Connection } from './client.ts';
import { pageOrigin } from './page.ts';
import { blockedByCors, mixedContent, tooSlow, unreachable } from './silence.ts';
import { LONGEST_IN_IDLE_TIMES, startWatch, type Watch } from './watch.ts';

/**
 * Runs one request under a watch and converts its errors to an AppError.
 *
 * @param onSent called once for each request that left the page, however it ends
 */
export async function watched<T>(
	connection: Connection,
	signal: AbortSignal,
	run: (watch: Watch) => Promise<T>,
	onSent?: OnSent,
): Promise<T> {
	const watch = startWatch(connection.timeoutMs, signal);
	try {
		return await run(watch);
	} catch (thrown) {
		throw await explain(connection, watch, signal, thrown, onSent);
	} finally {
		watch.stop();
		report(connection, watch.account, onSent);
	}
}

function report({ target }: Connection, account: RequestAccount, onSent: OnSent | undefined): void {
	const request = account.report(target);
	if (request !== null) onSent?.(request);
}

async function explain(
	connection: Connection,
	watch: Watch,
	signal: AbortSignal,
	thrown: unknown,
	onSent: OnSent | undefined,
): Promise<AppError> {
	const { target, timeoutMs } = connection;
	if (signal.aborted) return new Cancelled();
	if (thrown instanceof AppError) return thrown;
	const late = watch.timedOut();
	if (late === 'total') return tooSlow(target, timeoutMs * LONGEST_IN_IDLE_TIMES, true);
	return late === 'idle' ? tooSlow(target, timeoutMs) : explainSilence(connection, thrown, onSent);
}

/**
 * Explains a missing answer. A browser does not report whether the server is down or whether it forbade the
 * page to read. A `no-cors` request without the key tells the two apart, unless the page is isolated from
 * other origins.
 */
async function explainSilence(
	connection: Connection,
	thrown: unknown,
	onSent: OnSent | undefined,
): Promise<AppError> {
	const { target } = connection;
	const origin = pageOrigin();
	if (origin === null || origin === target.baseUrl.origin) return unreachable(target, thrown, null);
	if (isMixedContent(origin, target.baseUrl)) return mixedContent(target, origin);
	const account = new RequestAccount();
	const address = requestUrl(target.baseUrl, '/models');
	account.send(address, '');
	try {
		await connection.fetch(address, {
			mode: 'no-cors',
			credentials: 'omit',
			signal: AbortSignal.timeout(3000),
		});
		return blockedByCors(target, thrown, origin);
	} catch {
		// No answer again: the server is down or unknown, or isolation hides it. The hint covers all three cases.
		return unreachable(target, thrown, { origin, isolated: isIsolated() });
	} finally {
		report(connection, account, onSent);
	}
}

function isIsolated(): boolean {
	return (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
}

function isMixedContent(origin: string, url: URL): boolean {
	const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
	return origin.startsWith('https:') && url.protocol === 'http:' && !local;
}
