/** The page's ports in Node with the embedded model. */
import { readFile } from 'node:fs/promises';
import { SOURCE } from './fakes.ts';
import { nodePorts, type NodePorts } from './nodePorts.ts';

/** Answers requests for the page's own model from its folder. */
export const fetchAnchor: typeof fetch = async (url) => {
	const name = new URL(url instanceof Request ? url.url : url).pathname.split('/').at(-1) ?? '';
	return new Response(await readFile(new URL(`../../public/models/anchor-1m/${name}`, import.meta.url)));
};

export function anchorPorts(): NodePorts {
	return nodePorts(
		{ fetch: fetchAnchor },
		{
			catalogue: {
				list: () => Promise.resolve([{ ...SOURCE, url: 'https://models.test/anchor-1m/' }]),
				libraries: () => Promise.resolve([]),
			},
		},
	);
}
