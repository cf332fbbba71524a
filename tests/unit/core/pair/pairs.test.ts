import { describe, expect, test } from 'vitest';
import { clair } from '#core/pair/methods/clair.ts';
import { readPairs } from '#core/pair/importPairs.ts';
import { writePairsJsonl, writeUnpairedJsonl } from '#core/pair/jsonl.ts';
import { drawPairs } from '#core/pair/draw.ts';
import { waitingRevision, withDecision, withEdit, withFailure, withReply } from '#core/revision/decide.ts';
import { toWire } from '#core/errors.ts';
import { promptIdOf } from '#core/prompt/prompt.ts';
import { outputId } from '#core/output/output.ts';
import { revisionReply } from '#core/revision/request.ts';
import type { PairSettings } from '#core/pair/methods/method.ts';
import type { Revision } from '#core/revision/revision.ts';

/** The pairs that CLAIR builds from revisions. */
function buildPairs(revisions: readonly Revision[], settings: PairSettings) {
	const outputs = revisions.map(({ output }) => output);
	return clair.build({ outputs, answers: [], revisions, judgements: [], imported: [] }, settings);
}

function row(id: string, text: string, promptText = `prompt ${id}`): Revision {
	return waitingRevision({
		id: `${id}.o1`,
		prompt: { id, text: promptText, family: null },
		text,
		finishReason: 'stop',
		model: 'm',
		sampling: { temperature: 1, topP: 1, maxTokens: 8, seed: 1 },
		tokens: 2,
	});
}
const revised = (id: string, from: string, to: string): Revision =>
	withReply(row(id, from), revisionReply('x', to));

describe('pairs from revisions', () => {
	test('take the edit as chosen and the first answer as rejected', () => {
		const { pairs } = buildPairs([revised('a', 'goed', 'went')], { minJaccard: 0 });
		expect(pairs).toEqual([
			{
				id: 'a.p1',
				prompt: { id: 'a', text: 'prompt a', family: null },
				chosen: 'went',
				rejected: 'goed',
				method: 'clair',
				from: {
					chosen: { kind: 'revision', id: 'a.o1.r1' },
					rejected: { kind: 'output', id: 'a.o1' },
				},
				edited: false,
			},
		]);
	});

	test('leave out what is no pair, each with its reason, and lose nothing', () => {
		const rows = [
			row('waiting', 'x'),
			{ ...row('asking', 'x'), state: 'asking' as const },
			withFailure(revised('failed', 'x', 'y'), toWire(new Error('down'))),
			withDecision(revised('aside', 'x', 'y'), 'set-aside'),
			revised('identical', 'same', 'same'),
			revised('spacing', 'It’s here.', "It's  here."),
			revised('unchanged', 'Two cats sleep on the sofa.', 'No changes needed.'),
			withReply(row('rejected', 'x'), 'no marker'),
			revised('far', 'one two three four', 'five six seven four'),
			revised('near', 'one two three four', 'one two three five'),
		];
		const { pairs, leftOut } = buildPairs(rows, { minJaccard: 0.3 });
		expect(pairs.map(({ id }) => id)).toEqual(['near.p1']);
		expect(leftOut.map(({ id, reason }) => [promptIdOf(id), reason])).toEqual([
			['waiting', 'not-asked'],
			['asking', 'not-asked'],
			['failed', 'failed'],
			['aside', 'set-aside'],
			['identical', 'identical'],
			['spacing', 'identical'],
			['unchanged', 'identical'],
			['rejected', 'rejected'],
			['far', 'too-far'],
		]);
	});

	test('keep what a person accepted or wrote, however far it is', () => {
		const accepted = withDecision(revised('accepted', 'one two', 'three four'), 'accepted');
		const edited = withEdit(row('edited', 'one two'), 'three four');
		const { pairs } = buildPairs([accepted, edited], { minJaccard: 0.9 });
		expect(pairs.map(({ id, edited: byHand }) => [id, byHand])).toEqual([
			['accepted.p1', false],
			['edited.p1', true],
		]);
	});

	test('have ids of their own for several outputs of a prompt, which no decision about another changes', () => {
		const outputs = [1, 2, 3].map((n) => ({ ...row('a', `goed ${n}`).output, id: outputId('a', n) }));
		const rows = outputs.map((output) => withReply(waitingRevision(output), revisionReply('x', 'went')));
		expect(rows.map(({ id }) => id)).toEqual(['a.o1.r1', 'a.o2.r1', 'a.o3.r1']);
		const [first, ...others] = buildPairs(rows, { minJaccard: 0 }).pairs;
		expect([first, ...others].map((pair) => pair?.id)).toEqual(['a.p1', 'a.p2', 'a.p3']);
		const aside = rows.with(0, withDecision(rows[0]!, 'set-aside'));
		expect(buildPairs(aside, { minJaccard: 0 }).pairs).toEqual(others);
	});

	test('drop a pair that came before under another id', () => {
		const twin = withReply(row('b', 'goed', 'prompt a'), revisionReply('y', 'went'));
		const { pairs, leftOut } = buildPairs([revised('a', 'goed', 'went'), twin], { minJaccard: 0 });
		expect(pairs).toHaveLength(1);
		expect(leftOut.map(({ reason }) => reason)).toEqual(['duplicate']);
	});
});

