/** A fault of a value in the project's words. */
import type { BaseIssue } from 'valibot';

/** The message of a check, which has its own words; else what was expected and what is there. */
export function issueText({ kind, message, expected, received }: BaseIssue<unknown>): string {
	if (kind !== 'schema' || !message.startsWith('Invalid ')) return message;
	if (received === 'undefined') return 'it is missing';
	if (expected === null) return `${received} cannot be used here`;
	if (expected === 'never') return `no field has the name ${received}`;
	return `write ${readable(expected)}, not ${received}`;
}

/** `("linear" | "cosine")` → `"linear" or "cosine"` */
function readable(expected: string): string {
	const types: Readonly<Record<string, string>> = {
		number: 'a number',
		string: 'a text',
		boolean: 'true or false',
		Array: 'a list',
		Object: 'an object',
	};
	return types[expected] ?? expected.replace(/^\(|\)$/g, '').replaceAll(' | ', ' or ');
}
