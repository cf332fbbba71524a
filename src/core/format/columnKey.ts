/** Names of columns in one form: without case, and with any separators as one underscore. */

/** Keys of names so far: the rows of a file have the same names. */
const known = new Map<string, string>();
const MOST_KNOWN = 1000;

/** `User Prompt`, `user-prompt` and `userPrompt` are `user_prompt`. */
export function columnKey(name: string): string {
	const before = known.get(name);
	if (before !== undefined) return before;
	const key = name
		.replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, '_')
		.replace(/^_|_$/g, '');
	if (known.size < MOST_KNOWN) known.set(name, key);
	return key;
}

/** Words that may be beside a known name: `prompt_text`, `userQuestion`, “Test prompt”. */
const QUALIFIERS: ReadonlySet<string> = new Set([
	...['text', 'content', 'string', 'column', 'body', 'value', 'user', 'human', 'input', 'full', 'original'],
	...['raw', 'final', 'test', 'eval', 'train', 'english', 'en'],
]);

/** The key without the usual words beside a name; whole if all its words are such. */
export function bareKey(name: string): string {
	const all = columnKey(name).split('_');
	const rest = all.filter((word) => !QUALIFIERS.has(word));
	return (rest.length === 0 ? all : rest).join('_');
}
