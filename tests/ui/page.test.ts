import { StorageError } from '#core/errors.ts';
import { describe, expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { openHeldAt, openPage, SMALL } from './support/app.ts';

describe('the first page', () => {
	test('its paragraph is the recipe: a value that is edited is the one that will run', async () => {
		const { session, screen } = await openPage();
		await screen.getByRole('spinbutton', { name: 'Rank of the adapter' }).fill('4');
		await screen.getByRole('combobox', { name: 'Objective' }).selectOptions('DPO');
		await userEvent.tab();
		await expect.poll(() => session.draft.recipe.lora.rank).toBe(4);
		expect(session.draft.recipe.objective.id).toBe('dpo');
	});

	test('a value out of range is refused and the recipe stays usable', async () => {
		const { session, screen } = await openPage();
		const rank = screen.getByRole('spinbutton', { name: 'Rank of the adapter' });
		await rank.fill('0');
		await userEvent.tab();
		await expect.element(rank).toHaveValue(8);
		expect(session.draft.problem).toBeNull();
	});

	test('pasted prompts are imported, and rows left out show the reason', async () => {
		const { session, screen } = await openPage();
		await screen.getByRole('button', { name: 'your own prompts' }).click();
		await expect.element(screen.getByRole('button', { name: 'Run the loop' })).toBeDisabled();
		await screen
			.getByRole('textbox', { name: /Paste prompts/ })
			.fill('Name a fish.\nName a fish.\nName a bird.');
		await screen.getByRole('button', { name: 'Import the pasted text' }).click();
		await expect.element(screen.getByText('2 prompts', { exact: true }).last()).toBeVisible();
		expect(session.imported.prompts.skipped).toHaveLength(1);
		await expect.element(screen.getByText(/1 row left out, and why/)).toBeVisible();
		await expect.element(screen.getByRole('button', { name: 'Run the loop' })).toBeEnabled();
	});

	test('an endpoint’s key stays out of the recipe, also if it was pasted with the address', async () => {
		const { session, screen } = await openPage();
		await screen.getByRole('combobox', { name: 'Reviser' }).selectOptions('my own endpoint');
		await screen
			.getByLabelText('Base URL')
			.fill('https://me:secret-word@api.example.org/v1?key=secret-query');
		await screen.getByLabelText('Key', { exact: true }).fill('secret-key');
		await userEvent.tab();
		await expect.poll(() => session.reviser.keyFor('https://api.example.org/v1')).toBe('secret-key');
		expect(session.draft.recipe.reviser.endpoint).toBe('https://api.example.org/v1');
		expect(JSON.stringify(session.draft.recipe)).not.toContain('secret');
		await expect.element(screen.getByText(/was removed from the address/)).toBeVisible();
	});

	test('a key is not offered to another server', async () => {
		const { screen } = await openPage();
		await screen.getByRole('combobox', { name: 'Reviser' }).selectOptions('my own endpoint');
		const [address, key] = [screen.getByLabelText('Base URL'), screen.getByLabelText('Key', { exact: true })];
		await address.fill('https://one.example/v1');
		await key.fill('secret-key');
		await address.fill('https://two.example/v1');
		await userEvent.tab();
		await expect.element(key).toHaveValue('');
		await address.fill('https://one.example/v2');
		await userEvent.tab();
		await expect.element(key).toHaveValue('secret-key');
	});

	test('Enter runs the loop from anywhere, as its button says', async () => {
		const { session } = await openPage();
		await userEvent.keyboard('{Enter}');
		await expect.poll(() => session.run.player.transport).toBe('done');
	});

	test('without WebGPU it names the missing and the working parts, and runs on the processor', async () => {
		const device = {
			backend: 'wasm' as const,
			vendor: '',
			architecture: '',
			description: '',
			features: [],
			limits: {},
			fallbackReason: 'No adapter was given.',
		};
		const { screen } = await openPage({ device });
		await expect
			.element(screen.getByRole('heading', { name: /cannot train on this machine’s graphics processor/ }))
			.toBeVisible();
		await expect.element(screen.getByText(/No adapter was given/)).toBeVisible();
		await expect.element(screen.getByRole('button', { name: 'Run the loop on the processor' })).toBeEnabled();
	});
});

describe('a run', () => {
	test('goes from the button to the held-out score, and ends with the next thing to do', async () => {
		const { session, screen } = await openPage();
		await screen.getByRole('button', { name: 'Run the loop' }).click();
		await expect.element(screen.getByRole('button', { name: 'Change one thing, run again' })).toBeVisible();
		expect(session.run.player.transport).toBe('done');
		const way = screen.getByRole('navigation', { name: 'Steps of a run' });
		await expect.element(way.getByRole('button', { name: /Evaluation.*done/ })).toBeVisible();
		await expect.element(screen.getByText(/tuned/).first()).toBeVisible();
	});

	test('pauses by Space, steps by the full stop, resumes, and keeps the picked view', async () => {
		const { session, screen, release } = await openHeldAt(3);
		await screen.getByRole('button', { name: 'Run the loop' }).click();
		await expect.poll(() => session.steps.loss.step).toBe(3);
		await userEvent.keyboard('6');
		await expect.element(screen.getByRole('group', { name: 'Loss' })).toBeVisible();
		await userEvent.keyboard(' ');
		release();
		await expect.element(screen.getByRole('button', { name: 'Resume' }).first()).toBeVisible();
		await expect.poll(() => session.steps.loss.phase).toBe('paused');
		const { step } = session.steps.loss;
		await userEvent.keyboard('.');
		await expect.poll(() => session.steps.loss.step).toBe(step + 1);
		await userEvent.keyboard(' ');
		await expect.poll(() => session.run.player.transport).toBe('done');
		expect(session.view).toBe('loss');
	});

	test('changing the recipe during a run says that the new run must wait', async () => {
		const { session, screen, release } = await openHeldAt(2);
		await screen.getByRole('button', { name: 'Run the loop' }).click();
		await expect.poll(() => session.run.phase).toBe('training');
		await userEvent.keyboard('n');
		await expect.element(screen.getByRole('button', { name: 'Run again' })).toBeDisabled();
		await expect.element(screen.getByText(/is still running\. Stop it or wait for its end/)).toBeVisible();
		await expect.element(screen.getByRole('button', { name: 'Pause' }).first()).toBeVisible();
		release();
		await expect.poll(() => session.run.player.transport).toBe('done');
		await expect.element(screen.getByRole('button', { name: 'Run again' })).toBeEnabled();
	});

	test('returns to the paragraph with the change marked, and names the reused work', async () => {
		const { session, screen } = await openPage();
		await session.startRun();
		await userEvent.keyboard('n');
		await screen.getByRole('spinbutton', { name: 'Beta' }).fill('0.1');
		await userEvent.tab();
		await expect.element(screen.getByRole('spinbutton', { name: 'Beta, changed' })).toHaveValue(0.1);
		await expect
			.element(screen.getByText('Answers and revisions of the previous run are reused; training restarts.'))
			.toBeVisible();
		await screen.getByRole('button', { name: 'undo β' }).click();
		expect(session.draft.changes).toHaveLength(0);
	});

	test('a refused key stops at its row, keeps the replies, and resumes with a new key', async () => {
		const reviser = { ...SMALL.reviser, endpoint: 'https://api.example.org/v1', model: 'm', concurrency: 1 };
		const { session, screen } = await openPage({ refuseAfter: 5 }, { ...SMALL, reviser });
		await session.startRun();
		await expect.element(screen.getByText('What is kept')).toBeVisible();
		const kept = session.steps.revision.rows.filter(({ rawReply }) => rawReply !== null).length;
		expect(kept).toBe(5);
		await screen.getByLabelText('Key for api.example.org').fill('good');
		await screen.getByRole('button', { name: 'Resume with this key' }).click();
		await expect.element(screen.getByRole('button', { name: 'Change one thing, run again' })).toBeVisible();
		expect(session.steps.revision.counts.failed).toBe(0);
	});
});

describe('change one thing', () => {
	test('by keyboard alone: the next Tab comes to the recipe’s first value', async () => {
		const { session, screen } = await openPage();
		await session.startRun();
		await userEvent.keyboard('n');
		await expect.element(screen.getByRole('heading', { name: 'Change one thing, run again.' })).toHaveFocus();
		await userEvent.keyboard('{Tab}');
		await expect.element(screen.getByRole('spinbutton', { name: /^Prompts/ })).toHaveFocus();
	});
});

describe('a store that is full', () => {
	test('is named on the page while the run continues in memory', async () => {
		const { session, screen, store } = await openPage();
		store.write = () =>
			Promise.reject(
				new StorageError('This machine gives the page no more room.', {
					code: 'storage-full',
					hint: 'Delete runs on the Shelf.',
				}),
			);
		await screen.getByRole('button', { name: 'Run the loop' }).click();
		await expect.element(screen.getByText(/Not saved:.*Delete runs/)).toBeVisible();
		await expect.poll(() => session.run.player.transport, { timeout: 30_000 }).toBe('done');
	});
});
