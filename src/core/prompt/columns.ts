/** Columns of a row and what their names say about their content. */
import { columnKey } from '../format/columnKey.ts';
import { isInvisible } from '../format/visible.ts';

/** The columns of a row that hold something: null, undefined and absent are the same. */
export class Columns {
	readonly #values = new Map<string, unknown>();
	/** Names as the file has them. */
	readonly names: readonly string[];

	/** @param row an object, or its entries in order; of columns with one name the first counts */
	constructor(row: object | readonly (readonly [string, unknown])[]) {
		const entries = Array.isArray(row)
			? (row as readonly (readonly [string, unknown])[])
			: Object.entries(row);
		const given = entries.filter(([, value]) => value !== null && value !== undefined);
		this.names = given.map(([name]) => name);
		for (const [name, value] of given) {
			const key = columnKey(name);
			if (!this.#values.has(key)) this.#values.set(key, value);
		}
	}

	get(key: string): unknown {
		return this.#values.get(columnKey(key));
	}

	/** The first of the columns that holds something; a column of spaces counts only if no other holds more. */
	first(keys: readonly string[]): { key: string; value: unknown } | undefined {
		const found = keys
			.filter((key) => this.#values.has(key))
			.map((key) => ({ key, value: this.#values.get(key) }));
		return found.find(({ value }) => !isBlank(value)) ?? found[0];
	}

	/** For messages: “a”, “b”. */
	get list(): string {
		return this.names.length === 0 ? 'no columns' : this.names.map((name) => `“${name}”`).join(', ');
	}
}

export const isBlank = (value: unknown): boolean => typeof value === 'string' && isInvisible(value);

/** Columns that hold the user's request, best first. */
export const REQUEST_COLUMNS: readonly string[] = [
	...[
		'prompt',
		'instruction',
		'instructions',
		'question',
		'query',
		'messages',
		'conversations',
		'conversation',
	],
	...[
		'chat',
		'user',
		'human',
		'user_prompt',
		'user_message',
		'user_input',
		'input',
		'text',
		'problem',
		'task',
		'request',
	],
	...['prompts', 'questions', 'content'],
];

export const REQUEST_KEYS: ReadonlySet<string> = new Set(REQUEST_COLUMNS);

/** Columns whose text follows the request: Alpaca's `input`, Dolly's `context`. */
export const ADDITION_COLUMNS: readonly string[] = ['input', 'context', 'passage'];
/** Requests that such a column completes; beside a prompt it has another use. */
export const ADDABLE_COLUMNS: ReadonlySet<string> = new Set([
	'instruction',
	'instructions',
	'question',
	'query',
	'task',
]);

/** Columns with the system message. */
export const SYSTEM_COLUMNS: readonly string[] = ['system', 'system_prompt', 'system_message'];
