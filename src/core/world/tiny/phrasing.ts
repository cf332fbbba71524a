/** Templates of one instruction, written and read back: `'List {} {}. Start with {}.'` has three slots. */
import type { Rng } from '../../math/rng.ts';

export interface Phrasing {
	/** Fills the slots of a random template, in order. */
	write(rng: Rng, ...slots: string[]): string;
	/**
	 * Returns the slots, trimmed, or null if no template fits. Tolerates case, spacing and a missing full stop.
	 */
	read(text: string): readonly string[] | null;
}

/** No prompt of the world is longer; the bound limits the patterns' cost on any input. */
const LONGEST_PROMPT = 300;

/** All templates must have their slots in the same order. */
export function phrasing(templates: readonly string[]): Phrasing {
	const patterns = templates.map(pattern);
	return {
		write: (rng, ...slots) => {
			let next = 0;
			return rng.pick(templates).replaceAll('{}', () => slots[next++] ?? '');
		},
		read: (text) => {
			const plain = text.trim().replace(/\s+/g, ' ');
			if (plain.length > LONGEST_PROMPT) return null;
			for (const each of patterns) {
				const match = each.exec(plain);
				if (match) return match.slice(1).map((slot) => slot.trim());
			}
			return null;
		},
	};
}

function pattern(template: string): RegExp {
	const body = template
		.replace(/[.!?]$/, '')
		.split('{}')
		.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
		.join('(.+?)');
	return new RegExp(`^${body} ?[.!?]?$`, 'i');
}
