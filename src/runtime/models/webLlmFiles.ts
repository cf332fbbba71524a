/** Puts a whole model into WebLLM's cache, every file checked, because WebLLM does not check weights. */
import { hasConversation } from '#core/checkpoint/convert/conversation.ts';
import { AppError } from '#core/errors.ts';
import { configFromMlc } from '#core/model/config.ts';
import type { ModelConfig, ModelLibrary, ModelSource } from '#core/model/model.ts';
import { noLibrary } from '#core/model/noLibrary.ts';
import type { Progress } from '#core/ports.ts';
import { openFileCache, scopeOf, webLlmFolder, type FileCache } from './fileCache.ts';
import { libraryView, storedView } from './libraries/libraryView.ts';
import { viewedChat } from './libraries/viewedChat.ts';
import { loadLibrary } from './libraries/loadLibrary.ts';
import { loadPrebuilt } from './libraries/loadPrebuilt.ts';
import {
	CHAT_CONFIG,
	parseJson,
	TENSOR_CACHE,
	TOKENIZER,
	TOKENIZER_CONFIG,
	type TensorCache,
} from './manifest.ts';
import type { Extras } from './modelFiles.ts';
import { ModelFolder } from './modelFolder.ts';

export interface WebLlmFiles {
	config: ModelConfig;
	chatConfig: unknown;
	/** Folder address as WebLLM expects it; all files that WebLLM requests are in its cache. */
	folder: string;
	/** The compiled library, checked. */
	library: Uint8Array<ArrayBuffer>;
	/** Frees files that only WebLLM's loading needs; call it when WebLLM has read them. */
	release(): Promise<void>;
}

interface Request {
	source: ModelSource;
	/** LoRA rank of the records, for a library that leaves it open. */
	loraRank: number;
	onProgress: (progress: Progress) => void;
	signal: AbortSignal;
}

/**
 * @throws like `loadModelFiles`, AppError `webllm-no-library` and `webllm-no-chat`, those of `loadLibrary` and `loadPrebuilt`, and StorageError `model-cache-full`, because
 *   WebLLM reads only from its cache
 */
export async function prepareForWebLlm(request: Request, extras: Extras = {}): Promise<WebLlmFiles> {
	const { source, onProgress, signal } = request;
	const { library } = source;
	if (library === null) throw noLibrary(source.title);
	const folder = new ModelFolder(source, { ...extras, onProgress, signal, mustKeep: true });
	const tensorCache = await folder.open();
	const shards = tensorCache.records.map((shard) => shard.dataPath);
	const own = library.place === 'folder' ? [library.file, TENSOR_CACHE] : [];
	folder.plan([CHAT_CONFIG, TOKENIZER, ...own, ...shards]);
	const chatConfig = await folder.json(CHAT_CONFIG);
	if (!hasConversation(chatConfig)) throw irregularChat(source.title);
	const config = configFromMlc(chatConfig, CHAT_CONFIG);
	if (library.place === 'folder') {
		const bytes = await folder.bytes(library.file);
		await folder.each([TOKENIZER, TENSOR_CACHE, ...shards]);
		const address = webLlmFolder(new URL(source.url).href);
		return { config, chatConfig, folder: address, library: bytes, release: () => Promise.resolve() };
	}
	const cache = extras.cache ?? openFileCache();
	const options = {
		fetch: extras.fetch ?? ((...asked: Parameters<typeof fetch>) => fetch(...asked)),
		cache,
		signal,
		onBytes: () => undefined,
		...(extras.waits === undefined ? {} : { waits: extras.waits }),
	};
	const bytes =
		library.place === 'page'
			? await loadLibrary(library.compiled, options)
			: await loadPrebuilt(library.prebuilt, options);
	await folder.each(shards);
	const tokenizer = await folder.bytes(TOKENIZER);
	const tokenizerConfig = await folder.json(TOKENIZER_CONFIG);
	const view = { chatConfig, config, tensorCache, tokenizer, tokenizerConfig };
	const shown = await showView(request, library, view, cache);
	return { config, ...shown, folder: VIEW, library: bytes };
}

/** Folder of the files that are shown to WebLLM; one model is loaded at a time. `.invalid` (RFC 2606) has no server. */
const VIEW = 'https://view.anchorage.invalid/resolve/main/';

/** Serves every model of its sizes, so the folder has no file of it. */
type SharedLibrary = Exclude<ModelLibrary, { place: 'folder' }>;

interface Viewed {
	chatConfig: unknown;
	config: ModelConfig;
	tensorCache: TensorCache;
	tokenizer: Uint8Array<ArrayBuffer>;
	tokenizerConfig: unknown;
}

/** Holds the small files of a folder as the library reads it, in memory; its shards are those of the kept folder. */
async function showView(
	{ source, loraRank }: Request,
	library: SharedLibrary,
	{ chatConfig, config, tensorCache, tokenizer, tokenizerConfig }: Viewed,
	cache: FileCache,
): Promise<Pick<WebLlmFiles, 'chatConfig' | 'release'>> {
	const kept = webLlmFolder(new URL(source.url).href);
	const addressOf = (path: string): string => new URL(path, kept).href;
	const { tensorCache: viewed, zeros } =
		library.place === 'page'
			? libraryView(tensorCache, library.compiled.weights, {
					config,
					rank: library.compiled.loraRank === 'any' ? loraRank : library.compiled.loraRank,
					addressOf,
				})
			: storedView(tensorCache, addressOf);
	const tokenizerJson = parseJson(tokenizer, TOKENIZER);
	const limits = library.place === 'page' ? library.compiled : library.prebuilt;
	const chat = viewedChat({ chatConfig, tokenizerJson, tokenizerConfig }, config, limits);
	if (chat === null) throw irregularChat(source.title);
	const files = new Map([
		[CHAT_CONFIG, bytesOf(chat)],
		[TENSOR_CACHE, bytesOf(viewed)],
		[TOKENIZER, tokenizer],
	]);
	if (zeros !== null) files.set(zeros.path, new Uint8Array(zeros.bytes));
	for (const [path, bytes] of files) await cache.hold(scopeOf(path), VIEW + path, bytes);
	const release = async (): Promise<void> => {
		for (const path of files.keys()) await cache.remove(scopeOf(path), VIEW + path);
	};
	return { chatConfig: chat, release };
}

function bytesOf(json: unknown): Uint8Array<ArrayBuffer> {
	return new TextEncoder().encode(JSON.stringify(json));
}

function irregularChat(title: string): AppError {
	return new AppError(`The chat template of ${title} does not hold the user’s text once and unchanged.`, {
		code: 'webllm-no-chat',
		hint: 'WebLLM cannot build such chats. The compute engine answers with this model.',
	});
}
