/** Polite reply: `Reply politely to Mia: Can you send the report?` → `Dear Mia, I will gladly send the report.` The flaw: no greeting. */
import { at } from '../../../math/at.ts';
import type { Family, Finding, Task } from '../family.ts';
import { phrasing } from '../phrasing.ts';
import { excerpt, quote } from '../../../text/wording.ts';
import { clutterFault, dissect } from '../text.ts';
import { NAMES } from '../words/people.ts';
import { FAVOURS } from '../words/verbs.ts';

const PHRASING = phrasing([
	'Reply politely to {}: Can you {} the {}?',
	'Polite reply to {}: Could you {} the {}?',
	'Answer {} politely: Please {} the {}.',
]);

interface Favour {
	name: string;
	verb: string;
	noun: string;
}

const GREETINGS = ['Dear', 'Hello', 'Hi'] as const;
/** Ways to agree kindly, with the words around "I will". The model answer uses the first. */
const YESES = [
	{ kind: 'gladly', before: 'I will gladly', plain: /\bgladly\b/i },
	{ kind: 'happily', before: 'I will happily', plain: /\bhappily\b/i },
	{ kind: 'of course', before: 'of course I will', plain: /\bof course\b/i },
	{ kind: 'certainly', before: 'I will certainly', plain: /\bcertainly\b/i },
] as const;

export const politeReply: Family = {
	id: 'polite-reply',
	name: 'Polite reply',
	describe: 'A request to agree to politely, by name; flawed answers drop the greeting and the kind word.',
	ownCheck: 'greeting',
	practice: 1,
	draw(rng) {
		const { verb, nouns } = rng.pick(FAVOURS);
		return PHRASING.write(rng, rng.pick(NAMES), verb, rng.pick(nouns));
	},
	read(promptText) {
		const slots = PHRASING.read(promptText);
		if (!slots?.every((slot) => /^[\p{L}\p{N}'’ -]+$/u.test(slot))) return null;
		return task({ name: at(slots, 0), verb: at(slots, 1), noun: at(slots, 2) });
	},
};

function task(favour: Favour): Task {
	const doing = `${favour.verb} the ${favour.noun}`;
	const reply = (greeting: string, yes: string): string => `${greeting} ${favour.name}, ${yes} ${doing}.`;
	return {
		family: politeReply.id,
		answer: reply(GREETINGS[0], YESES[0].before),
		check: (text) => [
			greeting(text, favour),
			kindWord(text),
			promise(text, doing),
			form(text, favour, doing),
		],
		repair: (text) => reply(greetingOf(text, favour) ?? GREETINGS[0], (yesOf(text) ?? YESES[0]).before),
		ownFlaw: () => `I will ${doing}.`,
		otherManner: (text) =>
			text.replace(
				`${GREETINGS[0]} ${favour.name}, ${YESES[0].before} `,
				`${GREETINGS[1]} ${favour.name}, ${YESES[2].before} `,
			),
	};
}

/** The greeting that opens the text; null if the text does not greet the person by name. */
function greetingOf(text: string, { name }: Favour): string | null {
	const opening = dissect(text).body.toLowerCase();
	return GREETINGS.find((word) => opening.startsWith(`${word} ${name}`.toLowerCase())) ?? null;
}

function yesOf(text: string): (typeof YESES)[number] | null {
	return YESES.find((yes) => yes.plain.test(text)) ?? null;
}

function greeting(text: string, favour: Favour): Finding {
	const found = greetingOf(text, favour);
	return {
		name: 'greeting',
		weight: 0.5,
		passed: found !== null,
		praise: `greeted ${favour.name} by name`,
		fault: `The greeting is missing: a polite reply begins with ${quote(`Dear ${favour.name}`)}.`,
	};
}

function kindWord(text: string): Finding {
	const found = yesOf(text);
	return {
		name: 'kind word',
		weight: 0.2,
		passed: found !== null,
		praise: `used the kind word ${quote(found?.kind ?? 'gladly')}`,
		fault: `The yes is bare: ${quote('gladly')} makes it kind.`,
	};
}

function promise(text: string, doing: string): Finding {
	const plain = text.toLowerCase();
	return {
		name: 'promise',
		weight: 0.15,
		passed: /\bi(?: wi|['’])ll\b/.test(plain) && plain.includes(doing.toLowerCase()),
		praise: `promised to ${doing}`,
		fault: `The reply does not promise what was asked: ${quote(`I will ${doing}`)}.`,
	};
}

/** Passes if the text is one sentence: greeting (optional), promise, kind word (optional), full stop. */
function form(text: string, { name }: Favour, doing: string): Finding {
	const trimmed = text.trim();
	const openings = ['', ...GREETINGS.map((word) => `${word} ${name}, `)];
	const promises = ['I will', ...YESES.map((yes) => yes.before)];
	return {
		name: 'form',
		weight: 0.15,
		passed: openings.some((opening) => promises.some((each) => trimmed === `${opening}${each} ${doing}.`)),
		praise: 'wrote one whole sentence',
		fault: clutterFault(text) ?? `${quote(excerpt(text, 60))} is not one clear sentence.`,
	};
}
