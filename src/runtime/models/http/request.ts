/** One request for a model file: its answer, or a failure that is named; and the bytes of the answer as they arrive. */
import { AppError } from '#core/errors.ts';
import { foreignFile } from '#core/format/foreignFile.ts';
import { readRetryAfter } from '../../retryAfter.ts';
import { brokeOff, refused, unreachable, webPage } from './failures.ts';

export type Fetch = (input: string, init?: RequestInit) => Promise<Response>;

/** @throws RemoteError `model-unreachable`, also if the server does not let this page read its answer */
export async function send(fetch: Fetch, address: string, init: RequestInit): Promise<Response> {
	try {
		return await fetch(address, init);
	} catch (cause) {
		throw unreachable(address, cause);
	}
}

/** @throws RemoteError `model-refused`, `model-busy`; FormatError `model-file-html` */
export function expectFile(address: string, response: Response): void {
	const { status, headers } = response;
	if (!response.ok) {
		discard(response);
		throw refused(address, status, readRetryAfter(headers, Date.now()));
	}
	// Servers of single-page apps answer every unknown address with the page, and others with a login page.
	if (/\bx?html\b/i.test(headers.get('content-type') ?? '')) {
		discard(response);
		throw webPage(address);
	}
}

/**
 * A page may come under any content type.
 *
 * @param head the first bytes of the file
 * @throws FormatError `model-file-html`
 */
export function expectNoPage(address: string, head: Uint8Array): void {
	if (foreignFile(head)?.name === 'a web page') throw webPage(address);
}

/** Closes an answer that nobody reads, so that its connection is free. */
export function discard(response: Response): void {
	void response.body?.cancel().catch(() => undefined);
}

/**
 * Passes the bytes of an answer to `use` as they arrive; `use` may end the transfer by throwing.
 *
 * @throws RemoteError `model-cut-off`, and AppErrors of `use`
 */
export async function readBody(
	address: string,
	response: Response,
	use: (chunk: Uint8Array) => Promise<void> | void,
): Promise<void> {
	const reader = response.body?.getReader();
	let total = 0;
	try {
		for (;;) {
			const value = (await reader?.read())?.value;
			if (value === undefined) return;
			total += value.length;
			await use(value);
		}
	} catch (cause) {
		void reader?.cancel().catch(() => undefined);
		if (cause instanceof AppError) throw cause;
		throw brokeOff(address, total, cause);
	}
}
