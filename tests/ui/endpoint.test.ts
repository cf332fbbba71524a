/** The settings of an own endpoint: presets, the test, keys that cannot be sent; and the list of sent requests. */
import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { openPage, SMALL } from './support/app.ts';

test('an address without a scheme gets one, and a key that no header carries is named', async () => {
	const { session, screen } = await openPage();
	await screen.getByRole('combobox', { name: 'Reviser' }).selectOptions('my own endpoint');
	await screen.getByLabelText('Base URL').fill('localhost:8080/v1');
	await screen.getByLabelText('Key', { exact: true }).fill('amber-falcon-90210\u200b');
	await userEvent.tab();
	await expect.element(screen.getByText('“http://” was added to the address.')).toBeVisible();
	expect(session.draft.recipe.reviser.endpoint).toBe('http://localhost:8080/v1');
	const problem = screen.getByText(/^Character 19 of the key is a zero-width space/);
	await expect.element(problem).toBeVisible();
	await screen.getByLabelText('Key', { exact: true }).fill('  amber-falcon-90210  ');
	await userEvent.tab();
	await expect.poll(() => session.reviser.keyFor('http://localhost:8080/v1')).toBe('amber-falcon-90210');
	await expect.element(problem).not.toBeInTheDocument();
});

test('a preset fills the address, its model is chosen from its help, and the test lists what works', async () => {
	const offeredModels = () =>
		Promise.resolve([
			{ id: 'openai/gpt-4o-mini', price: { prompt: 0.15, completion: 0.6 } },
			{ id: 'other', price: null },
		]);
	const { session, screen } = await openPage({ offeredModels });
	await screen.getByRole('combobox', { name: 'Reviser' }).selectOptions('my own endpoint');
	await screen.getByRole('combobox', { name: 'Server' }).selectOptions('OpenRouter');
	expect(session.draft.recipe.reviser).toMatchObject({ endpoint: 'https://openrouter.ai/api/v1', model: '' });
	await expect.element(screen.getByText(/tokens of prompts and/)).toBeVisible();
	await screen.getByText('How to set up OpenRouter').click();
	await screen.getByRole('button', { name: 'openai/gpt-4o-mini' }).click();
	await screen.getByRole('button', { name: 'Test', exact: true }).click();
	await expect.element(screen.getByText('It offers 2 models, openai/gpt-4o-mini among them.')).toBeVisible();
	await expect.element(screen.getByText('It answered: “I cannot help with that.”')).toBeVisible();
	await expect.element(screen.getByText('from the endpoint’s list')).toBeVisible();
	await expect.element(screen.getByText(/at most \$0\.\d+ in all/)).toBeVisible();
	await screen.getByRole('button', { name: 'Read the test’s requests' }).click();
	await expect
		.element(screen.getByLabelText('Text of the request'))
		.toHaveTextContent('Reply with the word ready.');
});

test('after a run, the Revision view lists what left the machine, and so does the stored run', async () => {
	const reviser = { ...SMALL.reviser, endpoint: 'https://api.openai.com/v1', model: 'gpt-4o-mini' };
	const { session, screen, store } = await openPage({}, { ...SMALL, reviser });
	session.reviser.prices.type(reviser, { prompt: 1, completion: 10 });
	session.reviser.setKey(reviser.endpoint, 'amber-falcon-90210');
	session.run.reviewFirst = false;
	await session.startRun();
	session.show('revision');
	await expect.element(screen.getByText('48 requests', { exact: true })).toBeVisible();
	await expect
		.element(
			screen.getByText('11,520 tokens of prompts and 1,920 of replies, by its own count: $0.031', {
				exact: true,
			}),
		)
		.toBeVisible();
	await screen.getByRole('button', { name: 'Read the requests' }).click();
	const prompt = session.steps.output.outputs[0]?.prompt.text ?? '?';
	const text = screen.getByLabelText('Text of the request');
	await expect.poll(() => text.element().textContent).toContain(prompt);
	const record = [...store.runs.values()][0];
	expect(record?.sent?.requests).toHaveLength(48);
	expect(JSON.stringify(record)).not.toContain('falcon');
	await session.open(record?.id ?? '');
	expect(session.run.traffic.servers).toMatchObject([{ host: 'api.openai.com', requests: 48 }]);
});
