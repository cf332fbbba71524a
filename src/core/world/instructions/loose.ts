/**
 * The loose check of IFEval (arXiv 2311.07911, section 2.2): an instruction also counts as followed if the answer follows
 * it without marks of emphasis, without its first line, without its last line, or without several of these.
 */

/** The answer and its seven variants; empty ones are left out. */
export function looseVariants(answer: string): string[] {
	const lines = answer.trim().split('\n');
	const framings = [lines, lines.slice(1), lines.slice(0, -1), lines.slice(1, -1)].map((kept) =>
		kept.join('\n').trim(),
	);
	const variants = framings.flatMap((text) => [text, text.replaceAll('*', '').trim()]);
	return [...new Set(variants)].filter((text) => text !== '');
}
