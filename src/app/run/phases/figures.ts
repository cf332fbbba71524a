/** The figures that phases show of their progress. */
import type { Progress } from '#core/ports.ts';
import { figure, type Figure } from '../../steps/stepSummary.ts';
import { duration } from '../../text/format.ts';

/** "**40** of 400", with the pace and the time left if known. */
export function counting(
	done: number,
	total: number,
	pace: { perSecond: number | null; secondsLeft: number | null },
): Figure[] {
	const figures = [figure(`**${done}** of ${total}`)];
	if (pace.perSecond === null || pace.secondsLeft === null) return figures;
	return [...figures, figure(`${rate(pace.perSecond)} per second`), timeLeft(pace.secondsLeft)];
}

/** The work that prepares training, with its progress if known. */
export function preparing({ phase, done, total }: Progress): Figure {
	return figure(total > 1 ? `${phase} **${Math.floor((100 * done) / total)}%**` : phase);
}

export function timeLeft(seconds: number): Figure {
	return figure(`**${duration(seconds)}** left`);
}

function rate(perSecond: number): string {
	return perSecond >= 10 ? String(Math.round(perSecond)) : perSecond.toFixed(1);
}
