/**
 * A data method makes preference pairs. Each method is one record in its own file; the app and the page read
 * the record and never compare ids.
 */
import type { Output } from '../../output/output.ts';
import type { Comparison } from '../../judgement/decide.ts';
import type { Judgement } from '../../judgement/judgement.ts';
import type { Revision } from '../../revision/revision.ts';
import type { PreferencePair } from '../pair.ts';

/** The rows of each stage, in the order of the run. A new stage adds its rows here. */
export interface StageRows {
	/** Answers of the target model. */
	outputs: readonly Output[];
	/** Answers of other models to the same prompts. */
	answers: readonly Output[];
	/** The reviser's edits of the outputs, in every state. */
	revisions: readonly Revision[];
	/** A judge's comparisons of two answers to a prompt, in every state. */
	judgements: readonly Judgement[];
}

/** Work that a method needs before there are pairs. */
export type DataStage = keyof StageRows;

/** The rows that a method builds pairs from; empty for a stage that the method does not need. */
export interface PairSources extends StageRows {
	/** The imported pairs that the run drew; empty unless the method's source is `pairs`. */
	imported: readonly PreferencePair[];
}

/** Settings of the recipe's section `pairs`. */
export interface PairSettings {
	/**
	 * Smallest token Jaccard that still counts as an edit; 0 keeps every changed answer. A person's edit
	 * always counts.
	 */
	minJaccard: number;
}

/** A row that gave no pair. */
export interface LeftOut {
	/** Id of the output, answer, revision or judgement. */
	id: string;
	/** A key of {@link DataMethod.leftOutReasons}. */
	reason: string;
}

export interface BuiltPairs {
	/** In the order of the rows, with ids by `pairIds`. */
	pairs: readonly PreferencePair[];
	leftOut: readonly LeftOut[];
}

export interface LeftOutReason {
	/** After "left out because". */
	text: string;
	/** True if the row may still give a pair when its stage continues or a person changes a decision. */
	open: boolean;
}

/** Steps whose work depends on the method. */
export type MethodStep = 'output' | 'revision' | 'pair';

/** The page's texts about a method and its pairs. */
export interface MethodTexts {
	/** As a choice in the recipe: "revisions of its own answers". */
	choice: string;
	/** Figure of the Pair step before there are pairs. */
	planned: (settings: PairSettings, imported: number) => string;
	/** After the number of pairs: "kept". */
	made: string;
	/** In place of a pair before there is one. */
	noPairs: string;
	/** Names of a pair's two sides, if no person edited it. */
	chosenBy: string;
	rejectedBy: string;
	/** Use of the model's own answer in the pairs; empty if the method samples none. */
	ownAnswer: string;
	/** Explains what the loss learns from a pair. */
	pair: string;
	/** One line each about the steps whose work depends on the method. */
	steps: Readonly<Record<MethodStep, string>>;
	/** Figure of a step that the method skips. */
	skipped: string;
	/** In the view of a step that the method skips; a link to the Pair view ends the sentence. */
	skippedNote: string;
}

export interface DataMethod {
	/** `recipe.pairs.method`. */
	id: string;
	/** Short name on the page: "CLAIR". */
	title: string;
	/** `prompts`: the run draws prompts and makes its pairs. `pairs`: the user's own pairs are the data. */
	source: 'prompts' | 'pairs';
	/** Stages that the method needs, in order; empty if the pairs are imported. */
	stages: readonly DataStage[];
	/** Answers of the target model to each prompt, if `outputs` is a stage. */
	answersPerPrompt: number;
	/** Section of the recipe whose models give the rows of `answers`; absent if that is no stage. */
	answersBy?: 'stronger' | 'others';
	/** Answers of other models to each prompt; absent if `answers` is no stage. */
	othersPerPrompt?: number;
	/** The comparisons that a judge decides, if `judgements` is a stage; a prompt that lacks an answer has none. */
	comparisons?: (rows: Pick<StageRows, 'outputs' | 'answers'>) => readonly Comparison[];
	/** Pure: the same rows and settings give the same pairs. Rows may be incomplete while a stage runs. */
	build: (sources: PairSources, settings: PairSettings) => BuiltPairs;
	/** Every reason why a row gives no pair. */
	leftOutReasons: Readonly<Record<string, LeftOutReason>>;
	texts: MethodTexts;
}
