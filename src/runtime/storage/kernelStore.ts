/**
 * What this machine keeps of its GPU's programs, in a small database of its own: it is written by the worker, read at every start,
 * and losing it costs a measurement, so a browser that keeps nothing is no fault.
 */
import { type DBSchema, openDB } from 'idb';
import { KERNEL_VARIANTS, type KernelSetting, type KernelTimes } from '#core/run/kernels.ts';
import type { KernelStore } from '#core/ports.ts';

export const KERNEL_DATABASE = 'anchorage-kernels';
const SETTING = 'setting';

interface Schema extends DBSchema {
	times: { key: string; value: KernelTimes };
	settings: { key: string; value: string };
}

/** @param name of the database; a test gives its own */
export function browserKernelStore(name: string = KERNEL_DATABASE): KernelStore {
	const use = async <T>(
		work: (database: Awaited<ReturnType<typeof open>>) => Promise<T>,
	): Promise<T | null> => {
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
	};
	return {
		times: async (device) => (await use((database) => database.get('times', device))) ?? null,
		keepTimes: async (device, times) => {
			await use((database) => database.put('times', times, device));
		},
		setting: async () => readSetting(await use((database) => database.get('settings', SETTING))),
		keepSetting: async (setting) => {
			await use((database) => database.put('settings', setting, SETTING));
		},
	};
}

function open(name: string) {
	return openDB<Schema>(name, 1, {
		upgrade: (database) => {
			database.createObjectStore('times');
			database.createObjectStore('settings');
		},
	});
}

/** A name that this version does not know is as good as none. */
function readSetting(kept: unknown): KernelSetting | null {
	return (['auto', ...KERNEL_VARIANTS] as const).find((setting) => setting === kept) ?? null;
}
