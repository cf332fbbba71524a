import { diffWords } from '#core/revision/measures.ts';
import Diff from '#ui/views/revision/Diff.svelte';
import { describe, expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';

const BEFORE = 'pear, grape, mango.';
const AFTER = 'grape, mango, pear.';
const pieces = diffWords(BEFORE, AFTER);

describe('the diff', () => {
	test('marks what was removed and what was added, each on its own line', async () => {
		const screen = await render(Diff, { prompt: 'Sort.', pieces, form: 'two-lines' });
		expect(screen.container.querySelector('del')?.textContent).toContain('pear');
		expect(screen.container.querySelector('ins')?.textContent).toContain('pear');
		await expect.element(screen.getByText('rejected')).toBeVisible();
		await expect.element(screen.getByText('chosen')).toBeVisible();
	});

	test('in one line it holds both sides', async () => {
		const screen = await render(Diff, { prompt: 'Sort.', pieces, form: 'in-one' });
		const line = screen.container.querySelector('.diff dd:last-child, dd .diff');
		expect(screen.container.querySelectorAll('del, ins').length).toBeGreaterThanOrEqual(2);
		expect(line).not.toBeNull();
	});

	test('plain it shows the two texts without marks, whole', async () => {
		const screen = await render(Diff, { prompt: 'Sort.', pieces, form: 'plain' });
		expect(screen.container.querySelector('del, ins')).toBeNull();
		await expect.element(screen.getByText(BEFORE)).toBeVisible();
		await expect.element(screen.getByText(AFTER)).toBeVisible();
	});

	test('shows markup of a model as text', async () => {
		const hostile = '<img src=x onerror="document.title=1"><script>1</script>';
		const screen = await render(Diff, {
			prompt: hostile,
			pieces: diffWords('a', hostile),
			form: 'two-lines',
		});
		expect(screen.container.querySelector('img, script')).toBeNull();
		await expect.element(screen.getByText(hostile).first()).toBeVisible();
	});
});
