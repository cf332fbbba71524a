/** The browser's storage for this page beside the runs: model files, measurements of the GPU, and settings. */
import { deleteDB } from 'idb';
import { guarded } from './failure.ts';
import { browserKernelStore, KERNEL_DATABASE, readAllTimes } from './kernelStore.ts';
import { onRefusal } from './refusals.ts';

/** Prefix of WebLLM's cache names. Other caches of the same address belong to other pages. */
const MODEL_CACHES = 'webllm/';
/** Prefix of this page's entries in localStorage and sessionStorage; the latter can hold keys of endpoints. */
const SETTING = 'anchorage';

const sizeOf = (value: unknown): number => JSON.stringify(value ?? null).length;

async function modelCaches(): Promise<readonly string[]> {
	const names =
		(await maybeCaches()
			?.keys()
			.catch(() => [])) ?? [];
	return names.filter((name) => name.startsWith(MODEL_CACHES));
}

/** Missing on plain http, although the types claim that it exists. */
function maybeCaches(): CacheStorage | undefined {
	return (globalThis as { caches?: CacheStorage }).caches;
}

/** By the length that the header gives, because reading the files would take as long as loading them. */
async function modelBytes(): Promise<number> {
	let bytes = 0;
	for (const name of await modelCaches()) {
		const cache = await caches.open(name);
		for (const request of await cache.keys()) {
			const response = await cache.match(request);
			const length = Number(response?.headers.get('content-length') ?? Number.NaN);
			bytes += Number.isFinite(length) ? length : ((await response?.blob())?.size ?? 0);
		}
	}
	return bytes;
}

function storages(): readonly Storage[] {
	// Some browsers throw at the mere mention in a private window.
	return [() => localStorage, () => sessionStorage].flatMap((get) => {
		try {
			return [get()];
		} catch {
			return [];
		}
	});
}

function ownKeys(storage: Storage): readonly string[] {
	return Object.keys(storage).filter((key) => key.startsWith(SETTING));
}

/** Settings of the page. Never those of sessionStorage, which can hold keys. */
function displaySettings(): Readonly<Record<string, string>> {
	try {
		return Object.fromEntries(ownKeys(localStorage).map((key) => [key, localStorage.getItem(key) ?? '']));
	} catch {
		return {};
	}
}

async function measurements() {
	return { kernels: await browserKernelStore().settings(), times: await readAllTimes() };
}

const REMOVERS = {
	models: async () => {
		for (const name of await modelCaches()) await caches.delete(name);
	},
	measurements: () => deleteDB(KERNEL_DATABASE),
	settings: () => {
		for (const storage of storages()) for (const key of ownKeys(storage)) storage.removeItem(key);
		return Promise.resolve();
	},
} as const;

export const pageStorage = {
	/** Null if the browser cannot be asked, as on plain http. */
	async persist(): Promise<boolean | null> {
		return (
			maybeManager()
				?.persist?.()
				.catch(() => null) ?? null
		);
	},

	async persisted(): Promise<boolean | null> {
		return (
			maybeManager()
				?.persisted?.()
				.catch(() => null) ?? null
		);
	},

	async parts(): Promise<readonly { id: keyof typeof REMOVERS; bytes: number }[]> {
		return guarded('Measuring the stored data', async () => [
			{ id: 'models', bytes: await modelBytes() },
			{ id: 'measurements', bytes: sizeOf(await measurements()) },
			{ id: 'settings', bytes: sizeOf(displaySettings()) },
		]);
	},

	async remove(id: keyof typeof REMOVERS): Promise<void> {
		await guarded(`Deleting the stored ${id}`, () => REMOVERS[id]());
	},

	async settings(): Promise<unknown> {
		return { display: displaySettings(), gpu: await measurements() };
	},

	onRefusal,
};

function maybeManager(): Partial<StorageManager> | undefined {
	return (navigator as { storage?: StorageManager }).storage;
}
