import { createContext } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';

export type ThemeChoice = 'auto' | 'light' | 'dark';

/** The user's display settings: theme, lecture size, single keys. Stored in this browser. */
export class Appearance {
	#systemDark = new MediaQuery('(prefers-color-scheme: dark)');
	theme = $state<ThemeChoice>(readChoice());
	lecture = $state(read('size') === 'lecture');
	/** True if single-letter keys are commands; speech input types letters, so the user can switch this off. */
	keys = $state(read('keys') !== 'off');
	readonly dark = $derived(this.theme === 'auto' ? this.#systemDark.current : this.theme === 'dark');

	/** Switches to the theme that is not visible now. */
	toggleTheme(): void {
		this.theme = this.dark ? 'light' : 'dark';
	}

	/** For an effect: writes the settings to the root element and the browser's storage. */
	apply(root: HTMLElement): void {
		if (this.theme === 'auto') delete root.dataset['theme'];
		else root.dataset['theme'] = this.theme;
		if (this.lecture) root.dataset['size'] = 'lecture';
		else delete root.dataset['size'];
		write('theme', this.theme);
		write('size', this.lecture ? 'lecture' : 'normal');
		write('keys', this.keys ? 'on' : 'off');
	}
}

function readChoice(): ThemeChoice {
	const stored = read('theme');
	return stored === 'light' || stored === 'dark' ? stored : 'auto';
}

// If storage is blocked (private windows, embedded frames), the setting lasts until the page is left.
function read(name: string): string | null {
	try {
		return localStorage.getItem(`anchorage-${name}`);
	} catch {
		return null;
	}
}
function write(name: string, value: string): void {
	try {
		localStorage.setItem(`anchorage-${name}`, value);
	} catch {
		// See read().
	}
}

export const [useAppearance, provideAppearance, hasAppearance] = createContext<Appearance>();
