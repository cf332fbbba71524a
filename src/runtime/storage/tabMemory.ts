/** What lives as long as the tab (sessionStorage). Where the browser blocks it, reading finds nothing and writing keeps nothing. */
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
			// Blocked or full: what was to be kept lasts until the reload, and nothing else is lost.
		}
	},
};
