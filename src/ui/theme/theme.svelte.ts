import { createContext } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';

export type ThemeChoice = 'auto' | 'light' | 'dark';

/** How the page looks to this person: theme, lecture size, single keys. Kept in this browser; nothing else is. */
export class Appearance {
	#systemDark = new MediaQuery('(prefers-color-scheme: dark)');
	theme = $state<ThemeChoice>(readChoice());
	lecture = $state(read('size') === 'lecture');
	/** Single-letter keys act (they can be switched off: speech input types letters). */
	keys = $state(read('keys') !== 'off');
	readonly dark = $derived(this.theme === 'auto' ? this.#systemDark.current : this.theme === 'dark');

	/** The other theme than the one in sight. */
	toggleTheme(): void {
		this.theme = this.dark ? 'light' : 'dark';
	}

	/** Writes the choices to the root element and this browser's storage. For an effect. */
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

// Storage may be blocked (private windows, embedded frames): the choice then lasts until the page is left.
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
