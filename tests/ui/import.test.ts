/** Imports of prompts and pairs on the page, and the worker that reads them. */
import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { longPairs } from '#core/batch/rowLengths.ts';
import { ownSplit } from '#app/recipe/ownSplit.ts';
import { splitOf } from '#core/world/prompts.ts';
import { RowsClient } from '#worker/rowsClient.ts';
import caseB8 from '../fixtures/cases/B8-long-held-out.jsonl?url';
import parquet from '../fixtures/cases/pairs-zstd.parquet?url';
import { openPage } from './support/app.ts';

const bytesOf = async (url: string): Promise<Uint8Array<ArrayBuffer>> =>
	new Uint8Array(await (await fetch(url)).arrayBuffer());

describe('the worker', () => {
	const reader = new RowsClient(
		() => new Worker(new URL('../../src/worker/rows.worker.ts', import.meta.url), { type: 'module' }),
	);
	const source = {
		...{ id: 'anchor-1m', title: 'Anchor 1M', url: new URL('/models/anchor-1m/', location.href).href },
		...{ library: 'lib.wasm', loraMaxRank: 16, parameters: 1e6, origin: { place: 'page' as const } },
	};

	test('reads Parquet, and names the fault of a file that it cannot read', async () => {
		const { set } = await reader.pairs({ name: 'x.parquet', bytes: await bytesOf(parquet), layout: null });
		expect(set.pairs.map(({ chosen }) => chosen)).toEqual(['Oak.', 'The Elbe.', 'Red.']);
		const broken = { name: 'x.jsonl', bytes: new TextEncoder().encode('{broken'), layout: null };
		await expect(reader.pairs(broken)).rejects.toMatchObject({ code: 'pairs-none', kind: 'format' });
	});

	test('loads the model’s tokenizer and counts', async () => {
		const { set, lines } = await reader.pairs({
			name: 'x.jsonl',
			bytes: await bytesOf(caseB8),
			layout: null,
		});
		const lengths = await reader.measure(source, set.pairs, new AbortController().signal);
		const [fault] = longPairs(lengths, { maxLength: 256 });
		expect(fault?.reason).toBe('the prompt is too long: 712 tokens, limit 255');
		expect(lines[fault?.index ?? 0]).toBe(31);
	});
});

describe('the page', () => {
	test('lets the user choose another column, and lists rows that are too long for the model', async () => {
		const { session, screen } = await openPage();
		await screen.getByRole('button', { name: 'your own prompts' }).click();
		const long = `Repeat: ${'word '.repeat(600)}`;
		await screen
			.getByRole('textbox', { name: /Paste prompts/ })
			.fill(`Nr\tAufgabe\tThema\n1\tNenne eine Brücke.\tBau\n2\t${long}\tWort\n3\tNenne einen Turm.\tTurm`);
		await screen.getByRole('button', { name: 'Import the pasted text' }).click();
		await expect
			.element(screen.getByText(/2 prompts imported from the pasted text, 1 row left out/))
			.toBeVisible();
		await screen.getByText('1 row left out, and why').click();
		await expect
			.element(screen.getByRole('cell', { name: /the prompt is too long: 604 tokens, limit 511/ }))
			.toBeVisible();
		const place = screen.getByRole('combobox', { name: 'Taken from' });
		await expect.element(place).toHaveValue('column:Aufgabe');
		const { violations } = await axe.run(document, {
			rules: { 'document-title': { enabled: false }, 'html-has-lang': { enabled: false } },
		});
		expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual(
			[],
		);
		await page.viewport(390, 844);
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		await place.selectOptions('the column “Thema”');
		await expect.element(screen.getByText(/3 prompts imported/)).toBeVisible();
		expect(session.imported.prompts.set?.prompts.map(({ text }) => text)).toEqual(['Bau', 'Wort', 'Turm']);
	});

	test('tells the split as it will be, and brings the result of an import into view', async () => {
		const { session, screen } = await openPage();
		await screen.getByRole('button', { name: 'your own prompts' }).click();
		const own = Array.from({ length: 60 }, (_, i) => `Name ${i + 1} animals.`);
		await screen.getByRole('textbox', { name: /Paste prompts/ }).fill(own.join('\n'));
		await screen.getByRole('button', { name: 'Import the pasted text' }).click();
		await expect.element(screen.getByText(/60 prompts imported from/)).toBeInViewport({ ratio: 1 });
		const { train, heldOut } = ownSplit(session.draft.recipe, session.imported)!;
		expect(heldOut).toBeGreaterThan(0);
		await expect
			.element(
				screen.getByText(
					`${train} prompts for training; ${heldOut} prompts held out by the hash of the prompt.`,
				),
			)
			.toBeVisible();
		await expect
			.element(
				screen.getByText(
					new RegExp(`${train} prompts\\s+of yours will train, ${heldOut} prompts will be held out`),
				),
			)
			.toBeVisible();
		await session.startRun();
		const { prompt } = session.steps;
		expect([prompt.prompts.length, prompt.heldOut.length]).toEqual([train, heldOut]);
	});

	test('promises no held-out score if no imported pair is held out, and the evaluation says why', async () => {
		const { session, screen } = await openPage();
		const prompts = ['Name an animal.', 'Name a tree.', 'Name a river.', 'Name a city.', 'Name a tower.'];
		const trained = prompts.filter((text) => splitOf(text) === 'train').slice(0, 3);
		await screen.getByRole('button', { name: 'pairs you already have' }).click();
		await screen
			.getByRole('textbox', { name: /Paste pairs/ })
			.fill(
				trained.map((text) => JSON.stringify({ prompt: text, chosen: 'Yes.', rejected: 'No.' })).join('\n'),
			);
		await screen.getByRole('button', { name: 'Import the pasted text' }).click();
		await expect.element(screen.getByText(/3 pairs of yours will train and none is held out/)).toBeVisible();
		await expect.element(screen.getByText(/none held out\. The hash of its text/)).toBeVisible();
		expect(screen.getByText(/400/).elements()).toEqual([]);
		await session.startRun();
		session.show('evaluation');
		await expect.element(screen.getByText(/None of this run’s prompts is held out/)).toBeVisible();
	});

	test('says that the browser gets no bytes of a dropped folder, and of a recipe that was moved', async () => {
		const { screen } = await openPage();
		const gone = (name: string): File =>
			Object.assign(new File([], name), {
				arrayBuffer: () =>
					Promise.reject(new DOMException('A requested file was not found.', 'NotFoundError')),
			});
		await screen.getByRole('button', { name: 'your own prompts' }).click();
		const drop = new DragEvent('drop', { bubbles: true, cancelable: true });
		Object.defineProperty(drop, 'dataTransfer', { value: { files: [gone('my folder')] } });
		screen
			.getByRole('group', { name: /^Import:/ })
			.first()
			.element()
			.dispatchEvent(drop);
		await expect.element(screen.getByText(/^my folder cannot be read: /)).toBeVisible();
		const field = document.querySelector('input[accept=".json,application/json"]');
		Object.defineProperty(field, 'files', { value: [gone('my.json')] });
		field?.dispatchEvent(new Event('change', { bubbles: true }));
		// Its section of the page is closed.
		await expect
			.element(screen.getByText(/my\.json cannot be read: .* It may be a folder/))
			.toBeInTheDocument();
	});
});
