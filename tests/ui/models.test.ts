/** Models: a real GGUF file is looked at, added, used in the recipe, and deleted. */
import axe from 'axe-core';
import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { tinyFolder, tinyGgufFile } from '#tests/support/tinyModel.ts';
import { DEFAULT_RECIPE } from '#core/recipe/recipe.ts';
import { openPage } from './support/app.ts';
import { DEVICE } from './support/compute.ts';
import { pageHub } from './support/pageHub.ts';

const asFile = ({ path, file }: { path: string; file: Blob }): File => new File([file], path);

async function expectAccessible(): Promise<void> {
	await document.fonts.ready;
	await Promise.all(document.getAnimations().map((animation) => animation.finished));
	const { violations } = await axe.run(document, {
		rules: { 'document-title': { enabled: false }, 'html-has-lang': { enabled: false } },
	});
	expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual(
		[],
	);
}

function fileInput(accept: string | null): HTMLInputElement {
	const inputs = [...document.querySelectorAll<HTMLInputElement>('dialog input[type=file]')];
	const found = inputs.find((input) => input.getAttribute('accept') === accept);
	if (found === undefined) throw new Error('no file input');
	return found;
}

test('a GGUF file is looked at, added, chosen for the recipe, and deleted after a second question', async () => {
	for (const name of await caches.keys()) await caches.delete(name);
	const { session, screen } = await openPage();
	await screen.getByRole('button', { name: '(other models)' }).click();
	await expect.element(screen.getByRole('dialog', { name: 'Models' })).toBeVisible();
	await userEvent.upload(fileInput('.gguf'), asFile(tinyGgufFile()));
	const add = screen.getByRole('button', { name: 'Add', exact: true });
	await expect.element(add).toBeEnabled();
	await expect.element(screen.getByText(/Llama family, 1 layer,/)).toBeVisible();
	await expect.element(screen.getByText(/samples and trains|this page may take/).first()).toBeVisible();
	await expectAccessible();
	await page.viewport(390, 800);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await page.viewport(1280, 800);
	await add.click();
	await expect.element(screen.getByRole('button', { name: /in the recipe.*tiny-llama-F32/ })).toBeVisible();
	expect(session.draft.recipe.model).toMatch(/^disk:tiny-llama-F32\.gguf@[0-9a-f]{16}:F32$/);
	await expectAccessible();
	// The same file is known by its digest.
	await userEvent.upload(fileInput('.gguf'), asFile(tinyGgufFile()));
	await screen.getByRole('button', { name: 'Add', exact: true }).click();
	await expect.element(add).not.toBeInTheDocument();
	expect(session.models.shelf.kept).toHaveLength(1);
	await screen.getByRole('button', { name: /^Delete tiny-llama/ }).click();
	await expect.element(screen.getByRole('button', { name: 'Keep it' })).toHaveFocus();
	await screen.getByRole('button', { name: /^Delete for good/ }).click();
	await expect.poll(() => session.models.shelf.kept).toHaveLength(0);
	expect(session.draft.recipe.model).toBe('anchor-1m');
	const left = await Promise.all(
		(await caches.keys()).map(async (name) => (await (await caches.open(name)).keys()).length),
	);
	expect(left.reduce((sum, n) => sum + n, 0)).toBe(0);
});

test('a folder that cannot be used says why beside its sizes', async () => {
	const { session, screen } = await openPage();
	await session.models.show();
	const files = tinyFolder('base-model').filter(({ path }) => !path.endsWith('tokenizer_config.json'));
	await session.models.look({ kind: 'disk', files });
	await expect.element(screen.getByText(/no chat template/)).toBeVisible();
	await expect.element(screen.getByRole('button', { name: 'Add', exact: true })).toBeDisabled();
});

const HUB = 'https://huggingface.co';
const GPU = { ...DEVICE, backend: 'webgpu', architecture: 'metal-3', budgetBytes: 4 * 2 ** 30 } as const;

test('a published model says what this device can do, is downloaded by one click, and brings its recipe', async () => {
	for (const name of await caches.keys()) await caches.delete(name);
	const fetch = pageHub(HUB, 'HuggingFaceTB/SmolLM2-135M-Instruct', tinyFolder('x'));
	const { session, screen } = await openPage({ fetch, device: GPU }, DEFAULT_RECIPE);
	await screen.getByRole('button', { name: '(other models)' }).click();
	const row = screen.getByRole('listitem', { name: 'SmolLM2-135M-Instruct' });
	await expect.element(row.getByText('samples and trains')).toBeVisible();
	await expect.element(row.getByRole('link', { name: 'Apache 2.0' })).toBeVisible();
	await expect.element(screen.getByText('best choice here')).toBeVisible();
	await expect.element(screen.getByText(/This page may take about 4\.3 GB/)).toBeVisible();
	await expectAccessible();
	await page.viewport(390, 800);
	expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
	await expectAccessible();
	await page.viewport(1280, 800);
	await row.getByRole('button', { name: /^Download SmolLM2-135M-Instruct, 269 MB/ }).click();
	await expect.element(row.getByRole('button', { name: /in the recipe/ })).toBeVisible();
	await expect.element(row.getByText(/Kept in this browser/)).toBeVisible();
	expect(session.draft.recipe.model).toMatch(/^HuggingFaceTB\/SmolLM2-135M-Instruct@/);
	// By its name the model is SmolLM2; the tiny files behind it have a thousand parameters.
	expect(session.draft.unlikeSuggested).toEqual([]);
	await session.models.remove(session.draft.recipe.model);
});

test('terms must be accepted before a download; files that are given on request say how to get them', async () => {
	const { screen } = await openPage({ device: GPU });
	await screen.getByRole('button', { name: '(other models)' }).click();
	const row = screen.getByRole('listitem', { name: 'Llama-3.2-1B-Instruct' });
	const download = row.getByRole('button', { name: /^Download/ });
	await expect.element(download).toBeDisabled();
	await row
		.getByRole('checkbox', { name: /I have read and accept the Llama 3\.2 Community License/ })
		.click();
	await expect.element(download).toBeEnabled();
	await row.getByRole('combobox').selectOptions('2');
	await expect.element(row.getByText(/The maker gives these files on request/)).toBeVisible();
	await expect.element(download).not.toBeInTheDocument();
	const large = screen.getByRole('listitem', { name: 'Llama-3.1-8B-Instruct' });
	await expect.element(large.getByText(/too large for this device: 6\.\d GB of 4\.3 GB/)).toBeVisible();
});

test('a mirror is checked before it is set, and names of repositories are then looked up there', async () => {
	const mirror = 'https://mirror.example';
	const fetch = pageHub(mirror, 'owner/tiny', tinyFolder('x'));
	const { session, screen } = await openPage({ fetch });
	await session.models.show();
	await screen.getByText('Where the files come from: huggingface.co').click();
	const field = screen.getByRole('textbox', { name: /Address of a mirror/ });
	await field.fill('https://');
	await screen.getByRole('button', { name: 'Check and use' }).click();
	await expect.element(screen.getByText(/is not the address of a hub/)).toBeVisible();
	await field.fill(`${mirror}/`);
	await screen.getByRole('button', { name: 'Check and use' }).click();
	await expect.element(screen.getByText(`Where the files come from: ${mirror}`)).toBeVisible();
	await session.models.look({ kind: 'address', text: 'owner/tiny' });
	expect(session.models.looked?.inspection.origin).toMatchObject({ page: `${mirror}/owner/tiny` });
	session.models.leave();
	await screen.getByRole('button', { name: 'Back to huggingface.co' }).click();
	expect(session.models.hub).toBeNull();
});
