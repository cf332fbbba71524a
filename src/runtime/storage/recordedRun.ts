/** The recorded run, a real run made by `npm run loop -- --save`, as a file beside the page. */
import { RemoteError } from '#core/errors.ts';

const FILE = 'recorded/loop.run.json.gz';

/**
 * @param pageUrl the page's address
 * @throws RemoteError if the file cannot be downloaded
 */
export async function fetchRecordedRun(pageUrl: string): Promise<Uint8Array<ArrayBuffer>> {
	const failed = (why: string, cause?: unknown): RemoteError =>
		new RemoteError(`The recorded run could not be fetched: ${why}.`, {
			code: 'recorded-run-missing',
			hint: 'Check that this page’s server answers, then try again.',
			cause,
		});
	const response = await fetch(new URL(FILE, pageUrl)).catch((cause: unknown) => {
		throw failed('the server does not answer', cause);
	});
	if (!response.ok) throw failed(`the server answered ${response.status}`);
	return new Uint8Array(await response.arrayBuffer());
}
