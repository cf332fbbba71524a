import { expect, test, type Page } from '@playwright/test';
import type { RunReport } from '../../src/app/run/runReport.ts';
import { SHORT } from './recipes.ts';

type Result = { report: RunReport } | { error: { message: string; hint: string; code: string } };

/** Runs a recipe in loop.html, as `npm run loop` does. */
async function runLoop(page: Page, recipe: unknown): Promise<Result> {
	await page.goto('/loop.html');
	await page.waitForFunction('typeof globalThis.runLoop === "function"');
	return page.evaluate(
		(json) =>
			(globalThis as unknown as { runLoop: (job: unknown) => Promise<Result> }).runLoop({
				recipe: json,
				place: null,
			}),
		recipe,
	);
}

test('the whole loop runs headless with the real engines and makes the model better', async ({ page }) => {
	const requests: string[] = [];
	page.on('request', (request) => requests.push(request.url()));
	const result = await runLoop(page, SHORT);
	expect(result).toHaveProperty('report');
	if (!('report' in result)) return;
	const { report } = result;
	expect(report.recipe).toEqual(SHORT);
	expect(report.adapter.backend).toBe('webgpu');
	expect(report.steps).toBe(12);
	expect(report.pairs).toBeGreaterThan(20);
	expect(report.metrics['loss']?.[0]).toBeCloseTo(1, 5);
	expect(report.metrics['rewards/margins']?.[0]).toBeCloseTo(0, 5);
	expect(report.metrics['rewards/margins']?.at(-1)).toBeGreaterThan(0.1);
	expect(report.heldOut.course.map((point) => point.step)).toEqual([0, 6, 12]);
	const { before, after } = report.heldOut;
	expect(before.greedy).toMatchObject({ n: 32 });
	expect(after.greedy.score).toBeGreaterThan(before.greedy.score);
	for (const estimate of [before.greedy, before.sampled, after.greedy, after.sampled]) {
		expect(estimate.low).toBeLessThanOrEqual(estimate.score);
		expect(estimate.high).toBeGreaterThanOrEqual(estimate.score);
	}
	// The reviser was a real endpoint over HTTP, and nothing left this machine.
	expect(requests.filter((url) => url.endsWith('/v1/chat/completions'))).toHaveLength(48);
	const hosts = new Set(requests.filter((url) => url.startsWith('http')).map((url) => new URL(url).hostname));
	expect([...hosts]).toEqual(['127.0.0.1']);
});

test('a recipe that cannot run is refused with the name of the invalid field', async ({ page }) => {
	const result = await runLoop(page, { ...SHORT, objective: { id: 'dpo', beta: -1 } });
	expect(result).toMatchObject({ error: { code: 'recipe-invalid' } });
	expect(JSON.stringify(result)).toContain('objective.beta');
});

test('an unknown model is named', async ({ page }) => {
	const result = await runLoop(page, { ...SHORT, model: 'no-such-model' });
	expect(result).toMatchObject({ error: { code: 'model-unknown' } });
});
