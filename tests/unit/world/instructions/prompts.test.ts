import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { trained, untouched } from '#core/world/instructions/families.ts';
import { HELD_OUT_PHRASINGS } from '#core/world/instructions/family.ts';
import {
	isHeldOutPhrasing,
	isHeldOutTopic,
	readInstruction,
	slotsOf,
} from '#core/world/instructions/instruction.ts';
import { instructionPrompts } from '#core/world/instructions/prompts.ts';
import { phrasing } from '#core/world/instructions/phrasing.ts';

const families = [...trained, ...untouched];

test('there are at least twelve families to train on, and two that no run trains on', () => {
	expect(trained.length).toBeGreaterThanOrEqual(12);
	expect(untouched).toHaveLength(2);
});

describe.each(families.map((family) => [family.id, family] as const))('family %s', (id, family) => {
	it('has six phrasings to train on or more, and at least 400 topics, each once', () => {
		expect(family.phrasings.length - HELD_OUT_PHRASINGS).toBeGreaterThanOrEqual(6);
		expect(new Set(family.phrasings).size).toBe(family.phrasings.length);
		const subjects = family.topics.flatMap(({ requests }) => requests[0] ?? []);
		expect(new Set(subjects).size).toBe(family.topics.length);
		expect(family.topics.length).toBeGreaterThanOrEqual(400);
		for (const { subject, requests } of family.topics) {
			expect(subject, subject).toMatch(/^[\p{L}’][\p{L}’ -]+$/u);
			expect(requests.length).toBeGreaterThan(0);
		}
	});

	it('holds out about one topic in five', () => {
		const share = family.topics.filter(isHeldOutTopic).length / family.topics.length;
		expect(share).toBeGreaterThan(0.14);
		expect(share).toBeLessThan(0.26);
	});

	it('reads every phrasing and value back', () => {
		const [topic] = family.topics;
		if (!topic) throw new Error(id);
		for (const [index, template] of family.phrasings.entries()) {
			for (const values of family.values) {
				const text = phrasing(template).write(slotsOf(family, topic, topic.requests[0] ?? '', values));
				expect(text).not.toMatch(/\{\w+\}|undefined/);
				expect(readInstruction(` ${text}\n`), text).toMatchObject({ family: { id }, topic, phrasing: index });
			}
		}
	});
});

describe('instructionPrompts', () => {
	it('keeps topics and phrasings of the two sides apart', () => {
		const count = 40 * trained.length;
		for (const split of ['train', 'heldOut'] as const) {
			for (const { text, family } of instructionPrompts({ count, seed: 1, split })) {
				const read = readInstruction(text);
				if (!read) throw new Error(text);
				expect(read.family.id).toBe(family);
				expect(isHeldOutTopic(read.topic), text).toBe(split === 'heldOut');
				expect(isHeldOutPhrasing(read.family, read.phrasing), text).toBe(split === 'heldOut');
			}
		}
	});

	it('never trains on an untouched family', () => {
		const ids = new Set(untouched.map(({ id }) => id));
		const train = instructionPrompts({ count: 300, seed: 2, split: 'train' });
		expect(train.filter(({ family }) => ids.has(family))).toEqual([]);
		const other = instructionPrompts({ count: 40, seed: 2, split: 'untouched', families: ['quoted'] });
		expect(new Set(other.map(({ family }) => family))).toEqual(ids);
		expect(() => instructionPrompts({ count: 1, seed: 1, split: 'train', families: ['language'] })).toThrow(
			'language',
		);
	});

	it('gives distinct prompts in turn, the same for the same seed; more prompts only append', () => {
		const short = instructionPrompts({ count: 70, seed: 5, split: 'train' });
		expect(short.slice(0, trained.length).map(({ family }) => family)).toEqual(trained.map(({ id }) => id));
		expect(new Set(short.map(({ text }) => text)).size).toBe(70);
		expect(instructionPrompts({ count: 140, seed: 5, split: 'train' }).slice(0, 70)).toEqual(short);
		expect(instructionPrompts({ count: 70, seed: 6, split: 'train' })).not.toEqual(short);
	});
	it.each([
		['train', 1000],
		['heldOut', 150],
	] as const)('has enough %s prompts of each family', (split, count) => {
		for (const { id } of trained)
			expect(instructionPrompts({ count, seed: 1, split, families: [id] })).toHaveLength(count);
	});
});

test('any other text is no prompt', () => {
	for (const text of [
		'',
		'Describe the sea.',
		'Describe my grandmother in at most 15 words.',
		'Describe the sea in at most 16 words.',
		'describe the sea in at most 15 words.',
		'Describe the sea without using the word "lake".',
		'Name three seas, separated by commas, and nothing else.',
	])
		expect(readInstruction(text), text).toBeNull();
	fc.assert(
		fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
			expect(readInstruction(text)).toBeNull();
			expect(readInstruction(`Describe ${text} in at most 15 words.`)).toBeNull();
		}),
		{ seed: 1 },
	);
});
