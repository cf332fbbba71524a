/** Texts in HTML and SVG: names and labels are data, and must stay text in a file that a browser opens. */

/** The text as the content of an element or as the value of an attribute in quotes. */
export function escapeMarkup(text: string): string {
	return text
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;')
		.replaceAll("'", '&#39;');
}