describe('JSONL', () => {
	const { pairs } = buildPairs([revised('a', 'goed', 'went <b>\n'), revised('b', '1', '2 🙂')], {
		minJaccard: 0,
	});

	test('is written as conversations, one a line', () => {
		const lines = writePairsJsonl(pairs).split('\n');
		expect(lines).toHaveLength(3);
		expect(JSON.parse(lines[1] ?? '')).toEqual({
			prompt: [{ role: 'user', content: 'prompt b' }],
			chosen: [{ role: 'assistant', content: '2 🙂' }],
			rejected: [{ role: 'assistant', content: '1' }],
		});
	});

	test('is written unpaired with a label a side', () => {
		const lines = writeUnpairedJsonl(pairs).trim().split('\n');
		expect(lines).toHaveLength(4);
		expect(lines.map((line) => (JSON.parse(line) as { label: boolean }).label)).toEqual([
			true,
			false,
			true,
			false,
		]);
	});

	test('reads back with the same texts', () => {
		const { set, skipped } = readPairs('pairs.jsonl', writePairsJsonl(pairs));
		expect(skipped).toEqual([]);
		const texts = (list: typeof pairs) =>
			list.map(({ prompt, chosen, rejected }) => [prompt.text, chosen, rejected]);
		expect(texts([...set.pairs])).toEqual(texts(pairs));
		expect(set.pairs.every(({ method }) => method === 'imported')).toBe(true);
	});

	test('lists unusable rows with line and reason and keeps the rest', () => {
		const good = '{"prompt":"p","chosen":"a","rejected":"b"}';
		const system =
			'{"prompt":[{"role":"system","content":"s"},{"role":"user","content":"u"}],"chosen":"a","rejected":"b"}';
		const text = `\uFEFF${good}\r\n\n{broken\n[1]\n{"prompt":"p"}\n${system}\n{"prompt":"p","chosen":"a","rejected":"a"}\n${good}\n{"prompt":"p","chosen":"c","rejected":"b"}\n{"prompt":" ","chosen":"c","rejected":"b"}`;
		const { set, skipped } = readPairs('x.jsonl', text);
		const read = set.pairs;
		expect(read.map(({ chosen }) => chosen)).toEqual(['a', 'c']);
		expect(read.map(({ id, prompt }) => id.slice(prompt.id.length))).toEqual(['.p1', '.p2']);
		expect(skipped.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7, 8, 10]);
		expect(skipped.map(({ reason }) => reason)).toEqual([
			expect.stringMatching(/^not JSON/),
			'not a JSON object',
			expect.stringMatching(/"chosen" is missing/),
			expect.stringMatching(/system message/),
			'chosen and rejected are the same',
			'the same as an earlier pair',
			'the prompt is empty',
		]);
	});

	test('without a usable row is refused with the first reason', () => {
		expect(() => readPairs('x.jsonl', '')).toThrow(/x\.jsonl holds no usable pair: it is empty/);
		expect(() => readPairs('x.jsonl', '\n{broken')).toThrow(/line 2: not JSON/);
	});

	test('makes pairs of labelled answers to the same prompt, each used once, and lists those left alone', () => {
		const row = (prompt: string, completion: unknown, label: unknown) =>
			JSON.stringify({ prompt, completion, label });
		const lines = [
			row('p', 'good', true),
			row('q', [{ role: 'assistant', content: 'no' }], false),
			row('p', 'bad', false),
			row('p', 'better', true),
			row('q', 'yes', true),
			row('p', 'worse', false),
			row('p', 'lonely', true),
			row('r', 'good', 'yes'),
		];
		const { set, skipped } = readPairs('kto.jsonl', lines.join('\n'));
		const read = set.pairs;
		expect(read.map(({ prompt, chosen, rejected }) => [prompt.text, chosen, rejected])).toEqual([
			['p', 'good', 'bad'],
			['q', 'yes', 'no'],
			['p', 'better', 'worse'],
		]);
		expect(skipped.map(({ line, reason }) => [line, reason])).toEqual([
			[7, expect.stringMatching(/^no unwanted answer/)],
			[8, expect.stringMatching(/"label" is "yes"; expected true or false/)],
		]);
	});

	test('reads back what was written unpaired', () => {
		const read = readPairs('kto.jsonl', writeUnpairedJsonl(pairs));
		expect(read.set.pairs.map(({ chosen, rejected }) => [chosen, rejected])).toEqual(
			pairs.map(({ chosen, rejected }) => [chosen, rejected]),
		);
		expect(read.skipped).toEqual([]);
	});
});

