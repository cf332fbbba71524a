/** Finds the section of a reply that holds the corrected answer. */
import { at } from '../../math/at.ts';
import type { ReplyRule } from '../revision.ts';
import { isCutValue, jsonSections, unquotedValue } from './json.ts';
import { type Label, labelsOf } from './labels.ts';
import { keptShare, type Original, plainForm } from './likeness.ts';
import { REASONING, SOLUTION } from './markers.ts';

export interface Section {
	text: string;
	reasoning: string;
	rule: Exclude<ReplyRule, 'by-hand'>;
	/** The text is a value of JSON that ends without its closing quote. */
	cut?: boolean;
}

export interface Sections {
	/** The section to take; null if no label leads to one. */
	chosen: Section | null;
	/** The reply numbers several corrected answers. */
	several: boolean;
	/** A requested marker is there, with or without text. */
	marked: boolean;
	/** Names of all labels, for the message about a missing marker. */
	names: readonly string[];
}

const ANY = `(?:${SOLUTION}|${REASONING})`;
/** Models that think in tags close the marker: `{/corrected_student_solution}`. */
const CLOSED = new RegExp(String.raw`[{[(<]{1,2}[ \t]*\\?/[ \t]*${ANY}[ \t]*\\?[}\])>]{1,2}`, 'i');
const ALL_CLOSED = new RegExp(CLOSED.source, 'gi');
/** A marker in the middle of a line, with colon or as a tag. */
const INLINE = new RegExp(
	String.raw`\\?\{{1,2}[ \t]*${SOLUTION}[ \t]*\\?\}{1,2}[*_${'`'}]{0,3}[ \t]*[:：]|<[ \t]*${SOLUTION}(?:[ \t][^<>\n]{0,120})?>|(?<quote>["'])${SOLUTION}\k<quote>[ \t]*:`,
	'gi',
);
/** The text in front of an inline marker ends a sentence or a tag. */
const ENDED = /(?:^|[.!?:;)\]}>"”’*。！？])\s{0,20}$/u;
const FENCE = /^[ \t]{0,3}(?:`{3,}|~{3,})(?<info>.*)$/;

/** Least share of the original's words in a section under a label of other words. */
const ALIKE = 0.5;

const fenceOf = (line: string): string | null => FENCE.exec(line)?.groups?.['info']?.trim() ?? null;

/** True if a code fence is open at the end of the text. */
function leavesFenceOpen(before: string): boolean {
	let open = false;
	for (const line of before.split('\n')) {
		const info = fenceOf(line);
		if (info !== null) open = !open;
	}
	return open;
}

/** The text up to the fence that closes a fence from before it. */
function untilFence(text: string): string {
	const lines = text.split('\n');
	let depth = 1;
	for (const [i, line] of lines.entries()) {
		const info = fenceOf(line);
		if (info === null) continue;
		depth += info === '' ? -1 : 1;
		if (depth === 0) return lines.slice(0, i).join('\n');
	}
	return text;
}

function untilClosed(text: string): string {
	const match = CLOSED.exec(text);
	return match === null ? text : text.slice(0, match.index);
}

function ruleOf({ kind, form, quoted, separator }: Label): Section['rule'] {
	if (kind === 'near') return 'near-marker';
	if (kind === 'unknown' || kind === 'section') return 'other-marker';
	if (quoted) return 'json';
	if (form === 'brace') return separator === ':' ? 'brace-marker-colon' : 'brace-marker';
	if (form === 'tag') return 'tag';
	return form === 'bold' ? 'bold-heading' : 'plain-heading';
}

/** Removes the leftovers of markup around the reasoning. */
function reasoningOf(text: string): string {
	const plain = text.replace(ALL_CLOSED, '').trim();
	const lines = plain.split('\n');
	if (fenceOf(at(lines, 0)) !== null) lines.shift();
	if (fenceOf(lines.at(-1) ?? '') !== null) lines.pop();
	const joined = lines.join('\n').trim();
	return joined.endsWith('}') && !joined.includes('{') ? joined.slice(0, -1).trimEnd() : joined;
}

interface Candidate {
	label: Label;
	text: string;
}

