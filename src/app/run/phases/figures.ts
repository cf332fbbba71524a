/** The figures that phases show of their progress. */
import { byteSize } from '#core/format/byteSize.ts';
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
	return [...figures, figure(rate(pace.perSecond)), timeLeft(pace.secondsLeft)];
}

/** Loading of files: its share, with the rate and the time left if known. */
export function transferring(loading: Progress): Figure[] {
	const figures = [preparing(loading)];
	const { bytesPerSecond, secondsLeft } = loading.transfer ?? { bytesPerSecond: null, secondsLeft: null };
	if (bytesPerSecond === null || secondsLeft === null || secondsLeft === 0) return figures;
	return [...figures, figure(`${byteSize(bytesPerSecond)} per second`), timeLeft(secondsLeft)];
}

/** The work that prepares training, with its progress if known. */
export function preparing({ phase, done, total }: Progress): Figure {
	return figure(total > 1 ? `${phase} **${Math.floor((100 * done) / total)}%**` : phase);
}

export function timeLeft(seconds: number): Figure {
	return figure(`**${duration(seconds)}** left`);
}

/** "12 per second"; slow work by its seconds: "8.3 s each". */
function rate(perSecond: number): string {
	if (perSecond < 0.5) return `${duration(1 / perSecond)} each`;
	return `${perSecond >= 10 ? String(Math.round(perSecond)) : perSecond.toFixed(1)} per second`;
}
