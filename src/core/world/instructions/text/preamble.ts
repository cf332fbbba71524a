/** Words around an answer: “Sure! Here is a description of the sea:”. */
import { joined, sentencesOf } from './sentences.ts';

const OPENING =
	/^(?:sure|certainly|of course|absolutely|okay|ok|alright|great|no problem|here(?:['’]s| is| are)|as requested|to add to)\b/i;

/** The text without an opening line or sentence that only announces the answer. */
export function withoutPreamble(text: string): string {
	const trimmed = text.trim();
	const line = trimmed.split('\n', 1)[0] ?? '';
	const rest = trimmed.slice(line.length).trim();
	if (rest !== '' && (OPENING.test(line) || line.trim().endsWith(':'))) return withoutPreamble(rest);
	const [first, ...others] = sentencesOf(line);
	if (first && others.length > 0 && OPENING.test(first.text) && first.text.length < 80)
		return withoutPreamble(`${joined(others)}\n${rest}`);
	const colon = OPENING.test(line) ? line.indexOf(': ') : -1;
	return colon < 0 ? trimmed : `${line.slice(colon + 2)}\n${rest}`.trim();
}
