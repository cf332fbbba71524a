import { describe, expect, it } from 'vitest';
import { AppError } from '#core/errors.ts';
import { rng } from '#core/math/rng.ts';
import { families } from '#core/world/tiny/families.ts';
import { worldPrompts } from '#core/world/tiny/prompts.ts';
import { promptId } from '#core/world/draw.ts';
import { splitOf } from '#core/prompt/split.ts';
import { scoreAnswer } from '#core/world/tiny/score.ts';
import { MIX, trainingExample } from '#core/world/tiny/training.ts';

describe('worldPrompts', () => {
	it('gives prompts in turn from all families, distinct, each with a stable id', () => {
		const prompts = worldPrompts({ count: 400, seed: 1, split: 'train' });
		expect(prompts.slice(0, families.length).map((prompt) => prompt.family)).toEqual(
			families.map((f) => f.id),
		);
		for (const { id } of families)
			expect(prompts.filter((p) => p.family === id)).toHaveLength(400 / families.length);
		expect(new Set(prompts.map((prompt) => prompt.text)).size).toBe(400);
		expect(prompts.every((prompt) => prompt.id === promptId(prompt.text))).toBe(true);
	});

	it('is the same for the same seed, differs for another, and longer sets begin like shorter ones', () => {
		const short = worldPrompts({ count: 80, seed: 5, split: 'train' });
		expect(worldPrompts({ count: 160, seed: 5, split: 'train' }).slice(0, 80)).toEqual(short);
		expect(worldPrompts({ count: 80, seed: 6, split: 'train' })).not.toEqual(short);
	});

	it('keeps train and held-out apart', () => {
		const train = worldPrompts({ count: 3000, seed: 1, split: 'train' });
		const heldOut = worldPrompts({ count: 800, seed: 1, split: 'heldOut' });
		const texts = new Set(train.map((prompt) => prompt.text));
		expect(heldOut.filter((prompt) => texts.has(prompt.text))).toEqual([]);
		expect(heldOut.every((prompt) => splitOf(prompt.text) === 'heldOut')).toBe(true);
	});

	it('holds more than 20,000 distinct prompts', () => {
		const texts = new Set<string>();
		for (const family of families) {
			const stream = rng(1).fork(family.id);
			for (let i = 0; i < 5000; i++) texts.add(family.draw(stream));
		}
		expect(texts.size).toBeGreaterThan(20_000);
	});

	it('takes only the given families', () => {
		const prompts = worldPrompts({ count: 20, seed: 1, split: 'train', families: ['sums', 'json'] });
		expect(new Set(prompts.map((prompt) => prompt.family))).toEqual(new Set(['sums', 'json']));
	});

	it('reports the available count when too many are requested, and the known families', () => {
		expect(() => worldPrompts({ count: 100_000, seed: 1, split: 'train', families: ['lists'] })).toThrow(
			AppError,
		);
		expect(() => worldPrompts({ count: 1, seed: 1, split: 'train', families: ['chess'] })).toThrow('chess');
	});
});

describe('trainingExample', () => {
	it('mixes right and flawed answers in the stated shares, never on a held-out prompt', () => {
		const stream = rng(1);
		const examples = Array.from({ length: 2000 }, () => trainingExample(stream));
		const flawed = examples.filter((example) => example.flawed);
		expect(flawed.length / examples.length).toBeCloseTo(MIX.flawed, 1);
		expect(examples.every((example) => splitOf(example.prompt) === 'train')).toBe(true);
		for (const { prompt, answer, flawed: isFlawed } of examples) {
			expect(scoreAnswer(prompt, answer)!.score === 1, `${prompt} ${answer}`).toBe(!isFlawed);
		}
	});
});
