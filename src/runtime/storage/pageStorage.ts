/** The browser's storage for this page beside the runs: model files, measurements of the GPU, and settings. */
import { deleteDB } from 'idb';
import { guarded } from './failure.ts';
import { browserKernelStore, KERNEL_DATABASE, readAllTimes } from './kernelStore.ts';
import { removeStoredModel, removeStoredModels, storedModels, type StoredModel } from './modelStorage.ts';
import { onRefusal } from './refusals.ts';

/** Prefix of this page's entries in localStorage and sessionStorage; the latter can hold keys of endpoints. */
const SETTING = 'anchorage';

const sizeOf = (value: unknown): number => JSON.stringify(value ?? null).length;

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
	models: () => removeStoredModels(),
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
			{ id: 'models', bytes: (await storedModels()).reduce((sum, { bytes }) => sum + bytes, 0) },
			{ id: 'measurements', bytes: sizeOf(await measurements()) },
			{ id: 'settings', bytes: sizeOf(displaySettings()) },
		]);
	},

	/** The stored files of models, by model. */
	models: (): Promise<readonly StoredModel[]> => guarded('Measuring the stored models', () => storedModels()),

	/** Deletes the files of one model. */
	removeModel: (id: string): Promise<void> =>
		guarded('Deleting the stored model', () => removeStoredModel(id)),

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
