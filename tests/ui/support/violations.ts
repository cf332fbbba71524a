/** Violations of accessibility rules that axe finds on the page. */
import axe from 'axe-core';

/** One line per rule that the page breaks. */
export async function violations(): Promise<string[]> {
	await document.fonts.ready;
	// A colour in mid-change has another contrast.
	await Promise.all(document.getAnimations().map(({ finished }) => finished));
	const { violations } = await axe.run(document, {
		runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
		// The test's own frame has neither title nor language.
		rules: { 'document-title': { enabled: false }, 'html-has-lang': { enabled: false } },
	});
	return violations.map(
		({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
	);
}
