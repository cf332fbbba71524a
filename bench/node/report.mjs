// docs/benchmarks.md has a section for each part between two marks; a part measured alone replaces only its
// own section. Text outside the marks is written by hand.

/** @param {string} id */
const marks = (id) => ({ begin: `<!-- begin ${id} -->`, end: `<!-- end ${id} -->` });

/**
 * @param {string} document
 * @param {string} id   of the part
 * @param {string} text Markdown of its section
 * @returns {string} with the section replaced, or added at the end if there is none yet
 * @throws {Error} if a begin or end mark is missing
 */
export function replaceSection(document, id, text) {
	const { begin, end } = marks(id);
	const [from, to] = [document.indexOf(begin), document.indexOf(end)];
	const section = `${begin}\n\n${text.trim()}\n\n${end}`;
	if (from < 0 && to < 0) return `${document.trimEnd()}\n\n${section}\n`;
	if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has only one of the marks of "${id}".`);
	return document.slice(0, from) + section + document.slice(to + end.length);
}

/**
 * The line that `--json` ends with.
 *
 * @param {Record<string, any>} numbers measurements of the parts that ran
 * @returns {string} every field of the form, null if its part did not run
 */
export function jsonLine(numbers) {
	const form = {
		step: null,
		dispatchesPerLayer: null,
		submitsPerStep: null,
		generation: null,
		leakBytes: null,
		peakBytes: null,
		estimatedBytes: null,
	};
	return JSON.stringify({ ...form, ...numbers });
}
