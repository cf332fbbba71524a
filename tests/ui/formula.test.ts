import { objectiveOf } from '#core/loss/objectives/registry.ts';
import { mo, mrow } from '#core/loss/expression/emit/mathNodes.ts';
import Formula from '#ui/views/loss/Formula.svelte';
import { expect, test } from 'vitest';
import { render } from 'vitest-browser-svelte';

test('a formula is MathML throughout, with the colours of the two sides', async () => {
	const { container } = await render(Formula, { node: objectiveOf('sft').mathml.loss });
	const elements = [...container.querySelectorAll('math, math *')];
	expect(elements.length).toBeGreaterThan(10);
	// In any other namespace the browser would render it as plain text.
	expect([...new Set(elements.map(({ namespaceURI }) => namespaceURI))]).toEqual([
		'http://www.w3.org/1998/Math/MathML',
	]);
	expect(container.querySelectorAll('.chosen').length).toBe(2);
	// The fraction bar: numerator above denominator.
	const [over, under] = [...container.querySelectorAll('mfrac > *')].map((part) =>
		part.getBoundingClientRect(),
	);
	expect(over!.bottom).toBeLessThanOrEqual(under!.top + 1);
});

test('text is never read as markup', async () => {
	const { container } = await render(Formula, { node: mrow([mo('<img src=x onerror=alert(1)>'), mo('+')]) });
	expect(container.querySelector('img')).toBeNull();
	expect(container.textContent).toContain('<img');
});
