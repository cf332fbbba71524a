/** Locks that nobody else holds; new ones for each test, which may replace their methods. */
import type { AppPorts } from '#app/ports.ts';

export const freeLocks = (): AppPorts['locks'] => ({
	hold: () => Promise.resolve(() => undefined),
	held: () => Promise.resolve(new Set()),
	holdModel: () => () => undefined,
});
