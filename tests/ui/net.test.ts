/** A part of the page that throws shows its failure, and every other part goes on. */
import { describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import type { Session } from '#app/session.svelte.ts';
import { AppError, toWire } from '#core/errors.ts';
import { runRecord } from '#tests/support/runs.ts';
import { faultReport } from '#ui/parts/report.ts';
import { openHeldAt, openPage } from './support/app.ts';

/** Makes a field of a step throw when it is read, until it is mended. */
function breakField(owner: object, field: string): () => void {
	Object.defineProperty(owner, field, {
		configurable: true,
		get: () => {
			throw new TypeError('Cannot read properties of undefined (reading "length")');
		},
	});
	return () => void Reflect.deleteProperty(owner, field);
}

describe('a view that throws', () => {
	test('shows its failure with “Try again”; the other views, the steps and the run go on', async () => {
		const { session, screen } = await openPage();
		await session.startRun();
		const mend = breakField(session.steps.adapter, 'checkpoints');
		await userEvent.keyboard('7');
		await expect
			.element(screen.getByRole('heading', { name: 'The view Adapter cannot be shown.' }))
			.toBeVisible();
		await expect.element(screen.getByText(/Cannot read properties of undefined/)).toBeVisible();
		await userEvent.keyboard('4');
		await expect.element(screen.getByRole('group', { name: 'Pair', exact: true }).first()).toBeVisible();
		await userEvent.keyboard('7');
		await expect.element(screen.getByRole('button', { name: 'Copy a report' })).toBeVisible();
		mend();
		await screen.getByRole('button', { name: 'Try again' }).click();
		await expect.element(screen.getByRole('heading', { name: 'Checkpoints' })).toBeVisible();
		expect(session.run.player.transport).toBe('done');
	});

	test('while the run is active does not stop it', async () => {
		const { session, screen, release } = await openHeldAt(4);
		const running = session.startRun();
		await expect.poll(() => session.steps.loss.step).toBe(4);
		const mend = breakField(session.steps.adapter, 'checkpoints');
		await userEvent.keyboard('7');
		await expect.element(screen.getByText('The run goes on, and every other view works.')).toBeVisible();
		mend();
		release();
		await running;
		expect(session.run.failure).toBeNull();
		expect(session.run.player.transport).toBe('done');
		await screen.getByRole('button', { name: 'Try again' }).click();
		await expect.element(screen.getByRole('heading', { name: 'Checkpoints' })).toBeVisible();
	});
});

describe('an error that nothing caught', () => {
	test('is shown with a report, and can be closed', async () => {
		const { session, screen } = await openPage();
		await session.startRun();
		session.faults.report(new TypeError('x is undefined'));
		await expect.element(screen.getByText('Something in the page failed: x is undefined.')).toBeVisible();
		await screen.getByRole('button', { name: 'close' }).click();
		await expect.element(screen.getByText(/Something in the page failed/)).not.toBeInTheDocument();
		expect(session.run.player.transport).toBe('done');
	});

	test('has a report without keys and without any text of the run', async () => {
		const { session } = await openPage();
		await session.startRun();
		const endpoint = 'https://api.example.org/v1';
		session.reviser.setKey(endpoint, 'sk-abcdef-1234567890', true);
		const { prompt, output, revision } = session.steps;
		const quoted = [
			prompt.prompts[0]?.text,
			prompt.heldOut[0]?.text,
			output.outputs[1]?.text,
			revision.rows.find(({ revised }) => revised !== null)?.revised,
		].map((text) => text ?? '');
		const error = {
			kind: 'remote' as const,
			code: 'endpoint-refused',
			message: `Bad request with sk-abcdef-1234567890: ${quoted.join(' / ')}`,
			hint: quoted[0] ?? '',
			context: { body: quoted[1] ?? '', url: `${endpoint}?key=sk-abcdef-1234567890` },
			stack: `Error: ${quoted[2]}\n    at f (https://host/x.js:1:2)`,
		};
		const text = faultReport(error, 'the page', session);
		expect(text).not.toContain('abcdef-1234567890');
		for (const one of quoted) expect(text).not.toContain(JSON.stringify(one).slice(1, -1));
		expect(text).toContain('endpoint-refused');
		expect(text).toContain('x.js:1:2');
	});
});

async function shelf(session: Session, screen: Awaited<ReturnType<typeof openPage>>['screen']) {
	await screen.getByRole('button', { name: 'Shelf' }).click();
	await expect.poll(() => session.data.parts.length).toBe(3);
}

describe('the Shelf', () => {
	test('lists a damaged run with its reason, and deletes it only when asked twice', async () => {
		const { session, screen, store } = await openPage({ runs: [runRecord('a')] });
		store.broken = [
			{ id: 'x', name: 'Old run', reason: 'Old run is damaged: phase is not usable.', bytes: 1200 },
		];
		await shelf(session, screen);
		await expect.element(screen.getByText('Old run is damaged: phase is not usable.')).toBeVisible();
		await expect.element(screen.getByText('Run a', { exact: true })).toBeVisible();
		const row = screen.getByRole('listitem').filter({ hasText: 'Old run' });
		await row.getByRole('button', { name: 'Delete' }).click();
		await expect.element(screen.getByRole('button', { name: 'Keep it' })).toHaveFocus();
		await screen.getByRole('button', { name: 'Delete Old run for good' }).click();
		await expect.element(screen.getByText('Damaged runs')).not.toBeInTheDocument();
	});

	test('deletes everything by keyboard, only when asked twice', async () => {
		const { session, screen, store } = await openPage({ runs: [runRecord('a'), runRecord('b')] });
		await shelf(session, screen);
		const button = screen.getByRole('button', { name: 'Delete everything', exact: true });
		button.element().focus();
		await userEvent.keyboard('{Enter}');
		await expect.element(screen.getByRole('button', { name: 'Keep everything' })).toHaveFocus();
		expect(store.runs.size).toBe(2);
		await userEvent.keyboard('{Enter}');
		await expect.element(button).toHaveFocus();
		expect(store.runs.size).toBe(2);
		await userEvent.keyboard('{Enter}');
		await userEvent.keyboard('{Shift>}{Tab}{/Shift}{Enter}');
		await expect.poll(() => store.runs.size).toBe(0);
		await expect.poll(() => session.data.parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(0);
	});

	test('says how long the browser keeps the data', async () => {
		const { session, screen } = await openPage();
		await shelf(session, screen);
		await expect.element(screen.getByText(/The browser may delete this data/)).toBeVisible();
		session.place = 'loop';
		await session.startRun();
		await screen.getByRole('button', { name: 'Shelf' }).click();
		await expect
			.element(screen.getByText('The browser keeps this data until you delete them.'))
			.toBeVisible();
	});

	test('a refusal of a worker is shown once', async () => {
		const { session, screen } = await openPage();
		session.data.refused = toWire(
			new AppError('The browser does not store x.bin.', {
				code: 'model-cache-full',
				hint: 'Free space.',
			}),
		);
		await expect.element(screen.getByText('The browser does not store x.bin. Free space.')).toBeVisible();
		await screen.getByRole('button', { name: 'close' }).click();
		await expect.element(screen.getByText(/does not store x.bin/)).not.toBeInTheDocument();
	});
});
