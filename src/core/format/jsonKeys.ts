import { stringEnd } from './json.ts';

/**
 * A key that a JSON object has twice, or null. `JSON.parse` keeps the last of them without a word.
 *
 * @param text a valid JSON object; only its own keys count, not those of inner objects
 */
export function repeatedKey(text: string): string | null {
	const seen = new Set<string>();
	let depth = 0;
	let string = '';
	for (let i = 0; i < text.length; i++) {
		const character = text[i];
		if (character === '"') {
			const end = stringEnd(text, i);
			if (depth === 1) string = text.slice(i, end);
			i = end - 1;
		} else if (character === '{' || character === '[') depth++;
		else if (character === '}' || character === ']') depth--;
		else if (character === ':' && depth === 1) {
			const key = JSON.parse(string) as string;
			if (seen.has(key)) return key;
			seen.add(key);
		}
	}
	return null;
}
