/** The page shows one run: an opened run replaces it in every view. */
import { describe, expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { PIPELINE } from '#core/pipeline.ts';
import type { RunRecord } from '#core/run/run.ts';
import { openPage, SMALL } from './support/app.ts';

/** Two finished runs of other prompts, steps and seeds, as a store keeps them. */
async function twoRuns(): Promise<readonly [RunRecord, RunRecord]> {
	const { session, screen, store } = await openPage();
	await session.startRun();
	session.change();
	session.draft.load({
		...SMALL,
		prompts: { ...SMALL.prompts, seed: 9, count: 30, families: ['sums'] },
		objective: { id: 'dpo', beta: 0.5 },
		training: { ...SMALL.training, steps: 7, checkpointEvery: 7, evaluateEvery: 0 },
	});
	await session.startRun();
	const records = [...store.runs.values()];
	await screen.unmount();
	return [records[0]!, records[1]!];
}

const main = (): string => document.querySelector('main')?.textContent.replace(/\s+/g, ' ') ?? '';
const way = (): string => document.querySelector('nav[aria-label="Steps of a run"]')?.textContent ?? '';

/** The text of the complete view: its parts are drawn over several frames. */
async function settled(): Promise<string> {
	let text = main();
	for (let same = 0; same < 8; same++) {
		await new Promise(requestAnimationFrame);
		if (main() !== text) same = 0;
		text = main();
	}
	return text;
}

/** The text of each view. */
async function allViews(): Promise<Record<string, string>> {
	const shown: Record<string, string> = {};
	for (const [i, id] of ['overview', ...PIPELINE.map((noun) => noun.id)].entries()) {
		await userEvent.keyboard(String(i));
		shown[id] = await settled();
	}
	return { ...shown, way: way() };
}

describe('a second run', () => {
	test('appears in every view after it is opened, and the first again after that is', async () => {
		const runs = await twoRuns();
		const expected: Record<string, string>[] = [];
		for (const { id } of runs) {
			const { session, screen } = await openPage({ runs });
			await session.open(id);
			await expect.poll(() => session.steps.evaluation.comparison).not.toBeNull();
			expected.push(await allViews());
			await screen.unmount();
		}
		const [first, second] = expected;
		for (const id of Object.keys(first!)) expect(second![id], id).not.toBe(first![id]);

		const { session } = await openPage({ runs });
		for (const [i, { id }] of [runs[0], runs[1], runs[0]].entries()) {
			await session.open(id);
			await expect.poll(() => session.steps.evaluation.comparison).not.toBeNull();
			expect(await allViews(), `opened as number ${i + 1}`).toEqual(expected[i % 2]);
		}
	});

	test('replaces the first in the view that stays open, and keeps the chosen view', async () => {
		const runs = await twoRuns();
		const { session, screen } = await openPage({ runs });
		await session.open(runs[0].id);
		// Keeps the picked view mounted: it must show another run without being rebuilt.
		session.followWork = () => undefined;
		for (const [i, { id, title }] of PIPELINE.entries()) {
			await session.open(runs[0].id);
			await userEvent.keyboard(String(i + 1));
			await expect.element(screen.getByRole('group', { name: title, exact: true }).first()).toBeVisible();
			const before = await settled();
			const group = screen.getByRole('group', { name: title, exact: true }).first().element();
			await session.open(runs[1].id);
			expect(await settled(), id).not.toBe(before);
			expect(group.isConnected, id).toBe(true);
		}
		session.steps.evaluation.mode = 'sampled';
		session.steps.revision.filter = 'rejected';
		session.run.reviewFirst = true;
		await session.open(runs[0].id);
		expect(session.steps.evaluation.mode).toBe('sampled');
		expect(session.steps.revision.filter).toBe('rejected');
		expect(session.run.reviewFirst).toBe(true);
	});

	test('that is started from a failed one’s page takes the first one’s place', async () => {
		const reviser = { ...SMALL.reviser, endpoint: 'https://api.example.org/v1', model: 'm', concurrency: 1 };
		const { session, screen, store } = await openPage({ refuseAfter: 5 }, { ...SMALL, reviser });
		await session.startRun();
		const failed = session.run;
		await screen.getByRole('button', { name: 'Use the built-in reviser instead' }).click();
		await expect.element(screen.getByRole('button', { name: 'Change one thing, run again' })).toBeVisible();
		expect(session.run).not.toBe(failed);
		expect(failed.player.transport).toBe('failed');
		expect(store.runs.get(failed.id!)?.failure?.code).toBe('endpoint-key-refused');
		expect(session.run.reused).toContain('outputs');
		await expect.element(page.getByText('What is kept')).not.toBeInTheDocument();
	});
});
