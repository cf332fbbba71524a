/** Names of columns in one form: without case, and with any separators as one underscore. */

/** `User Prompt`, `user-prompt` and `userPrompt` are `user_prompt`. */
export function columnKey(name: string): string {
	return name
		.replace(/(\p{Ll})(\p{Lu})/gu, '$1_$2')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, '_')
		.replace(/^_+|_+$/g, '');
}
