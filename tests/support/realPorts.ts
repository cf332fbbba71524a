/** The page's ports in Node with kept models: the real keeper, and the engine that reads from its cache. */
import type { FileCache } from '#runtime/models/fileCache.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { KeptStore } from '#runtime/models/kept/keptStore.ts';
import { nodePorts, type NodePorts } from './nodePorts.ts';

/** @param cache where models are kept */
export function realPorts(cache: FileCache): NodePorts {
	return nodePorts(
		{ cache },
		{
			models: new LocalModelKeeper({ cache }),
			catalogue: {
				list: async () => (await new KeptStore(cache).shelf()).kept.map(({ source }) => source),
				libraries: () => Promise.resolve([]),
			},
		},
	);
}
