/** Examples of every rule: answers that keep it, answers that break it with their reasons, and their mends. */
import { describe, expect, test } from 'vitest';
import { reviseInstruction, scoreInstruction } from '#core/world/instructions/check.ts';

const PROMPT = {
	limit: 'Describe the sea in at most 10 words.',
	two: 'Describe the sea in exactly two sentences.',
	one: 'Tell me about cats in exactly one sentence.',
	noCommas: 'Describe the sea without using any commas.',
	lower: 'Describe the sea in lowercase letters only.',
	quoted: 'Describe the sea. Put the whole answer in double quotation marks.',
	opening: 'Describe the sea. Begin your answer with the words "In short,".',
	closing: 'Describe the sea. Finish with "That is all."',
	words: 'Describe the sea. Use the words "indeed" and "overall" exactly once each.',
	taboo: 'Describe the sea without using the word "sea".',
	tabooMany: 'Tell me about cats. Do not use the word "cats".',
	bullets: 'List three fruits. Write exactly three lines, each beginning with "- ".',
	facts: 'List two facts about the sea. Write exactly two lines, each beginning with "- ".',
	commas: 'Name three fruits, separated by commas, and nothing else.',
	name: 'Suggest a name for a bakery. Answer with the name only.',
	title: 'Describe the sea. The first line must be a title wrapped in << and >>.',
	json: 'Answer in JSON with the two keys "topic" and "answer": describe the sea.',
	numbered: 'List two facts about the sea as a numbered list, "1." to "2.", and write nothing else.',
	french: 'Describe the sea in French.',
} as const;
type Name = keyof typeof PROMPT;

describe('the strict check accepts', () => {
	test.each<[Name, string]>([
		['limit', 'The sea is wide, deep and cold.'],
		['two', 'The sea is wide. Dr. Lee says it is 3.5 km deep!'],
		['noCommas', 'The sea is wide and deep and cold.'],
		['lower', 'the sea is wide.'],
		['quoted', '"The sea is wide."'],
		['quoted', '“The sea is wide.”'],
		['opening', 'In short, the sea is wide and deep. In short, it is big.'],
		['closing', 'The sea is wide. That is all.'],
		['words', 'Indeed, the sea is wide. It is cold overall.'],
		['taboo', 'It is wide and deep. Seas are salty.'],
		['bullets', '- Apples\n- Pears\n- Red plums'],
		['commas', 'apples, pears, red plums'],
		['commas', 'Apples, pears, plums.'],
		['name', 'The Warm Loaf'],
		['title', '<<The wide water>>\nThe sea is wide.'],
		['json', '{ "answer": "It is wide and deep.", "topic": "sea" }'],
		['numbered', '1. It is wide.\n2. It is salty.'],
		['french', 'La mer est une grande étendue d’eau qui est dans le monde et sur les côtes.'],
	])('%s: %s', (name, answer) => {
		expect(scoreInstruction(PROMPT[name], answer)).toMatchObject({ score: 1, strict: true, loose: true });
	});
});

