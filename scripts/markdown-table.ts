/** A table of Markdown, padded as prettier formats it. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const widths = head.map((title, i) =>
		Math.max(3, title.length, ...rows.map((cells) => cells[i]?.length ?? 0)),
	);
	return [head, widths.map((width) => '-'.repeat(width)), ...rows]
		.map((cells) => `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`)
		.join('\n');
}

/**
 * The text with new content between two lines that mark a place.
 *
 * @throws Error if it lacks the marks
 */
export function between(text: string, [begin, end]: readonly [string, string], content: string): string {
	const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
	if (start < 0 || stop < start) throw new Error(`The text lacks the marks “${begin}” and “${end}”.`);
	return `${text.slice(0, start)}${begin}\n\n${content}\n\n${text.slice(stop)}`;
}
