/** sessionStorage: lives as long as the tab. If it is blocked, `read` returns null and `write` is lost. */
export const tabMemory = {
	read(name: string): string | null {
		try {
			return sessionStorage.getItem(name);
		} catch {
			return null;
		}
	},
	write(name: string, value: string | null): void {
		try {
			if (value === null) sessionStorage.removeItem(name);
			else sessionStorage.setItem(name, value);
		} catch {
			// Blocked or full: the value is lost at the next reload; nothing else is affected.
		}
	},
};