describe('drawn for a run', () => {
	const many = Array.from({ length: 60 }, (_, i) => ({
		prompt: `prompt ${i % 40}`,
		chosen: `a ${i}`,
		rejected: 'b',
	}));
	const { set, heldOut } = readPairs('x', many.map((row) => JSON.stringify(row)).join('\n'));
	const own = { pairs: set.pairs, heldOut };
	const options = { count: 100, seed: 1, heldOutCount: 100, heldOutSeed: 1 };

	test('no prompt is on both sides, and no pair is lost', () => {
		const drawn = drawPairs(own, options);
		expect(drawn.train.length + drawn.heldOut.length).toBe(60);
		const held = new Set(drawn.heldOutPrompts.map(({ id }) => id));
		expect(held.size).toBeGreaterThan(0);
		expect(drawn.trainPrompts.some(({ id }) => held.has(id))).toBe(false);
		expect(drawn.heldOut.every(({ prompt }) => held.has(prompt.id))).toBe(true);
	});

	test('a smaller count is the beginning of a larger one', () => {
		const few = drawPairs(own, { ...options, count: 5, heldOutCount: 2 });
		expect(few.train).toEqual(drawPairs(own, options).train.slice(0, 5));
		expect(few.heldOutPrompts).toHaveLength(2);
	});

	test('unusable pairs are replaced by the next ones, and no other pair moves', () => {
		const all = drawPairs(own, options);
		const unusable = [all.train[1]!, all.train[3]!];
		const isUsable = (index: number): boolean => !unusable.includes(own.pairs[index]!);
		const drawn = drawPairs(own, { ...options, count: 5 }, isUsable);
		expect(drawn.train).toEqual([0, 2, 4, 5, 6].map((place) => all.train[place]));
		expect(drawn.heldOut).toEqual(drawPairs(own, { ...options, count: 5 }).heldOut);
	});

	test('a held-out prompt stays as long as one of its pairs is usable', () => {
		const all = drawPairs(own, options);
		const twice = all.heldOutPrompts.find(
			({ id }) => all.heldOut.filter(({ prompt }) => prompt.id === id).length === 2,
		)!;
		const [first, second] = all.heldOut.filter(({ prompt }) => prompt.id === twice.id);
		const without = (...unusable: unknown[]) =>
			drawPairs(own, options, (index) => !unusable.includes(own.pairs[index]));
		expect(without(first).heldOutPrompts).toEqual(all.heldOutPrompts);
		expect(without(first).heldOut).toEqual(all.heldOut.filter((pair) => pair !== first));
		expect(without(first, second).heldOutPrompts).toEqual(
			all.heldOutPrompts.filter(({ id }) => id !== twice.id),
		);
		expect(without(first, second).train).toEqual(all.train);
	});
});
