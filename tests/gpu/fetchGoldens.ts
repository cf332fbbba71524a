/** Golden files in a browser: fetched once from the test server, then read like files. */
import type { ReadGolden } from '#tests/golden/goldenModel.ts';

const FOLDER = '../golden/data/';
const ADDRESSES = import.meta.glob<string>(
	['../golden/data/*-llama/**/*', '../golden/data/trace-llama.json', '../golden/data/quantised/*.json'],
	{
		query: '?url',
		import: 'default',
	},
);

/** @param paths inside tests/golden/data, of the llama and the quantised goldens */
export async function fetchGoldens(paths: readonly string[]): Promise<ReadGolden> {
	const files = new Map(
		await Promise.all(
			paths.map(async (path): Promise<[string, Uint8Array]> => {
				const address = await ADDRESSES[FOLDER + path]?.();
				if (address === undefined) throw new Error(`${path} is not among the goldens.`);
				const reply = await fetch(address);
				if (!reply.ok) throw new Error(`The test server has no ${path}: ${reply.status}.`);
				return [path, new Uint8Array(await reply.arrayBuffer())];
			}),
		),
	);
	return (path) => {
		const bytes = files.get(path);
		if (bytes === undefined) throw new Error(`${path} was not fetched.`);
		return bytes;
	};
}
