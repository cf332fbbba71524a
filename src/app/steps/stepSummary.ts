/** What the page shows of each of the eight steps. */
import type { Noun } from '#core/pipeline.ts';

/** `partial`: cut short, and can go on. */
export type StepState = 'empty' | 'running' | 'partial' | 'done' | 'failed';

/** A short text whose weighty part is set apart: **800** from 8 families. */
export interface FigurePart {
	text: string;
	strong: boolean;
}
export type Figure = readonly FigurePart[];

export interface StepSummary {
	readonly noun: Noun;
	readonly state: StepState;
	/** Stands under the noun: the plan while empty, then what came of it. */
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
