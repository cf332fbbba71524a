/** The clock of the "now" strip: where the work stands, and while it goes on its pace and the time left. Pure over the steps' state. */
import type { Progress } from '#core/ports.ts';
import type { RunPhase } from '#core/run/run.ts';
import { figure, type Figure } from '../steps/stepSummary.ts';
import type { Steps } from '../steps/steps.ts';
import { duration } from './format.ts';

export function progressFigures(
	phase: RunPhase,
	steps: Steps,
	{ totalSeconds, loading }: { totalSeconds: number; loading: Progress | null },
): readonly Figure[] {
	switch (phase) {
		case 'sampling':
			return counting(steps.output.done, steps.output.rows.length, steps.output);
		case 'revising':
			return counting(steps.revision.asked, steps.revision.rows.length, {
				answersPerSecond: steps.revision.repliesPerSecond,
				secondsLeft: steps.revision.secondsLeft,
			});
		case 'training':
			return training(steps);
		case 'evaluating-before':
		case 'evaluating-after':
			return evaluating(steps);
		case 'done':
			return [figure(`done in **${duration(totalSeconds)}**`)];
		case 'loading':
			return loading === null ? [] : [preparing(loading)];
		case 'idle':
			return [];
	}
}

function counting(
	done: number,
	total: number,
	pace: { answersPerSecond: number | null; secondsLeft: number | null },
): Figure[] {
	const figures = [figure(`**${done}** of ${total}`)];
	if (pace.answersPerSecond === null || pace.secondsLeft === null) return figures;
	return [...figures, figure(`${rate(pace.answersPerSecond)} a second`), left(pace.secondsLeft)];
}

/** What is got ready, and how far it is where that is known. */
function preparing({ phase, done, total }: Progress): Figure {
	return figure(total > 1 ? `${phase} **${Math.floor((100 * done) / total)}%**` : phase);
}

function left(seconds: number): Figure {
	return figure(`**${duration(seconds)}** left`);
}

function rate(perSecond: number): string {
	return perSecond >= 10 ? String(Math.round(perSecond)) : perSecond.toFixed(1);
}

function training({ loss, evaluation }: Steps): Figure[] {
	if (loss.phase === 'preparing') return loss.preparation === null ? [] : [preparing(loss.preparation)];
	const figures = [figure(`step **${loss.step}** of ${loss.steps}`)];
	if (evaluation.work !== null) {
		const { done, total } = evaluation.work;
		return [...figures, figure(`scoring **${done}** of ${total}`)];
	}
	if (loss.secondsPerStep === null || loss.secondsLeft === null) return figures;
	return [...figures, figure(`${loss.secondsPerStep.toFixed(2)} s a step`), left(loss.secondsLeft)];
}

function evaluating({ evaluation }: Steps): Figure[] {
	const { work } = evaluation;
	if (work === null) return [];
	const how = work.mode === 'greedy' ? 'greedy' : 'sampled at temperature 1';
	const figures = [figure(`**${work.done}** of ${work.total}, ${how}`)];
	return evaluation.secondsLeft === null ? figures : [...figures, left(evaluation.secondsLeft)];
}
