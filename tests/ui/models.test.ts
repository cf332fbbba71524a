/** Models: a real GGUF file is looked at, added, used in the recipe, and deleted. */
import axe from 'axe-core';
import { expect, test } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { tinyFolder, tinyGgufFile } from '#tests/support/tinyModel.ts';
import { openPage } from './support/app.ts';

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
	await expect.element(screen.getByText(/Llama family, 1 layers/)).toBeVisible();
	await expect.element(screen.getByText(/answers and trains here|this page may take/).first()).toBeVisible();
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
