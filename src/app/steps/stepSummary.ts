/** Summary of each of the eight steps, for the page. */
import type { Noun } from '#core/pipeline.ts';

/** `partial`: partly done, and can be resumed. */
export type StepState = 'empty' | 'running' | 'partial' | 'done' | 'failed';

/** A short text with an emphasised part: **800** from 8 families. */
export interface FigurePart {
	text: string;
	strong: boolean;
}
export type Figure = readonly FigurePart[];

export interface StepSummary {
	readonly noun: Noun;
	readonly state: StepState;
	/** Text under the noun: the plan while the step is empty, then its result. */
	readonly figure: Figure;
	/** Share done, in [0, 1]. */
	readonly progress: number;
}

/** Reads `**bold**` parts of a short text; a template's way to write figures. */
export function figure(text: string): Figure {
	return text
		.split('**')
		.map((part, i) => ({ text: part, strong: i % 2 === 1 }))
		.filter((part) => part.text !== '');
}

/** The figure as plain words, for labels and tests. */
export function plain(parts: Figure): string {
	return parts.map((part) => part.text).join('');
}