describe('the strict check refuses', () => {
	test.each<[Name, string, string]>([
		['limit', 'The sea is wide and deep and cold and blue and salty.', '12 words, and the limit is 10'],
		['limit', '', 'no answer'],
		['limit', 'Sea.', 'only 1 word'],
		['limit', 'The sea is, the sea is, the sea is.', '“the sea is,” is repeated at once'],
		['two', 'The sea is wide.', 'one sentence, not two sentences'],
		['two', 'The sea is wide. It is deep. It is cold.', 'three sentences, not two sentences'],
		['two', 'The sea is wide. It is', '“It is” is not the end of a sentence'],
		['noCommas', 'The sea is wide, deep and cold.', 'a comma after “The sea is wide”'],
		['noCommas', '海は広い、深い、青い です ね よ', 'comma'],
		['lower', 'The sea is wide.', '“The” has a capital letter'],
		['quoted', 'The sea is wide.', 'not with a quotation mark'],
		['quoted', '"The sea is wide." It is deep.', 'does not end with a quotation mark'],
		['quoted', '"The "wide" sea is deep."', 'inside of the answer'],
		['opening', 'The sea is wide and deep, in short.', 'not with “In short,”'],
		['opening', 'In short, in short, the sea is wide.', 'is repeated at once'],
		['opening', 'In short, — in short, the sea is wide.', '“In short,” is there more than once'],
		['closing', 'The sea is wide.', 'not with “That is all.”'],
		['closing', 'It is. That is all.', 'Hardly anything'],
		['closing', 'The sea is wide. That is all – That is all.', 'more than once'],
		['closing', 'The sea is wide. That is all. That is all.', 'repeated at once'],
		['words', 'Indeed, the sea is wide.', '“overall” is missing'],
		['words', 'Indeed, it is overall wide. Indeed, it is.', '“indeed” is there 2 times, not once'],
		['taboo', 'The sea is wide.', 'uses the word “sea”'],
		['taboo', 'A SEA, or the sea-level, is wide.', 'uses “sea” 2 times'],
		['bullets', 'Here are three fruits:\n- Apples\n- Pears\n- Plums', 'does not begin with “- ”'],
		['bullets', '* Apples\n* Pears\n* Plums', 'does not begin with “- ”'],
		['bullets', '- Apples\n- Pears', 'not have three lines but two'],
		['bullets', '- Apples\n- Pears\n- apples!', 'the same'],
		['commas', 'Apples, pears and plums', 'not have three items but two'],
		['commas', 'Three fruits are: apples, pears, plums', 'more than one line of items'],
		['commas', 'apples, pears, apples', 'the same'],
		['name', 'A good name is The Warm Loaf', 'more words than a name'],
		['name', '"The Warm Loaf"', 'more than a plain name'],
		['name', 'The Bakery', 'the kind of thing'],
		['name', 'Sure', 'is not a name'],
		['title', 'The sea is wide.', 'not a title in << and >>'],
		['title', '<<The sea>>', 'The answer has only 2 words'],
		['title', '<<The sea>>\nIt is wide. <<Deep>> and cold.', 'a second title'],
		['json', 'The sea is wide and deep.', 'cannot read'],
		['json', '```json\n{"topic": "sea", "answer": "It is wide."}\n```', 'cannot read'],
		['json', '{"topic": "the sea", "text": "It is wide."}', 'The keys are not'],
		['json', '{"topic": "the sea", "answer": 3, "x": ""}', 'The keys are not'],
		['json', '{"topic": "the wide sea", "answer": ["deep"]}', 'not a text'],
		['numbered', '- It is wide.\n- It is salty.', 'does not begin with “1.”'],
		['french', 'The sea is a wide body of water and it is salty.', 'in English, not in French'],
		['french', 'Blau Wasser Meer Strand', 'not clearly in French'],
	])('%s: %s', (name, answer, reason) => {
		const score = scoreInstruction(PROMPT[name], answer);
		expect(score).toMatchObject({ score: 0, strict: false });
		expect(score?.checks[0]?.reason.toLowerCase()).toContain(reason.toLowerCase());
	});
});

describe('the loose check looks past marks and framing lines', () => {
	test.each<[Name, string]>([
		['quoted', 'Sure:\n"The sea is wide."'],
		['lower', '**the** sea is wide.\nI hope this helps!'],
		['bullets', 'Here are three fruits:\n- Apples\n- Pears\n- Plums'],
		['json', '```json\n{"topic": "sea", "answer": "It is wide."}\n```'],
		['name', '**The Warm Loaf**'],
		['title', 'Sure:\n<<The sea>>\nIt is wide and deep.\nThat is all.'],
	])('%s: %s', (name, answer) => {
		expect(scoreInstruction(PROMPT[name], answer)).toMatchObject({ score: 0, strict: false, loose: true });
	});

	test('and no further', () => {
		expect(scoreInstruction(PROMPT.lower, 'The sea.\nIt is wide.\nIt is deep.')?.loose).toBe(false);
		expect(scoreInstruction(PROMPT.lower, '**')).toMatchObject({ strict: false, loose: false });
	});
});

function revised(name: Name, answer: string): string {
	const revision = reviseInstruction(PROMPT[name], answer, 1);
	if (revision === null) throw new Error(PROMPT[name]);
	return 'refused' in revision ? `refused: ${revision.refused}` : revision.revised;
}

