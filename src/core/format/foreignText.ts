/** Recognises texts that servers send in place of a file: web pages, messages in XML, pointers of Git LFS. */

/** Characters that are looked at. */
const HEAD = 20_000;
const XML_DECLARATION = /^\s*(?:<\?xml[^>]*>)?/i;
const HTML_START = /^(?:<!doctype\s+html|<html[\s>])/i;
const HTML_PARTS = /<(?:head|body|title|meta)[\s>]/i;
const MARKUP_START = /^\s*(?:<!doctype|<!--|<\?xml|<(?:html|head|body)\b)/i;
const XML_START = /^\s*<\?xml[\s>]/i;
const LFS_START = 'version https://git-lfs.github.com/spec/';
/** Longest title that a message names. */
const LONGEST_TITLE = 100;

/** The text after its XML declaration and the comments at its start. */
function afterComments(text: string): string {
	let rest = text.replace(XML_DECLARATION, '').trimStart();
	while (rest.startsWith('<!--')) {
		const end = rest.indexOf('-->', 4);
		if (end < 0) break;
		rest = rest.slice(end + 3).trimStart();
	}
	return rest;
}

/** True for a web page, also after comments. A text that only begins with a tag may be about markup. */
export function isWebPage(text: string): boolean {
	const start = text.slice(0, HEAD);
	return HTML_START.test(afterComments(start)) && HTML_PARTS.test(start);
}

/** The title of a page; null if it has none, or a long one. */
export function titleOf(page: string): string | null {
	const title = /<title[^<>]*>([^<]*)</i.exec(page.slice(0, HEAD))?.[1]?.trim() ?? '';
	return title === '' || title.length > LONGEST_TITLE ? null : title;
}

export const isXml = (text: string): boolean => XML_START.test(text.slice(0, HEAD));

/** True for a text that begins with markup, where no text of a person is expected. */
export const beginsAsMarkup = (text: string): boolean => MARKUP_START.test(text.slice(0, HEAD));

export const isLfsPointer = (text: string): boolean => text.startsWith(LFS_START);
