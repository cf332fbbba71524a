/** Removes the thinking of a reasoning model from a reply: it may hold drafts, and is no reply. */

const NAMES =
	'think|thinking|thoughts?|reasoning|reason|reflection|analysis|scratchpad|inner_?monologue|deliberation|cot|seed:think';
/** `<think>`, `<|think|>`, `◁think▷` and `[THINK]` with their closing forms. */
const TAG = new RegExp(
	String.raw`(?:<\|?|◁)(?<close>/?)(?:${NAMES})(?:[ \t][^<>\n]{0,60})?(?:\|?>|▷)|\[(?<closed>/?)think(?:ing)?\]`,
	'gi',
);
/** Channels of the harmony format: only the final one is the reply. */
const FINAL_CHANNEL = /<\|channel\|>[ \t]*final[^<>\n]{0,40}<\|message\|>/gi;
const CHANNEL = /<\|channel\|>/i;

function finalChannel(reply: string): string {
	if (!CHANNEL.test(reply)) return reply;
	const final = [...reply.matchAll(FINAL_CHANNEL)].at(-1);
	return final === undefined ? '' : reply.slice(final.index + final[0].length);
}

function isClosing({ groups }: RegExpExecArray): boolean {
	return groups?.['close'] === '/' || groups?.['closed'] === '/';
}

/**
 * The reply without its thinking. An opening tag without its closing tag hides the rest; a closing tag without
 * its opening tag hides all before it. Tags that the original has too are part of the answer, except at the
 * start of the reply.
 */
export function withoutThinking(reply: string, original: string): string {
	const text = finalChannel(reply);
	const known = new Set(Array.from(original.matchAll(TAG), ([tag]) => tag.toLowerCase()));
	const first = text.search(/\S/);
	const kept: string[] = [];
	let depth = 0;
	let end = 0;
	for (const match of text.matchAll(TAG)) {
		const leads = match.index === first;
		if (known.has(match[0].toLowerCase()) && !leads && depth === 0) continue;
		if (isClosing(match)) {
			if (depth === 0) kept.length = 0;
			depth = Math.max(0, depth - 1);
		} else {
			if (depth === 0) kept.push(text.slice(end, match.index));
			depth++;
		}
		end = match.index + match[0].length;
	}
	if (depth === 0) kept.push(text.slice(end));
	return kept.join('');
}