describe('the reviser mends', () => {
	test.each<[Name, string, string]>([
		['limit', 'The sea is wide. It is deep and cold and blue and salty too.', 'The sea is wide.'],
		[
			'limit',
			'Sure! Here is a description of the sea:\nThe sea is wide and deep.',
			'The sea is wide and deep.',
		],
		[
			'limit',
			'The sea is a vast body of salt water that covers most of the planet.',
			'The sea is a vast body of salt water.',
		],
		['two', 'The sea is wide. It is deep. It is cold. And', 'The sea is wide. It is deep.'],
		['two', 'The sea is wide, and it is deep.', 'The sea is wide. It is deep.'],
		['one', 'Cats sleep a lot. They purr.', 'Cats sleep a lot.'],
		[
			'noCommas',
			'In summer, the sea is wide, blue, and warm.',
			'In summer the sea is wide and blue and warm.',
		],
		['noCommas', 'It holds 1,000 fish, which swim.', 'It holds 1000 fish which swim.'],
		['lower', 'The sea is WIDE. It is', 'the sea is wide.'],
		['quoted', 'The "wide" sea is deep', '"The wide sea is deep."'],
		['opening', 'The sea is wide.', 'In short, the sea is wide.'],
		['opening', 'Paris is near the sea.', 'In short, Paris is near the sea.'],
		['opening', 'In short, in short, the sea is wide.', 'In short, the sea is wide.'],
		['opening', 'in short, I like it.', 'In short, I like it.'],
		['closing', 'The sea is wide. It is deep and', 'The sea is wide. That is all.'],
		['closing', 'The sea is wide. That is all. It is also deep.', 'The sea is wide. That is all.'],
		['words', 'The sea is wide. It is deep.', 'Indeed, the sea is wide. Overall, it is deep.'],
		['words', 'The sea is wide, indeed.', 'Overall, the sea is wide, indeed.'],
		['words', 'The sea is wide.', 'Indeed, the sea is wide, overall.'],
		['taboo', 'The sea is wide. Fish live in the sea.', 'It is wide. Fish live in it.'],
		[
			'taboo',
			'The sea’s waves are high, and the deep sea is dark.',
			'Its waves are high, and the deep one is dark.',
		],
		[
			'tabooMany',
			'Cats are pets. People love cats, and cats have whiskers.',
			'They are pets. People love them, and they have whiskers.',
		],
		[
			'bullets',
			'Here are some:\n1. **Apples**: sweet\n2. Pears\n3. Plums\n4. Figs',
			'- Apples: sweet\n- Pears\n- Plums',
		],
		['bullets', 'Three fruits are: apples, pears, and plums.', '- Apples\n- Pears\n- Plums'],
		['facts', 'The sea is wide. It is salty. It is cold.', '- The sea is wide.\n- It is salty.'],
		['commas', '- Apples\n- Pears (green)\n- Plums: sweet', 'Apples, Pears, Plums'],
		['name', 'I would call it "The Warm Loaf", because bread is warm.', 'The Warm Loaf'],
		['name', 'The Warm Loaf, a name that smells of bread.', 'The Warm Loaf'],
		['title', 'The sea is wide and deep.', '<<The sea>>\nThe sea is wide and deep.'],
		['title', '**Title: Deep Water**\nThe sea is wide.', '<<Deep Water>>\nThe sea is wide.'],
		['json', 'The sea is wide.', '{"topic": "the sea", "answer": "The sea is wide."}'],
		['numbered', '- It is wide.\n- It is salty.', '1. It is wide.\n2. It is salty.'],
		[
			'french',
			'Of course, it is here. La mer est une grande étendue qui est dans le monde.',
			'La mer est une grande étendue qui est dans le monde.',
		],
	])('%s: %s', (name, answer, expected) => {
		expect(revised(name, answer)).toBe(expected);
		expect(revised(name, expected)).toBe(expected);
	});
});

describe('the reviser refuses to invent', () => {
	test.each<[Name, string, string]>([
		['limit', 'Water, salty and blue and cold and wide and deep and old', 'no place to end earlier'],
		['two', 'The sea is wide.', 'too few sentences'],
		['taboo', 'The sea animals swim.', 'No pronoun'],
		['taboo', 'The word "sea" is short.', 'No pronoun'],
		['bullets', 'Apples and pears.', 'too few things'],
		['facts', 'The sea is wide.', 'too few things'],
		['commas', 'I like fruit.', 'too few things'],
		['name', 'bread is good for you.', 'no name'],
		['title', 'Wide.', 'Hardly anything'],
		['french', 'The sea is wide and it is blue.', 'cannot translate'],
		['quoted', '   ', 'no answer'],
		['words', 'So indeed it is, and indeed it is not.', 'too often'],
		['lower', 'A'.repeat(9000), 'too long'],
	])('%s: %s', (name, answer, reason) => {
		expect(revised(name, answer)).toContain(`refused: `);
		expect(revised(name, answer)).toContain(reason);
	});
});

test('the reasoning names the fault, and its wording depends on the seed alone', () => {
	const revisions = Array.from({ length: 12 }, (_, seed) =>
		reviseInstruction(PROMPT.lower, 'The sea is wide.', seed),
	);
	expect(new Set(revisions.map((each) => JSON.stringify(each))).size).toBeGreaterThan(1);
	for (const revision of revisions)
		expect(revision).toMatchObject({
			revised: 'the sea is wide.',
			changed: true,
			reasoning: expect.stringContaining('“The” has a capital letter.') as string,
		});
	expect(reviseInstruction(PROMPT.lower, 'the sea is wide.', 1)).toMatchObject({ changed: false });
});
