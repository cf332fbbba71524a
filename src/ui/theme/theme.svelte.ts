import { createContext } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';
import { isLecture, writeLecture } from './lecture.ts';

export type ThemeChoice = 'auto' | 'light' | 'dark';

/** The user's display settings. Theme and single keys are stored in this browser; lecture is in the page's address. */
export class Appearance {
	#systemDark = new MediaQuery('(prefers-color-scheme: dark)');
	theme = $state<ThemeChoice>(readChoice());
	/** Large type, controls folded. */
	lecture = $state(isLecture(location.search));
	/** True if single-letter keys are commands; speech input types letters, so the user can switch this off. */
	keys = $state(read('keys') !== 'off');
	readonly dark = $derived(this.theme === 'auto' ? this.#systemDark.current : this.theme === 'dark');

	/** Switches to the theme that is not visible now. */
	toggleTheme(): void {
		this.theme = this.dark ? 'light' : 'dark';
	}

	/** For an effect: writes the settings to the root element, the browser's storage and the address. */
	apply(root: HTMLElement): void {
		if (this.theme === 'auto') delete root.dataset['theme'];
		else root.dataset['theme'] = this.theme;
		if (this.lecture) root.dataset['size'] = 'lecture';
		else delete root.dataset['size'];
		write('theme', this.theme);
		writeLecture(window, this.lecture);
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
