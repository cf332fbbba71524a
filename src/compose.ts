/**
 * The concrete adapters behind the app's ports, for both composition roots. Heavy parts load on first use.
 */
import type { ModelSource, OpenedModel } from '#core/model/model.ts';
import type { ChatModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import { reviserKind } from '#core/recipe/reviserKind.ts';
import type { AppPorts } from '#app/ports.ts';
import { modelCatalogue } from '#runtime/models/catalogue.ts';
import { digestOf } from '#runtime/models/digest.ts';
import { chosenFiles } from '#runtime/models/disk/diskModel.ts';
import { droppedFiles } from '#runtime/models/disk/droppedFiles.ts';
import { embeddedModel, findEmbeddedEndpoint } from '#runtime/endpoint/inPage.ts';
import { listModels } from '#runtime/endpoint/modelList.ts';
import { openAiChatModel } from '#runtime/endpoint/openaiChat.ts';
import { newId } from '#runtime/newId.ts';
import { BrowserGridStore } from '#runtime/storage/gridStore.ts';
import { hubSetting } from '#runtime/storage/hubSetting.ts';
import { fetchLinkedRunFile } from '#runtime/storage/linkedRunFile.ts';
import { pageStorage } from '#runtime/storage/pageStorage.ts';
import { fetchRecordedRun } from '#runtime/storage/recordedRun.ts';
import { runLocks } from '#runtime/storage/runLocks.ts';
import { openRunStore } from '#runtime/storage/runStore.ts';
import { BrowserSetStore } from '#runtime/storage/setStore.ts';
import { tabMemory } from '#runtime/storage/tabMemory.ts';
import { WebLlmTargetModel } from '#runtime/webllm/targetModel.ts';
import { ComputeClient } from '#worker/client.ts';
import { ModelsClient } from '#worker/modelsClient.ts';
import { RowsClient } from '#worker/rowsClient.ts';
import { readInThread } from '#worker/runFileReader.ts';

/**
 * @param pageUrl the page's address: the models and the embedded endpoint are beside it
 * @param threads most threads of the compute engine without a GPU; null leaves the choice to the engine
 */
export function composePorts(pageUrl: string, threads: number | null = null): AppPorts {
	return {
		newTarget: () => new WebLlmTargetModel(startWebLlm),
		newCompute: () => startCompute(threads),
		rowReader: new RowsClient(startRows),
		models: new ModelsClient(startModels),
		hubSetting,
		diskFiles: { chosen: chosenFiles, dropped: droppedFiles },
		reviser: (settings, key) => reviserOf(pageUrl, settings, key),
		offeredModels: (endpoint, key, signal, onSent) => listModels(endpoint, key ?? '', signal, { onSent }),
		store: openRunStore(),
		sets: new BrowserSetStore(),
		grids: new BrowserGridStore(),
		storage: pageStorage,
		locks: runLocks,
		catalogue: modelCatalogue(pageUrl),
		openModel,
		readRunFile: (bytes, source) => readInThread(startRunFileReader, bytes, source),
		recordedRun: (file) => fetchRecordedRun(pageUrl, file),
		linkedRunFile: (address, signal, onProgress) => fetchLinkedRunFile(address, signal, onProgress),
		secure: pageUrl.startsWith('https:'),
		sha256: (bytes) => digestOf('sha256', bytes),
		clock: { now: () => performance.now(), date: () => new Date().toISOString() },
		frame: onFrame,
		newId,
		versions: __VERSIONS__,
		tabMemory,
	};
}

async function openModel(source: ModelSource): Promise<OpenedModel> {
	const { loadModelFiles } = await import('#runtime/models/modelFiles.ts');
	return loadModelFiles(source, () => undefined, new AbortController().signal);
}

function startWebLlm(): Worker {
	return new Worker(new URL('./worker/webllm.worker.ts', import.meta.url), {
		type: 'module',
		name: 'webllm',
	});
}

function startRunFileReader(): Worker {
	return new Worker(new URL('./worker/runFile.worker.ts', import.meta.url), {
		type: 'module',
		name: 'run-file',
	});
}

function startCompute(threads: number | null): ComputeClient {
	const worker = new Worker(new URL('./worker/compute.worker.ts', import.meta.url), {
		type: 'module',
		name: threads === null ? 'compute' : `compute-${threads}`,
	});
	return new ComputeClient(worker, () => worker.terminate());
}

function startRows(): Worker {
	return new Worker(new URL('./worker/rows.worker.ts', import.meta.url), { type: 'module', name: 'rows' });
}

function startModels(): Worker {
	return new Worker(new URL('./worker/models.worker.ts', import.meta.url), {
		type: 'module',
		name: 'models',
	});
}

function reviserOf(pageUrl: string, settings: Recipe['reviser'], key: string | null): ChatModel {
	if (reviserKind(settings) === 'endpoint') {
		return openAiChatModel({ baseUrl: settings.endpoint, apiKey: key ?? '', model: settings.model });
	}
	// The first request finds out whether the server has the reviser.
	let found: Promise<ChatModel> | undefined;
	return {
		id: settings.model,
		complete: async (request, signal, onText) => {
			found ??= findEmbeddedEndpoint(pageUrl, signal).then((endpoint) =>
				embeddedModel(endpoint, settings.model),
			);
			return (await found).complete(request, signal, onText);
		},
	};
}

/** A hidden page paints no frames, but its run continues. */
function onFrame(callback: () => void): void {
	if (document.hidden) setTimeout(callback, 16);
	else requestAnimationFrame(callback);
}
