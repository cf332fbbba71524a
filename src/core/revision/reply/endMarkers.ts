/** Cuts signs that mark the end of an answer: special tokens of chat templates, and lines such as `[END]`. */
import { hasWords, sharedPart } from './likeness.ts';
import type { Unwrap } from './wrapping.ts';

/** Special tokens of chat templates. HTML tags have no underscore, and `<s>` with its `</s>` strikes text out. */
const TOKEN = new RegExp(
	[
		String.raw`<[|｜][^<>\n]{1,60}[|｜]>`,
		String.raw`</?(?:start|end|begin)[_▁]?of[_▁][a-z_▁]{1,30}>`,
		String.raw`<(?:eos|bos|eot|eom|pad|unk|sep|cls|mask|eod|endoftext|im_end|im_start|eot_id|end|EOS_TOKEN)>`,
		String.raw`\[/?(?:INST|SYS|EOS|BOS|END|DONE|SEP|PAD|CLS|STOP|EOT|EOD)\]`,
		String.raw`<</?SYS>>`,
		String.raw`</?s>`,
		String.raw`<(?:0x[0-9A-F]{2})>`,
	].join('|'),
	'gi',
);

/** Cuts the text at the first special token, and removes the tokens in front of it. */
export const withoutTokens: Unwrap = (text, original) => {
	const lower = original.text.toLowerCase();
	const struck = /<s>[^<>]{0,400}<\/s>/i.test(text);
	const first = [...text.matchAll(TOKEN)].find(
		({ 0: token }) => !lower.includes(token.toLowerCase()) && !(struck && /^<\/?s>$/i.test(token)),
	);
	if (first === undefined) return text;
	const before = text.slice(0, first.index).trimEnd();
	return hasWords(before) ? before : text.slice(first.index + first[0].length).trimStart();
};

/** A line that only marks the end: `{end_of_solution}`, `[END]`, `### END ###`, `-- fin --`. */
const END_LINE =
	/^[^\p{L}\p{N}\n]{0,12}(?:\/[\p{L}_ ]{1,40}|(?:the[_ ])?(?:end|eof|eot|fin|ende|fine|stop|done|终|完|конец)(?:[_ -](?:of|de|du|der|des)[_ -][\p{L}_ -]{1,40}|[_ -][\p{L}]{1,20})?|[\p{L}]{1,20}(?:_[\p{L}]{1,20}){0,4}_(?:end|finished|done|complete))[^\p{L}\p{N}\n]{0,12}$/iu;
/** An identifier in brackets, alone on the last line. */
const MARKER_LINE =
	/^[\s*_`#>-]{0,8}[{[(<]{1,3}\s?\/?\s?[\p{L}\p{N}]{1,30}(?:[_ -][\p{L}\p{N}]{1,30}){0,6}\s?[}\])>]{1,3}[\s*_`.]{0,4}$/u;

/** Cuts an end marker on the last line. */
export const withoutEndMarker: Unwrap = (text, original) => {
	const start = text.lastIndexOf('\n');
	const last = text.slice(start + 1).trim();
	if (start < 0 || last.length > 100 || original.text.includes(last)) return text;
	const isMarker = MARKER_LINE.test(last) && (/[_/]/.test(last) || /end|fin/i.test(last));
	const isEnd = END_LINE.test(last) && /[^\p{L}\s.!]/u.test(last) && sharedPart(original, last) === 0;
	return isMarker || isEnd || /^(?:END|EOF|FIN)\.?$/.test(last) ? text.slice(0, start).trimEnd() : text;
};
