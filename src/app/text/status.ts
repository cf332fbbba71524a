/**
 * The sentence of the "now" strip: while a run is active, its current work and purpose; afterwards its result, including what did not
 * improve. The sentences of the phases are in their records. Pure.
 */
import type { GroupedComparison, HeldOutRewards, PairedComparison } from '#core/evaluation/evaluation.ts';
import type { ServerTraffic } from '#core/endpoint/traffic.ts';
import { methodOf } from '#core/pair/methods/registry.ts';
import type { Progress } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RunPhase } from '#core/run/run.ts';
import { familyOf } from '#core/world/registry.ts';
import { numeral } from '#core/text/wording.ts';
import { phaseOf } from '../run/phases/registry.ts';
import { atStep } from '../run/phases/training.ts';
import type { Transport } from '../run/player.svelte.ts';
import { figure, type Figure } from '../steps/stepSummary.ts';
import { earlierBest, type ScorePoint } from '../steps/evaluationViews.ts';
import type { Steps } from '../steps/steps.ts';
import { counted, duration, listed, withinSentence } from './format.ts';
import { leftOutSentence } from './leftOut.ts';

/** Families that are named one by one. */
const FEW = 3;

/** The note after an engine was lost and the run continued by itself. */
export function interruptionSentence(
	phase: RunPhase,
	{ loss, adapter }: { loss: { step: number }; adapter: { latestStep: number | null } },
): string {
	const opening = 'The graphics device or its worker was lost';
	if (phaseOf(phase)?.trains !== true)
		return `${opening}; the run continued with new ones, and no finished work is lost.`;
	return adapter.latestStep === null
		? `${opening} at step ${loss.step}, before the first checkpoint; training restarted with new ones.`
		: `${opening} at step ${loss.step}; training continued with new ones from the checkpoint of step ${adapter.latestStep}.`;
}

/** Place of an unfinished stored run: "at step 20 of 100", "while the model answered". */
export function cutShortAt(run: { phase: RunPhase; step: number; recipe: Recipe }): string {
	const place = phaseOf(run.phase)?.cutShort(run);
	return place ?? (run.step > 0 ? atStep(run) : 'while loading');
}

export interface StatusFacts {
	recipe: Recipe;
	transport: Transport;
	phase: RunPhase;
	failure: { title: string } | null;
	steps: {
		loss: { phase: string };
		evaluation: {
			comparison: PairedComparison | null;
			byFamily: readonly GroupedComparison[];
			ranked: { rewards: HeldOutRewards } | null;
			course: readonly ScorePoint[];
		};
	};
}

/** The strip "now": one sentence, and the figures of progress, pace and time left, in order. */
export interface RunStatus {
	sentence: string;
	clock: readonly Figure[];
}

/** The status of a run, as the page shows it. */
export function statusOf(
	run: Omit<StatusFacts, 'steps' | 'transport'> & {
		player: { transport: Transport };
		steps: Steps;
		totalSeconds: number;
		traffic: { servers: readonly ServerTraffic[] };
	},
	loading: Progress | null,
): RunStatus {
	const { recipe, phase, failure, steps, player, totalSeconds, traffic } = run;
	const clock =
		phase === 'done'
			? [figure(`done in **${duration(totalSeconds)}**`), ...traffic.servers.map(tokensAt)]
			: (phaseOf(phase)?.figures(steps, loading) ?? []);
	const { transport } = player;
	const sentence = statusSentence({ recipe, transport, phase, failure, steps });
	const leftOut = transport === 'done' ? leftOutSentence(steps) : '';
	return { sentence: `${sentence} ${leftOut}`.trim(), clock };
}

function tokensAt({ host, promptTokens, completionTokens, estimated }: ServerTraffic): Figure {
	const tokens = (promptTokens + completionTokens).toLocaleString('en-US');
	return figure(`${estimated > 0 ? 'about ' : ''}**${tokens}** tokens at ${host}`);
}

/** The one sentence of the strip. */
export function statusSentence({ recipe, transport, phase, failure, steps }: StatusFacts): string {
	switch (transport) {
		case 'idle':
			return '';
		case 'failed':
			return failure?.title ?? stoppedSentence(phase);
		case 'stopped':
			return stoppedSentence(phase);
		case 'review':
			return `Look at the revisions before training: ${methodOf(recipe.pairs.method).title} makes the pairs from them. One that you set aside is kept and gives no pair.`;
		case 'done':
			return doneSentence(steps.evaluation);
		case 'running':
		case 'paused':
			return activeSentence(phase, recipe, steps);
	}
}

function activeSentence(phase: RunPhase, recipe: Recipe, steps: StatusFacts['steps']): string {
	return phaseOf(phase)?.sentence(recipe, steps) ?? (phase === 'done' ? 'The run is done.' : '');
}

