/** The page's workloads in Node, from the files on disk, for the peers outside the page. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { at } from '#core/math/at.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import type { WorkloadName } from '../page/page.ts';
import { recipeWorkload } from './recipeWorkload.ts';
import { stepWorkload } from './stepWorkload.ts';
import type { Workload } from './workload.ts';

const fromDisk = async (address: string): Promise<Response> =>
	new Response(await readFile(fileURLToPath(address)));

/** @param root the project's folder */
export async function nodeWorkload(name: WorkloadName, root: string): Promise<Workload> {
	if (name === 'step') return stepWorkload();
	const source = at(await modelCatalogue(pathToFileURL(`${root}/public/`).href, fromDisk).list(), 0);
	const never = new AbortController().signal;
	return recipeWorkload(await loadModelFiles(source, () => undefined, never, { fetch: fromDisk }));
}
