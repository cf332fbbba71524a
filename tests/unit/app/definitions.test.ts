import { expect, test } from 'vitest';
import { definitionOf } from '#app/text/definitions.ts';
import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { listMethods } from '#core/pair/methods/registry.ts';
import { PIPELINE } from '#core/pipeline.ts';

test('each step has a definition under every method, and only CLAIR speaks of an edit that is made', () => {
	const dpo = objectiveOf('dpo');
	for (const method of listMethods()) {
		const lines = PIPELINE.map(({ id }) => definitionOf(id, method, dpo));
		expect(lines.every((line) => line.endsWith('.'))).toBe(true);
		expect(lines.some((line) => line.includes('as small as possible'))).toBe(method.id === 'clair');
	}
});

test('an objective that looks at each answer alone says so', () => {
	const [method] = listMethods();
	if (method === undefined) throw new Error('no method');
	expect(definitionOf('batch', method, objectiveOf('kto'))).toContain('by itself');
	expect(definitionOf('loss', method, objectiveOf('apo_zero_unpaired'))).toContain('label');
	expect(definitionOf('loss', method, objectiveOf('apo_zero'))).toContain('pairs');
});
