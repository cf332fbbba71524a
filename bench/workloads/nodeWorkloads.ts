/** The page's workloads in Node, from the files on disk, for the peers outside the page. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { at } from '#core/math/at.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { loadModelFiles, type ModelFiles } from '#runtime/models/modelFiles.ts';
import type { WorkloadName } from '../page/page.ts';
import { cellPrompts, recipeWorkload, type CellPrompts } from './recipeWorkload.ts';
import { stepWorkload } from './stepWorkload.ts';
import type { Workload } from './workload.ts';

const fromDisk = async (address: string): Promise<Response> =>
	new Response(await readFile(fileURLToPath(address)));

/** @param root the project's folder */
export async function nodeWorkload(name: WorkloadName, root: string): Promise<Workload> {
	return name === 'step' ? stepWorkload() : recipeWorkload(await embeddedModel(root));
}

/** A whole run of the default recipe: its steps, and its prompts for sampling and evaluation. */
export async function nodeCell(root: string): Promise<{ workload: Workload; prompts: CellPrompts }> {
	const files = await embeddedModel(root);
	const prompts = cellPrompts(files);
	return { workload: await recipeWorkload(files, prompts.steps), prompts };
}

async function embeddedModel(root: string): Promise<ModelFiles> {
	const source = at(await modelCatalogue(pathToFileURL(`${root}/public/`).href, fromDisk).list(), 0);
	const never = new AbortController().signal;
	return loadModelFiles(source, () => undefined, never, { fetch: fromDisk });
}
