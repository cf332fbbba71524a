/** The files of recorded runs, beside the page. */
import { RemoteError } from '#core/errors.ts';

/**
 * @param pageUrl the page's address
 * @param file path relative to it
 * @throws RemoteError `recorded-run-missing` if the file cannot be downloaded
 */
export async function fetchRecordedRun(pageUrl: string, file: string): Promise<Uint8Array<ArrayBuffer>> {
	const failed = (why: string, cause?: unknown): RemoteError =>
		new RemoteError(`The recorded run could not be fetched: ${why}.`, {
			code: 'recorded-run-missing',
			hint: 'Check that this page’s server answers, then try again.',
			cause,
		});
	const response = await fetch(new URL(file, pageUrl)).catch((cause: unknown) => {
		throw failed('the server does not answer', cause);
	});
	if (!response.ok) throw failed(`the server answered ${response.status}`);
	return new Uint8Array(await response.arrayBuffer());
}
