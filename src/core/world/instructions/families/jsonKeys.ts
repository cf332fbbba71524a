/** JSON: `Describe the sea. Reply with a JSON object with the keys "topic" and "answer".` */
import { isRecord } from '../../../format/record.ts';
import { PROSE } from '../topics/pools.ts';
import type { InstructionFamily } from '../family.ts';
import { withoutPreamble } from '../text/preamble.ts';
import { tokensOf, wholeText } from '../text/sentences.ts';

/** Keys for the topic and for the answer. */
const KEYS = [
	['topic', 'answer'],
	['subject', 'text'],
	['question', 'reply'],
	['about', 'content'],
	['title', 'body'],
] as const;

export const jsonKeys: InstructionFamily = {
	id: 'json-keys',
	name: 'JSON with two keys',
	describe: 'A JSON object with two given keys and nothing around it; answers are often plain text.',
	topics: PROSE,
	phrasings: [
		'{Request}. Reply with a JSON object with the keys "{topic}" and "{answer}" and nothing else.',
		'{Request}. Your answer must be JSON with exactly two keys, "{topic}" and "{answer}".',
		'{Request}. Use this form: {"{topic}": "...", "{answer}": "..."}',
		'Please {request}. Write only a JSON object that has the keys "{topic}" and "{answer}", both with texts.',
		'As a JSON object with the text fields "{topic}" and "{answer}", {request}.',
		'{Request}. Give the result as valid JSON; its two keys are "{topic}" and "{answer}".',
		'Answer in JSON with the two keys "{topic}" and "{answer}": {request}.',
		'{Request}. Output one JSON object, {"{topic}": ..., "{answer}": ...}, without any text around it.',
	],
	values: KEYS.map(([topic, answer]) => ({ topic, answer })),
	fewestWords: 4,
	rule({ topic = '', answer: key = '' }, { subject }) {
		return {
			fault(answer) {
				const object = parsed(answer.trim());
				if (object === null) return `A JSON reader cannot read “${answer.trim().slice(0, 24)}” as an object.`;
				const names = Object.keys(object);
				if (names.length !== 2 || !names.includes(topic) || !names.includes(key))
					return `The keys are not “${topic}” and “${key}”.`;
				const [first, second] = [object[topic], object[key]];
				if (typeof first !== 'string' || typeof second !== 'string') return 'A value is not a text.';
				if (tokensOf(first).length === 0) return `“${topic}” is empty.`;
				return tokensOf(second).length < 3 ? `“${key}” has hardly any words.` : null;
			},
			mend(answer) {
				const text = textOf(answer, [topic, key]) ?? wholeText(withoutPreamble(answer));
				return JSON.stringify({ [topic]: subject, [key]: text.replace(/\s+/g, ' ').trim() })
					.replace('":"', '": "')
					.replace('","', '", "')
					.replace('":"', '": "');
			},
			remedy: 'The text stays, as a value of the object.',
		};
	},
};

function parsed(text: string): Record<string, unknown> | null {
	try {
		const value: unknown = JSON.parse(text);
		return isRecord(value) ? { ...value } : null;
	} catch {
		// The fault names text that is not JSON.
		return null;
	}
}

/** The longest text in an object within the answer; null if the answer has no object. */
function textOf(answer: string, keys: readonly string[]): string | null {
	const from = answer.indexOf('{');
	const to = answer.lastIndexOf('}');
	const inner = from < 0 ? '' : answer.slice(from, to < from ? undefined : to + 1);
	const object = parsed(inner);
	const texts =
		object === null ? quotedTexts(inner) : Object.values(object).filter((one) => typeof one === 'string');
	const values = texts.filter((text) => !keys.includes(text) && tokensOf(text).length >= 3);
	return values.length === 0 ? null : values.reduce((a, b) => (b.length > a.length ? b : a));
}

/** Texts between straight quotation marks of an object that is not quite JSON. */
function quotedTexts(text: string): string[] {
	return [...text.matchAll(/"([^"\n]{1,2000})"/g)].map((match) => match[1] ?? '');
}
