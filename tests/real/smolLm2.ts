/** SmolLM2-135M-Instruct on the page's own way: a GGUF file is kept as a folder, and loaded from there. */
import { openAsBlob } from 'node:fs';
import { ComputeModel } from '#compute/computeModel.ts';
import type { KeptModel, ModelPlace } from '#core/model/keeper.ts';
import type { Device } from '#engine/device.ts';
import { openFileCache, type FileCache } from '#runtime/models/fileCache.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { loadModelFiles } from '#runtime/models/modelFiles.ts';
import { Caches } from '#tests/unit/runtime/models/caches.ts';
import { smolLm2File } from './files.ts';

/** The form of the file, by its name. */
export const FORM = 'Q4_1';

export async function smolLm2Place(): Promise<ModelPlace> {
	const path = smolLm2File();
	const file = await openAsBlob(path);
	return { kind: 'disk', files: [{ path: path.slice(path.lastIndexOf('/') + 1), file }] };
}

export async function keepSmolLm2(): Promise<{ kept: KeptModel; cache: FileCache }> {
	const cache = openFileCache(new Caches());
	const keeper = new LocalModelKeeper({ cache });
	return { kept: await keeper.keep(await smolLm2Place(), FORM, () => undefined).finished, cache };
}

export async function loadSmolLm2(kept: KeptModel, cache: FileCache, device: Device): Promise<ComputeModel> {
	const never = new AbortController().signal;
	return ComputeModel.load(await loadModelFiles(kept.source, () => undefined, never, { cache }), device);
}
