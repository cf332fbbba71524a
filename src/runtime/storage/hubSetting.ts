/** The hub that the user set, in localStorage. If that is blocked, the setting lasts until the page is left. */
const NAME = 'anchorage-hub';
let unsaved: string | null = null;

export const hubSetting = {
	read(): string | null {
		try {
			return localStorage.getItem(NAME) ?? unsaved;
		} catch {
			return unsaved;
		}
	},
	write(value: string | null): void {
		unsaved = value;
		try {
			if (value === null) localStorage.removeItem(NAME);
			else localStorage.setItem(NAME, value);
		} catch {
			// See above.
		}
	},
};