/** The texts between the labels that `opens` accepts and the next label that `closes` accepts. */
function textsOf(
	reply: string,
	labels: readonly Label[],
	opens: (label: Label) => boolean,
	closes: (label: Label) => boolean,
): Candidate[] {
	const found: Candidate[] = [];
	let next: number | undefined;
	for (const label of labels.toReversed()) {
		if (opens(label)) {
			const text = untilClosed(reply.slice(label.end, next));
			found.unshift({ label, text: label.quoted ? unquotedValue(text) : text });
		}
		if (opens(label) || closes(label)) next = label.start;
	}
	return found.filter(({ text }) => text.trim() !== '');
}

/**
 * Chooses among several sections under the requested marker: the last one, unless it is a remark. A remark has no
 * separator behind the marker, or keeps far fewer words of the original than another section.
 */
function chosenOf(candidates: readonly Candidate[], original: Original): Candidate | null {
	const separated = candidates.filter(({ label }) => label.separator !== '' || label.alone);
	const usable = separated.length > 0 ? separated : candidates;
	const shares = usable.map(({ text }) => keptShare(original, text));
	const best = Math.max(0, ...shares);
	return usable.findLast((_, i) => at(shares, i) >= best / 2) ?? null;
}

function sectionOf(reply: string, labels: readonly Label[], { label, text }: Candidate): Section {
	const before = reply.slice(0, label.start);
	const from = labels.findLast(({ kind, start }) => kind === 'reasoning' && start < label.start)?.end ?? 0;
	const to = labels.find(({ kind, start }) => kind === label.kind && start >= from)?.start ?? label.start;
	return {
		text: leavesFenceOpen(before) ? untilFence(text) : text,
		reasoning: reasoningOf(reply.slice(from, to)),
		rule: ruleOf(label),
		cut: label.quoted && isCutValue(reply.slice(label.end)),
	};
}

/** The section behind the only marker in the middle of a line, if a sentence ends in front of it. */
function inlineSection(reply: string): Section | null {
	const [match, second] = reply.matchAll(INLINE);
	if (match === undefined || second !== undefined) return null;
	const before = reply.slice(0, match.index);
	const isKey = match.groups?.['quote'] !== undefined;
	if (!isKey && !ENDED.test(before.slice(-40))) return null;
	const value = untilClosed(reply.slice(match.index + match[0].length));
	const text = isKey ? unquotedValue(value) : value;
	const name = new RegExp(String.raw`^[^\p{L}]{0,40}${REASONING}[^\p{L}\p{N}]{0,20}`, 'iu');
	const reasoning = reasoningOf(before.replace(name, ''));
	const cut = isKey && isCutValue(value);
	return text.trim() === '' ? null : { text, reasoning, rule: 'inline-marker', cut };
}

/** The section under a label in other words: near ones always, others if the text is like the original. */
function otherSection(reply: string, labels: readonly Label[], original: Original): Section | null {
	const isNear = ({ kind }: Label): boolean => kind === 'near';
	const [near] = textsOf(reply, labels, isNear, ({ kind }) => kind !== 'unknown').slice(-1);
	if (near !== undefined) return sectionOf(reply, labels, near);
	const isOther = ({ kind }: Label): boolean => kind === 'unknown' || kind === 'section';
	const plain = plainForm(original.text);
	const other = textsOf(reply, labels, isOther, () => true).findLast(
		({ text }) => plainForm(text) !== plain && keptShare(original, text) >= ALIKE,
	);
	return other === undefined ? null : sectionOf(reply, labels, other);
}

/** Finds the sections of a reply without thinking and with line ends of `\n`. */
export function sectionsOf(reply: string, original: Original): Sections {
	const json = jsonSections(reply);
	if (json !== null) {
		const chosen: Section = { text: json.solution, reasoning: json.reasoning, rule: 'json' };
		return { chosen, several: false, marked: true, names: [] };
	}
	const labels = labelsOf(reply);
	const isSolution = ({ kind }: Label): boolean => kind === 'solution';
	const known = original.text.toLowerCase();
	const closes = ({ kind, written }: Label): boolean =>
		kind === 'reasoning' ||
		((kind === 'section' || kind === 'end' || kind === 'original') && !known.includes(written.toLowerCase()));
	const candidates = textsOf(reply, labels, isSolution, closes);
	const numbers = new Set(candidates.map(({ label }) => label.number).filter((number) => number !== ''));
	const best = chosenOf(candidates, original);
	const marked = labels.some(isSolution);
	const chosen =
		(best === null ? null : sectionOf(reply, labels, best)) ??
		(marked ? null : inlineSection(reply)) ??
		otherSection(reply, labels, original);
	return { chosen, several: numbers.size > 1, marked, names: labels.map(({ written }) => written) };
}
