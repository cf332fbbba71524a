import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rng } from '#core/math/rng.ts';
import { families, readTask } from '#core/world/tiny/families.ts';
import type { Family, Task } from '#core/world/tiny/family.ts';
import { GENERIC_FLAWS } from '#core/world/tiny/flaws.ts';
import { reviseAnswer } from '#core/world/tiny/revise.ts';
import { scoreAnswer } from '#core/world/tiny/score.ts';

const DRAWS = 200;

function draws(family: Family): { prompt: string; task: Task }[] {
	const stream = rng(7).fork(family.id);
	return Array.from({ length: DRAWS }, () => {
		const prompt = family.draw(stream);
		const task = readTask(prompt);
		if (!task) throw new Error(`not read back: ${prompt}`);
		return { prompt, task };
	});
}

describe.each(families.map((family) => [family.id, family] as const))('family %s', (id, family) => {
	const examples = draws(family);

	it('reads its own prompts back, and no other family does', () => {
		for (const { prompt, task } of examples) {
			expect(task.family).toBe(id);
			expect(families.filter((other) => other.read(prompt) !== null).map((other) => other.id)).toEqual([id]);
		}
	});

	it('reads a prompt in any case of the first word, spacing and full stop', () => {
		for (const { prompt, task } of examples) {
			const sloppy = `  ${prompt.charAt(0).toLowerCase()}${prompt.slice(1).replace(/[.?]$/, '').replaceAll(' ', '  ')} `;
			expect(readTask(sloppy)?.answer).toBe(task.answer);
		}
	});

	it('gives the right answer the score 1 and leaves it unchanged', () => {
		for (const { prompt, task } of examples) {
			expect(scoreAnswer(prompt, task.answer)).toMatchObject({ score: 1, family: id });
			expect(reviseAnswer(prompt, task.answer, 3)).toMatchObject({ revised: task.answer, changed: false });
		}
	});

	it('has checks with distinct names whose weights sum to 1', () => {
		for (const { task } of examples) {
			const checks = task.check('');
			expect(new Set(checks.map((check) => check.name)).size).toBe(checks.length);
			expect(checks.reduce((sum, check) => sum + check.weight, 0)).toBeCloseTo(1, 12);
			expect(checks.map((check) => check.name)).toContain(family.ownCheck);
		}
	});

	it('detects its own flaw with its own check and scores it below 0.5', () => {
		for (const { prompt, task } of examples) {
			const score = scoreAnswer(prompt, task.ownFlaw());
			expect(score?.checks.find((check) => check.name === family.ownCheck)?.passed, prompt).toBe(false);
			expect(score?.score).toBeLessThan(0.5);
		}
	});

	it('detects every generic flaw, on the right answer and on top of its own flaw', () => {
		const stream = rng(11);
		for (const { prompt, task } of examples) {
			for (const flaw of GENERIC_FLAWS) {
				for (const text of [task.answer, task.ownFlaw()]) {
					const flawed = flaw.apply(text, stream);
					expect(scoreAnswer(prompt, flawed)?.score, `${flaw.id}: ${flawed}`).toBeLessThan(1);
				}
			}
		}
	});

	it('revises every flawed answer to the score 1, and leaves the revision unchanged', () => {
		const stream = rng(13);
		for (const { prompt, task } of examples) {
			const flawed = [task.ownFlaw(), ...GENERIC_FLAWS.map((flaw) => flaw.apply(task.answer, stream))];
			for (const text of flawed) expectMended(prompt, text);
		}
	});

	it('scores an empty text 0', () => {
		for (const { prompt } of examples) expect(scoreAnswer(prompt, '')?.score).toBe(0);
	});

	// The first property builds fast-check's character tables, which takes seconds on a loaded machine.
	it('scores any text in [0, 1] with a reason for each check, and repairs it', { timeout: 60_000 }, () => {
		const { prompt, task } = examples[0]!;
		const text = fc.oneof(
			fc.string({ unit: 'binary' }),
			fc.string({
				unit: fc.constantFrom(...Array.from(task.answer + task.ownFlaw()), ',', '"', '{', '}', ' ', '\n'),
			}),
			fc.constantFrom(
				'a'.repeat(5000),
				', '.repeat(2000),
				'and '.repeat(3000),
				'{"a":'.repeat(3000),
				'null',
				'[]',
				'{}',
			),
		);
		fc.assert(
			fc.property(text, (completion) => {
				const score = scoreAnswer(prompt, completion);
				expect(score?.score).toBeGreaterThanOrEqual(0);
				expect(score?.score).toBeLessThanOrEqual(1);
				for (const check of score?.checks ?? []) expect(check.reason).toMatch(/[.”]$/);
				expectMended(prompt, completion);
			}),
			{ numRuns: 100, seed: 1 },
		);
	});
});

function expectMended(prompt: string, text: string): void {
	const first = reviseAnswer(prompt, text, 5)!;
	expect(first.changed).toBe(first.revised !== text);
	expect(scoreAnswer(prompt, first.revised)?.score, `${text} → ${first.revised}`).toBe(1);
	expect(reviseAnswer(prompt, first.revised, 5)).toMatchObject({ revised: first.revised, changed: false });
}

describe('a text outside the world', () => {
	it('has no task, no score and no revision', () => {
		for (const text of [
			'',
			'What is love?',
			'Sort these words: pear.',
			'Plural of: quux.',
			'List nine fruits, plum first.',
			'{}',
		]) {
			expect(readTask(text)).toBeNull();
			expect(scoreAnswer(text, 'x')).toBeNull();
			expect(reviseAnswer(text, 'x', 1)).toBeNull();
		}
	});

	it('is refused without an error for any text', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
				readTask(text);
				readTask(`Sort these words: ${text}`);
				readTask(`Give JSON: ${text}`);
				readTask(`List three fruits. Start with ${text}.`);
			}),
			{ seed: 1 },
		);
	});
});
