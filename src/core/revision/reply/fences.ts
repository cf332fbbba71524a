/** Takes off code fences around a revised text, also around an answer with fences of its own. */
import { keptShare, type Original } from './likeness.ts';
import type { Unwrap } from './wrapping.ts';

const FENCE = /^[ \t]{0,3}(?<sign>`{3,}|~{3,}|:{3,})(?<info>[^`]*)$/;

const isFence = (line: string): boolean => FENCE.test(line);
const isBareFence = (line: string): boolean => FENCE.exec(line)?.groups?.['info']?.trim() === '';

/** Least share of the original's words in a fenced block that is the whole answer. */
const WHOLE = 0.5;

/** The only fenced block of the text, and the text around it. */
function onlyBlock(lines: readonly string[]): { block: string; rest: string } | null {
	const fences = lines.flatMap((line, i) => (isFence(line) ? [i] : []));
	const [open, close] = fences;
	if (open === undefined || fences.length > 2) return null;
	const end = close ?? lines.length;
	const rest = [...lines.slice(0, open), ...lines.slice(end + 1)].join('\n').trim();
	return { block: lines.slice(open + 1, end).join('\n'), rest };
}

/** The text between a fence on the first line and one on the last, or in one line; null if there are none. */
function wholeFence(text: string, lines: readonly string[]): string | null {
	if (lines.length > 2 && isFence(lines[0] ?? '') && isBareFence(lines.at(-1) ?? '')) {
		return lines.slice(1, -1).join('\n');
	}
	return /^(?<sign>`{3,})(?<inner>[^`\n]+)\k<sign>$/.exec(text)?.groups?.['inner'] ?? null;
}

const fencesIn = (lines: readonly string[]): number => lines.filter(isFence).length;

/** The text inside a fence around an answer that has fences itself: the text has two more than the original. */
function outerFence(text: string, lines: readonly string[], original: string): string | null {
	const before = original.trim().split('\n');
	const adds = fencesIn(lines) === fencesIn(before) + 2 && !isFence(before[0] ?? '');
	return adds ? wholeFence(text, lines) : null;
}

/** The new side of a diff; null if the lines are none. */
function newSide(lines: readonly string[], original: Original): string | null {
	const body = lines.filter((line) => !/^(?:@@|---|\+\+\+|diff |index )/.test(line));
	const signs = new Set(body.filter((line) => line !== '').map((line) => line.charAt(0)));
	const isDiff = signs.has('+') && signs.has('-') && [...signs].every((sign) => ' +-'.includes(sign));
	if (!isDiff || /^[-+]/m.test(original.text)) return null;
	return body
		.filter((line) => !line.startsWith('-'))
		.map((line) => line.slice(1))
		.join('\n');
}

/** A fence around the text, or around the answer with remarks outside. */
export const unfenced: Unwrap = (text, original) => {
	const lines = text.split('\n');
	if (/`{3}|~{3}|:{3}/.test(original.text)) return outerFence(text, lines, original.text) ?? text;
	const whole = wholeFence(text, lines);
	if (whole !== null) return newSide(whole.split('\n'), original) ?? whole;
	const found = onlyBlock(lines);
	if (found === null) return text;
	const { block, rest } = found;
	if (rest === '') return block;
	const inBlock = keptShare(original, block);
	return inBlock >= WHOLE && keptShare(original, rest) < inBlock / 2 ? block : text;
};
