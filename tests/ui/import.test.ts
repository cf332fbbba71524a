/** Imports of prompts and pairs on the page, and the worker that reads them. */
import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import { longPairs } from '#core/batch/rowLengths.ts';
import { ownSplit } from '#app/recipe/ownSplit.ts';
import { splitOf } from '#core/prompt/split.ts';
import { RowsClient } from '#worker/rowsClient.ts';
import caseB8 from '../fixtures/cases/B8-long-held-out.jsonl?url';
import parquet from '../fixtures/cases/pairs-zstd.parquet?url';
import { openPage, SMALL } from './support/app.ts';

const bytesOf = async (url: string): Promise<Uint8Array<ArrayBuffer>> =>
	new Uint8Array(await (await fetch(url)).arrayBuffer());

const reader = new RowsClient(
	() => new Worker(new URL('../../src/worker/rows.worker.ts', import.meta.url), { type: 'module' }),
);

/** Drops a file on the page's import. */
function drop(file: File): void {
	const event = new DragEvent('drop', { bubbles: true, cancelable: true });
	Object.defineProperty(event, 'dataTransfer', { value: { files: [file] } });
	page
		.getByRole('group', { name: /^Import:/ })
		.first()
		.element()
		.dispatchEvent(event);
}

const gzipped = (text: string): Promise<Blob> =>
	new Response(new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'))).blob();

describe('the worker', () => {
	const source = {
		...{ id: 'anchor-1m', title: 'Anchor 1M', url: new URL('/models/anchor-1m/', location.href).href },
		...{ library: null, parameters: 1e6, origin: { place: 'page' as const } },
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
	test('takes all members of a gzip file, and the rows of a Parquet file', async () => {
		const { session, screen } = await openPage({ rowReader: reader });
		await screen.getByRole('button', { name: 'pairs you already have' }).click();
		const line = (prompt: string, chosen: string) => JSON.stringify({ prompt, chosen, rejected: 'Fog.' });
		const members = [
			`${line('Name a tree.', 'Elm.')}\n${line('Name a river.', 'Oder.')}\n`,
			line('Name a bird.', 'Kite.'),
		];
		drop(new File(await Promise.all(members.map(gzipped)), 'two.jsonl.gz'));
		await expect.element(screen.getByText(/3 pairs imported from two\.jsonl\.gz\./)).toBeVisible();
		const chosen = () => session.imported.pairs.set?.pairs.map((pair) => pair.chosen);
		expect(chosen()).toEqual(['Elm.', 'Oder.', 'Kite.']);
		drop(new File([await bytesOf(parquet)], 'pairs-zstd.parquet'));
		await expect.element(screen.getByText(/3 pairs imported from pairs-zstd\.parquet\./)).toBeVisible();
		expect(chosen()).toEqual(['Oak.', 'The Elbe.', 'Red.']);
	});

	test('draws as many prompts as the recipe takes, and says how many do not fit', async () => {
		const { session, screen } = await openPage({}, { ...SMALL, prompts: { ...SMALL.prompts, count: 20 } });
		await screen.getByRole('button', { name: 'your own prompts' }).click();
		const own = Array.from(
			{ length: 90 },
			(_, i) => `Name ${i + 1} animals. ${i % 3 === 0 ? 'word '.repeat(600) : ''}`,
		);
		await screen.getByRole('textbox', { name: /Paste prompts/ }).fill(own.join('\n'));
		await screen.getByRole('button', { name: 'Import the pasted text' }).click();
		await expect
			.element(screen.getByText(/60 prompts imported from the pasted text, 30 rows left out/))
			.toBeVisible();
		await expect.element(screen.getByText(/20 prompts\s+of yours will train/)).toBeVisible();
		await expect
			.element(screen.getByText(/30 prompts of yours are left out: too long for this recipe/))
			.toBeVisible();
		await session.startRun();
		const { prompt, output } = session.steps;
		expect(prompt.prompts).toHaveLength(20);
		expect(output.faults).toEqual([]);
	});

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
		// The strip of steps counts the same prompts as the import.
		const count = (element: Element): string => /\d+ prompts/.exec(element.textContent)?.[0] ?? '';
		expect(count(screen.getByRole('navigation', { name: 'Steps of a run' }).element())).toBe('2 prompts');
		await expect.element(screen.getByText(/gzip too. They stay on this machine\.$/)).toBeVisible();
		session.draft.set('reviser', 'endpoint', 'https://api.example.org/v1');
		await expect.element(screen.getByText(/until a run sends them.*to api\.example\.org/)).toBeVisible();
		await page.viewport(390, 844);
		expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(390);
		place.element().focus();
		await place.selectOptions('the column “Thema”');
		await expect.element(screen.getByText(/3 prompts imported/)).toBeVisible();
		await expect.element(place).toHaveFocus();
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
		drop(gone('my folder'));
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
