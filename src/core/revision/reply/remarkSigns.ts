/**
 * Evidence that a part of a text is a remark about the answer and not the answer: its form, and a comparison with the original,
 * whose words the rest of the text keeps without it.
 */
import { hasWords, keptShare, type Original, sharedPart } from './likeness.ts';

/** Share of the kept words that must remain without a remark. */
const REMAINING = 0.6;
/** A remark shares less than this part of its words with the original. */
export const RELATED = 0.5;
/** A text that shares less is not about the original at all. */
export const UNRELATED = 0.34;
/** Signs of a remark that suffice to cut it. */
export const ENOUGH = 2;
const RULE_SIGNS = new Set('-*_=~#·•—–+');

/** A line of three or more equal signs. */
export function isRule(line: string): boolean {
	const signs = line.replace(/\s+/g, '');
	return signs.length >= 3 && RULE_SIGNS.has(signs.charAt(0)) && new Set(signs).size === 1;
}

export const hasRule = (text: string): boolean => text.split('\n').some(isRule);
export const wordCount = (text: string): number => text.split(/\s+/).filter(hasWords).length;

export function keepsEnough(original: Original, rest: string, whole: string): boolean {
	return hasWords(rest) && keptShare(original, rest) >= REMAINING * keptShare(original, whole);
}

const LABEL = /^[^\p{L}\p{N}\n]{0,12}(?<name>[\p{L}][\p{L}\p{M} ’'/-]{1,40})[*_"'’)\]]{0,4}[ ]?[:：]/u;
/** A short label with colon at the start, as in `Changes made:`; empty if there is none. */
export function labelOf(text: string): string {
	const name = LABEL.exec(text.slice(0, 80))?.groups?.['name']?.trim() ?? '';
	return wordCount(name) <= 4 ? name.toLowerCase() : '';
}

function hasLabel(original: Original, name: string): boolean {
	return original.text.toLowerCase().includes(`${name}:`);
}

/** A text that may be a remark, with facts that several signs need. */
export interface Candidate {
	text: string;
	original: Original;
	/** Share of its words that are in the original. */
	related: number;
	/** Its label, if the original has no such label. */
	label: string;
}

export function candidate(text: string, original: Original): Candidate {
	const label = labelOf(text);
	const known = label === '' || hasLabel(original, label);
	return { text, original, related: sharedPart(original, text), label: known ? '' : label };
}

export type Sign = readonly [points: number, shows: (candidate: Candidate) => boolean];

export function points(signs: readonly Sign[], of: Candidate): number {
	return signs.reduce((sum, [worth, shows]) => sum + (shows(of) ? worth : 0), 0);
}
