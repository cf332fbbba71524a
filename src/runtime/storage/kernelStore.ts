/**
 * The measured kernel times and the user's kernel settings, in their own small database. The worker writes it
 * and reads it at every start. Losing it only costs a measurement, so a browser without storage is no error.
 */
import { type DBSchema, openDB } from 'idb';
import * as v from 'valibot';
import { EXACT_VARIANTS, type KernelSettings, type KernelTimes } from '#core/device/kernels.ts';
import type { KernelStore } from '#core/ports.ts';

export const KERNEL_DATABASE = 'anchorage-kernels';
const SETTINGS = 'settings';
const SettingsSchema = v.object({
	programs: v.picklist(['auto', ...EXACT_VARIANTS]),
	weights: v.picklist(['f32', 'f16']),
	// Absent in settings saved by older versions.
	arithmetic: v.optional(v.picklist(['f32', 'f16']), 'f32'),
});

interface Schema extends DBSchema {
	times: { key: string; value: KernelTimes };
	settings: { key: string; value: KernelSettings };
}

type KernelDatabase = Awaited<ReturnType<typeof open>>;

/** Null if the browser has no storage. */
async function use<T>(name: string, work: (database: KernelDatabase) => Promise<T>): Promise<T | null> {
	try {
		const database = await open(name);
		try {
			return await work(database);
		} finally {
			database.close();
		}
	} catch {
		return null;
	}
}

/** @param name of the database; tests pass their own */
export function browserKernelStore(name: string = KERNEL_DATABASE): KernelStore {
	return {
		times: async (device) => (await use(name, (database) => database.get('times', device))) ?? null,
		keepTimes: async (device, times) => {
			await use(name, (database) => database.put('times', times, device));
		},
		settings: async () => readSettings(await use(name, (database) => database.get('settings', SETTINGS))),
		keepSettings: async (settings) => {
			await use(name, (database) => database.put('settings', settings, SETTINGS));
		},
	};
}

/** The measured times of all devices. */
export async function readAllTimes(name: string = KERNEL_DATABASE): Promise<readonly KernelTimes[]> {
	return (await use(name, (database) => database.getAll('times'))) ?? [];
}

function open(name: string) {
	return openDB<Schema>(name, 1, {
		upgrade: (database) => {
			database.createObjectStore('times');
			database.createObjectStore('settings');
		},
	});
}

/** Ignores settings that this version does not know. */
function readSettings(kept: unknown): KernelSettings | null {
	const { success, output } = v.safeParse(SettingsSchema, kept);
	return success ? output : null;
}
