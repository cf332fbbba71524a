/**
 * A lesson: recorded runs, and a few sentences that point at what is then on the page. It asks for nothing and blocks nothing.
 * Figures of the open run and of the preference lab are read where a sentence names them, so that a sentence cannot claim what the
 * runs do not show.
 */
import type { HeldOutResult } from '../evaluation/evaluation.ts';
import type { Noun } from '../pipeline.ts';
import type { PairRule } from './pairRules.ts';

/** One sentence or two about one view. */
export interface LessonPoint {
	/** May contain facts of the run in braces, `{before}`; see facts.ts. */
	text: string;
	view: 'overview' | Noun;
	/** Title of the region in that view that the text is about, without the number of a row: “Pair” for “Pair 12”. */
	region: string;
	/** True if the text is about the entry of a long list that is the run's own, for example its objective. */
	ownEntry?: true;
	/** Selects the pair that the view shows; the followed pair stays if absent. */
	pair?: PairRule;
	/** Decoding of the held-out answers whose figures the text names; greedy if absent. */
	decoding?: HeldOutResult['mode'];
	/** Id of the recording that the text is about; the lesson's first if absent. */
	run?: string;
}

/** A recorded run of a lesson. */
export interface LessonRun {
	/** Id of a recording that comes with the page. */
	recording: string;
	/** Two or three words that tell it from the other runs of the lesson. */
	label: string;
}

export interface Lesson {
	id: string;
	title: string;
	/** The question that it answers. */
	question: string;
	/** Reading time. */
	minutes: number;
	/** The lesson opens the first; the others are one click away. */
	runs: readonly [LessonRun, ...LessonRun[]];
	/** Five or six. */
	points: readonly LessonPoint[];
}

/** True if the point names a region with this title. */
export function isRegionOf({ region }: Pick<LessonPoint, 'region'>, title: string): boolean {
	return title === region || (title.startsWith(`${region} `) && /^\d+$/.test(title.slice(region.length + 1)));
}

/** Id of the recording that a point of the lesson is about. */
export function runOfPoint({ runs }: Lesson, { run }: LessonPoint): string {
	return run ?? runs[0].recording;
}
