/** Holds the start of a key back from a text that still grows: redact.ts finds a key only when it is whole. */
import { plainCopy } from './plainCopy.ts';
import { ANY_CASE, HALVED, PLACEHOLDERS, type Redact, SHORTEST, writtenForms } from './redact.ts';

/** An escape at the end of a text that its next piece may complete. */
const OPEN_ESCAPE =
	/(?:%(?:[0-9a-f]{0,1}|[cd][0-9a-f](?:%[89ab]?)?)|\\(?:u[0-9a-f]{0,3}|u\{[0-9a-f]{0,6}|x[0-9a-f]?)?|&#?[a-z0-9]{0,16}|=\r?|<w?b?r?\s?\/?)$/i;
/** Characters of an escape at most, also if it is escaped again. */
const LONGEST_ESCAPE = 16;

/** Length of the longest start of `form` that ends the text; 0 if it is shorter than {@link SHORTEST}. */
function startLength(text: string, form: string): number {
	const last = text.at(-1);
	for (let length = Math.min(form.length - 1, text.length); length >= SHORTEST; length--)
		if (form[length - 1] === last && text.endsWith(form.slice(0, length))) return length;
	return 0;
}

/** Forms of the key whose starts are held back; servers also show its second half alone. */
function formsOf(secret: string): string[] {
	const half = secret.length < HALVED ? [] : [secret.slice(-Math.ceil(secret.length / 2))];
	return [...new Set([secret, ...half, ...writtenForms(secret)])];
}

/** Cuts the start of a key, in any of its forms, off the end of a text. */
export function startOfKeyCutter(key: string): Redact {
	const secret = key.trim();
	if (secret.length < SHORTEST || PLACEHOLDERS.has(secret.toLowerCase())) return (text) => text;
	const inCase = (text: string): string => (secret.length < ANY_CASE ? text : inLowerCase(text));
	const forms = formsOf(secret).map(inCase);
	const plain = inCase(plainCopy(secret).text);
	const longest = LONGEST_ESCAPE * secret.length;
	return (text) => {
		const tail = text.slice(-longest);
		const end = inCase(tail);
		const lengths = forms.map((form) => startLength(end, form));
		const cut = Math.max(...lengths, escapedStart(tail, plain, inCase));
		return cut === 0 ? text : text.slice(0, -cut);
	};
}

/** The text in lower case, without letters that have another length then: places must stay. */
function inLowerCase(text: string): string {
	return text.replace(/\p{Lu}/gu, (letter) => {
		const lower = letter.toLowerCase();
		return lower.length === letter.length ? lower : letter;
	});
}

/** Length of the end of a text that is the start of the key with escapes, spaces or invisible characters in it. */
function escapedStart(text: string, plain: string, inCase: (text: string) => string): number {
	const whole = text.replace(OPEN_ESCAPE, '');
	for (const part of whole === text ? [text] : [whole, text]) {
		const copy = plainCopy(part);
		const length = startLength(inCase(copy.text), plain);
		if (length > 0) return text.length - (copy.starts[copy.text.length - length] ?? text.length);
	}
	return 0;
}
