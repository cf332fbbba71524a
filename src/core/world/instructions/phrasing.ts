/**
 * Phrasings of an instruction, written and read back. A template holds one slot for the request, `{request}` or
 * `{Request}` (with a capital), and the slots of the family: `{Request} in at most {n} words.`
 */

export interface Phrasing {
	write(slots: Slots): string;
	/** The slots, the request in lower case; null if the text does not have this form. */
	read(text: string): Slots | null;
}

/** The request and the family's own slots, by name. */
export type Slots = Readonly<Record<string, string>>;

const SLOT = /\{(\w+)\}/g;

/** @param choices the texts that a slot can have, by name; another slot can have any text */
export function phrasing(
	template: string,
	choices: Readonly<Record<string, readonly string[]>> = {},
): Phrasing {
	const names = [...template.matchAll(SLOT)].map((match) => match[1] ?? '');
	const pieces = template.split(/\{\w+\}/);
	const head = pieces[0] ?? '';
	const tail = pieces.at(-1) ?? '';
	const slot = (name = ''): string => (choices[name] ? `(${choices[name].map(escaped).join('|')})` : '(.+?)');
	const pattern = new RegExp(
		`^${pieces.map((piece, i) => escaped(piece) + (i < names.length ? slot(names[i]) : '')).join('')}$`,
	);
	return {
		write: (slots) => template.replace(SLOT, (_slot, name: string) => value(slots, name)),
		read: (text) => {
			if (!text.startsWith(head) || !text.endsWith(tail)) return null;
			const match = pattern.exec(text);
			if (match === null) return null;
			return Object.fromEntries(names.map((name, i) => readSlot(name, match[i + 1] ?? '')));
		},
	};
}

function value(slots: Slots, name: string): string {
	return name === 'Request' ? upperFirst(slots['request'] ?? '') : (slots[name] ?? '');
}

function readSlot(name: string, text: string): [string, string] {
	return name === 'Request' ? ['request', lowerFirst(text)] : [name, text];
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