function stoppedSentence(phase: RunPhase): string {
	return phaseOf(phase)?.stopped ?? 'Stopped. Finished work is kept.';
}

/** If no rubric scores the answers, the sentence says how the held-out pairs are ranked. */
function doneSentence({ comparison, byFamily, ranked, course }: StatusFacts['steps']['evaluation']): string {
	// Results of a run that has just been opened are still being compared.
	if (comparison === null && (course.at(-1)?.step ?? 0) > 0) return `The run is done.${fallSentence(course)}`;
	if (comparison !== null || ranked === null)
		return `${resultSentence(comparison, byFamily)}${fallSentence(course)}`;
	const { accuracy } = ranked.rewards;
	const inOrder = Math.round(accuracy.score * accuracy.n);
	return `Of ${counted(accuracy.n, 'pair')} that it never trained on, the tuned model now ranks ${inOrder} as you did. No rubric scores these answers: read them.`;
}

/** Says if an earlier adapter of the run was clearly better than its last one. */
function fallSentence(course: readonly ScorePoint[]): string {
	const [best, last] = [earlierBest(course), course.at(-1)];
	if (best === null || last === undefined) return '';
	const score = best.estimate.score.toFixed(2);
	return best.step === 0
		? ` The base model was better: ${score} before training.`
		: ` An earlier adapter was better: ${score} at step ${best.step}, ${last.estimate.score.toFixed(2)} at step ${last.step}.`;
}

/** The result: "scores improved in seven of eight families; sums showed no clear change." */
export function resultSentence(
	comparison: PairedComparison | null,
	byFamily: readonly GroupedComparison[],
): string {
	if (comparison === null) return 'The run is done. There is no held-out score to compare.';
	const { n } = comparison.after;
	const opening = `Measured on ${n === 1 ? 'one prompt' : `${n} prompts`} that it never trained on:`;
	if (byFamily.length < 2) return `${opening} ${overall(comparison)}`;
	const learned = byFamily.filter((group) => group.difference.low > 0);
	const lost = byFamily.filter((group) => group.difference.high < 0);
	const still = byFamily.filter((group) => group.difference.low <= 0 && group.difference.high >= 0);
	const shortfall = lowSentence(learned, byFamily.length);
	return `${opening} ${familySentence(byFamily.length, learned.length, still, lost)}${shortfall}${worseSentence(comparison)}`;
}

/** An improved family with a mean score below this still fails many of its checks. */
const LOW = 0.7;

/** Names the improved families that are still far from right. */
function lowSentence(learned: readonly GroupedComparison[], total: number): string {
	const low = learned.filter(({ after }) => after.score < LOW);
	const [only] = low;
	if (only === undefined) return '';
	if (low.length === 1)
		return ` ${capital(named(low, total))} only ${isPlural(only) ? 'reach' : 'reaches'} ${only.after.score.toFixed(2)}.`;
	return ` ${capital(named(low, total))} stay below ${LOW}.`;
}

/** A score can rise in the mean while some answers fall. */
function worseSentence({ worse }: PairedComparison): string {
	return worse === 0 ? '' : ` ${capital(numeral(worse))} ${worse === 1 ? 'answer' : 'answers'} got worse.`;
}

const isPlural = ({ group }: GroupedComparison): boolean => familyName(group).endsWith('s');
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function overall({ difference }: PairedComparison): string {
	if (difference.low > 0) return `the tuned model scores ${difference.score.toFixed(2)} higher.`;
	if (difference.high < 0) return `the tuned model scores ${Math.abs(difference.score).toFixed(2)} lower.`;
	return 'the scores of base and tuned model show no clear difference.';
}

function familySentence(
	total: number,
	learned: number,
	still: readonly GroupedComparison[],
	lost: readonly GroupedComparison[],
): string {
	if (learned === 0 && lost.length === 0) return 'no family showed a clear change.';
	const parts = [
		learned === total
			? `scores improved in all ${numeral(total)} families`
			: learned === 0
				? 'scores improved in no family'
				: `scores improved in ${numeral(learned)} of ${numeral(total)} families`,
	];
	if (still.length > 0 && learned + lost.length > 0)
		parts.push(`${named(still, total)} showed no clear change`);
	if (lost.length > 0) parts.push(`${named(lost, total)} got worse`);
	return `${parts.join('; ')}.`;
}

/** Names the families if they are few, else counts them. */
function named(groups: readonly GroupedComparison[], total: number): string {
	if (groups.length > FEW) return groups.length === total ? 'all' : `the other ${numeral(groups.length)}`;
	return listed(groups.map((group) => familyName(group.group)));
}

/** The name on the page, within a sentence: "past tense", "JSON". */
function familyName(id: string): string {
	return withinSentence(familyOf(id)?.name ?? id);
}
