/** The second models of the recipe: their list, the trial, and the sentences about privacy. */
import { describe, expect, test } from 'vitest';
import { openPage, SMALL } from './support/app.ts';
import { DEVICE } from './support/compute.ts';

const GPU = { ...DEVICE, features: ['shader-f16'], budgetBytes: 4.3e9 };

test('the recipe offers them with download, memory and the best choice, and the run starts with one', async () => {
	const { session, screen } = await openPage({ device: GPU });
	await screen.getByRole('combobox', { name: 'Reviser' }).selectOptions('a second model here');
	expect(session.draft.recipe.reviser).toMatchObject({ endpoint: 'local', model: 'Qwen3-1.7B' });
	const best = screen.getByRole('radio', { name: /Qwen3 1\.7B.*the best choice here/ });
	await expect.element(best).toBeChecked();
	await expect
		.element(screen.getByText(/Qwen3 1\.7B is fetched once, 1\.0 GB from huggingface\.co/))
		.toBeVisible();
	await screen.getByRole('radio', { name: /Qwen2\.5 1\.5B/ }).click();
	expect(session.draft.recipe.reviser.model).toBe('Qwen2.5-1.5B-Instruct');
	await expect.element(screen.getByText(/downloads 884 MB once, takes about 1\.6 GB/)).toBeVisible();
	const large = screen.getByRole('radio', { name: /Qwen3 4B/ });
	await expect.element(large).toBeEnabled();
	await screen.getByRole('button', { name: 'Try it' }).click();
	await expect.element(screen.getByText(/^It answered: /)).toBeVisible();
	await screen.getByRole('button', { name: 'Run the loop' }).click();
	await expect.poll(() => session.steps.revision.rows[0]?.reviser).toBe('Qwen2.5-1.5B-Instruct-q4f16_1-MLC');
});

test('without WebGPU only models that are here can be chosen', async () => {
	const { session, screen } = await openPage({ device: { ...DEVICE, backend: 'wasm' } });
	await screen.getByRole('combobox', { name: 'Reviser' }).selectOptions('a second model here');
	await expect.element(screen.getByRole('radio', { name: /Qwen3 4B/ })).toBeDisabled();
	await expect.element(screen.getByRole('button', { name: 'Try it' })).toBeDisabled();
	const own = screen.getByRole('radio', { name: /Anchor 1M/ });
	await expect.element(own).toBeEnabled();
	await own.click();
	expect(session.draft.recipe.reviser.model).toBe('anchor-1m');
	await expect.element(screen.getByRole('button', { name: 'Try it' })).toBeEnabled();
	await expect.element(screen.getByText(/Nothing leaves this machine\.$/)).toBeVisible();
});

describe('a recipe that names a model which is not here', () => {
	test('says which one and how to get it', async () => {
		const model = `me/other@${'0'.repeat(40)}:Q8_0`;
		const reviser = { ...SMALL.reviser, endpoint: 'local', model };
		const { screen } = await openPage({}, { ...SMALL, reviser });
		await expect.element(screen.getByText(/names me\/other, Q8_0, which is not kept here/)).toBeVisible();
	});
});

test('the judge and the stronger model can be a second model too', async () => {
	const pairs = { ...SMALL.pairs, method: 'on_policy_judge' };
	const { session, screen } = await openPage({ device: GPU }, { ...SMALL, pairs });
	await screen.getByRole('combobox', { name: 'Judge' }).selectOptions('a second model here');
	await expect.element(screen.getByRole('group', { name: 'Judge on this machine' })).toBeVisible();
	await screen.getByRole('radio', { name: /Qwen2\.5 1\.5B/ }).click();
	expect(session.draft.recipe.judge).toEqual({ endpoint: 'local', model: 'Qwen2.5-1.5B-Instruct' });
	await expect.element(screen.getByText(/Qwen2\.5 1\.5B Instruct is fetched once/)).toBeVisible();
	session.draft.set('pairs', 'method', 'stronger_preferred');
	await screen.getByRole('combobox', { name: 'Stronger model' }).selectOptions('a second model here');
	await expect.element(screen.getByRole('group', { name: 'Stronger model on this machine' })).toBeVisible();
	expect(session.draft.recipe.stronger).toMatchObject({ endpoint: 'local', model: 'Qwen3-1.7B' });
});
