/** A model on the user's own server: the address of a GGUF file, or of a folder whose files have their usual names. */
import { formIds } from '#core/checkpoint/formIds.ts';
import { expectForms, type ListedPath } from '#core/checkpoint/modelForms.ts';
import { Cancelled, FormatError } from '#core/errors.ts';
import { isRecord } from '#core/format/record.ts';
import { at } from '#core/math/at.ts';
import { download } from '../download.ts';
import { discard, expectFile, send, type Fetch } from '../http/request.ts';
import { CHAT_CONFIG, parseJson, TENSOR_CACHE, UNKNOWN } from '../manifest.ts';
import { versionOf } from '../transfer/answer.ts';
import type { RemoteFile } from '../transfer/remoteFile.ts';
import type { OpenPlace } from './place.ts';
import { rangeSource } from './rangeSource.ts';

const INDEX = 'model.safetensors.index.json';
/** Names to ask for; a server of files has no list that a page can read. */
const NAMES = [
	CHAT_CONFIG,
	TENSOR_CACHE,
	'config.json',
	'generation_config.json',
	'tokenizer.json',
	'tokenizer_config.json',
	'chat_template.jinja',
	'model.safetensors',
	INDEX,
];
const MOST_FILES = 1000;

/** True for addresses of files and folders on other servers than hubs. */
export function isServerAddress(text: string): boolean {
	if (!/^https?:\/\//i.test(text.trim()) || !URL.canParse(text.trim())) return false;
	const { pathname, host } = new URL(text.trim());
	if (host === 'huggingface.co' || host === 'hf.co' || /\/(?:resolve|blob|raw|tree)\//.test(pathname))
		return false;
	return /(?:\/|\.gguf|\.safetensors|\/[\w-]{1,80}\.json)$/i.test(pathname);
}

/**
 * @param text the file's address, or the folder's with a slash at the end, or one of a file in it
 * @throws RemoteError `model-unreachable`, `model-refused`; FormatError `model-form-unknown`
 */
export async function serverPlace(text: string, fetch: Fetch, signal: AbortSignal): Promise<OpenPlace> {
	const url = new URL(text.trim());
	url.hash = '';
	const isGguf = /\.gguf$/i.test(url.pathname);
	const folder = new URL('.', url).href;
	const file = at(url.pathname.split('/'), -1 + url.pathname.split('/').length);
	const files = isGguf
		? await sized([decodeURIComponent(file)], folder, fetch, signal)
		: await filesOf(folder, fetch, signal);
	const address = isGguf ? url.href : folder;
	const forms = expectForms(files, address);
	const byPath = new Map(files.map((one) => [one.path, one]));
	return {
		title: isGguf ? decodeURIComponent(file) : nameOf(folder),
		origin: { place: 'server', address },
		address,
		license: null,
		forms: formIds(forms),
		wanted: null,
		peek: (path) => {
			const found = byPath.get(path);
			if (found === undefined) throw missing(path, address);
			return rangeSource(found, fetch, undefined);
		},
		remote: { files: (form) => form.paths.flatMap((path) => byPath.get(path) ?? []) },
	};
}

async function filesOf(folder: string, fetch: Fetch, signal: AbortSignal): Promise<readonly RemoteFile[]> {
	const usual = await sized(NAMES, folder, fetch, signal);
	const has = (name: string): boolean => usual.some(({ path }) => path === name);
	const read = async (name: string): Promise<unknown> => {
		const options = { fetch, signal, onBytes: () => undefined, expected: UNKNOWN };
		const bytes = await download(folder + name, options);
		return bytes === null ? null : parseJson(bytes, folder + name);
	};
	const named = [
		...(has(INDEX) ? weightFiles(await read(INDEX)) : []),
		...(has(TENSOR_CACHE) ? shardFiles(await read(TENSOR_CACHE)) : []),
	];
	return [...usual, ...(await sized([...new Set(named)].slice(0, MOST_FILES), folder, fetch, signal))];
}

function weightFiles(index: unknown): string[] {
	const map = isRecord(index) ? index['weight_map'] : null;
	return isRecord(map) ? Object.values(map).filter(isName) : [];
}

function shardFiles(cache: unknown): string[] {
	const records: unknown = isRecord(cache) ? cache['records'] : null;
	const shards: readonly unknown[] = Array.isArray(records) ? records : [];
	return shards.flatMap((shard) => (isRecord(shard) && isName(shard['dataPath']) ? [shard['dataPath']] : []));
}

const isName = (value: unknown): value is string =>
	typeof value === 'string' && /^[\w.-]{1,200}$/.test(value);

/** The files that the server has, with their sizes. */
async function sized(
	names: readonly string[],
	folder: string,
	fetch: Fetch,
	signal: AbortSignal,
): Promise<readonly RemoteFile[]> {
	const found = await Promise.all(
		names.map((name) => head(folder + encodeURIComponent(name), name, fetch, signal)),
	);
	return found.filter((file) => file !== null);
}

async function head(
	address: string,
	path: string,
	fetch: Fetch,
	signal: AbortSignal,
): Promise<(RemoteFile & ListedPath) | null> {
	const response = await send(fetch, address, {
		method: 'HEAD',
		signal,
		credentials: 'omit',
		referrerPolicy: 'no-referrer',
	}).catch((error: unknown) => {
		throw signal.aborted ? new Cancelled() : error;
	});
	discard(response);
	if (response.status === 404 || response.status === 410) return null;
	expectFile(address, response);
	const size = Number(response.headers.get('content-length') ?? Number.NaN);
	if (!Number.isSafeInteger(size) || size < 0) throw noLength(address);
	const version = versionOf(response);
	return { path, address, size, digest: null, ...(version === null ? {} : { version }) };
}

const nameOf = (folder: string): string =>
	decodeURIComponent(folder.split('/').findLast((part) => part !== '') ?? folder);

function missing(path: string, address: string): FormatError {
	return new FormatError(`${address} has no ${path}.`, {
		code: 'model-file-missing',
		hint: 'Copy all files of the model to the server.',
		context: { path, address },
	});
}

function noLength(address: string): FormatError {
	return new FormatError(`${address} does not say how long it is (Content-Length).`, {
		code: 'model-no-length',
		hint: 'Let the server send files without compressing them, or download the file and open it from disk.',
		context: { address },
	});
}
