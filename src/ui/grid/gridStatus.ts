/** The state of a grid in words. */
import type { GridSession } from '#app/grid/gridSession.svelte.ts';
import type { GridEstimate } from '#app/grid/gridForecast.ts';
import { counted, listed } from '#app/text/format.ts';
import { about, bytes } from '../format.ts';

type Seen = Pick<GridSession, 'state' | 'estimate'> & { readonly runs: readonly { status: string }[] };

/** One sentence: the current work and what comes next, or what came out. */
export function gridSentence({ state, runs, estimate }: Seen): string {
	const of = (status: string): number => runs.filter((run) => run.status === status).length;
	const [done, failed, stopped] = [of('done'), of('failed'), of('stopped')];
	const ended = endedWords(done, failed, stopped);
	switch (state) {
		case 'planned':
			return `${counted(runs.length, 'run')} of ${counted(estimate.cells, 'cell')} are planned. ${costSentence(estimate)}`;
		case 'running':
			return 'The cells train in turns, so that all curves grow together; one seed of every cell comes before the second.';
		case 'paused':
			return of('paused') > 0
				? `Paused; ${ended === '' ? 'nothing is lost' : ended}. It continues at the step where it paused.`
				: `${ended === '' ? 'No run has started' : `Paused; ${ended}`}. Continue starts ${counted(of('waiting'), 'run')}.`;
		case 'done':
			return failed + stopped === 0
				? 'Every run is done. All cells have the same held-out prompts; their names say only what differs.'
				: `The grid is done: ${ended}. The results are those of the runs that are done.`;
	}
}

function endedWords(done: number, failed: number, stopped: number): string {
	return listed([
		...(done > 0 ? [`${counted(done, 'run')} done`] : []),
		...(failed > 0 ? [`${failed} failed`] : []),
		...(stopped > 0 ? [`${stopped} stopped`] : []),
	]);
}

/** Time and memory before the start. */
export function costSentence({ seconds, pace, bytes: memory, atOnce }: GridEstimate): string {
	const time =
		seconds === null
			? 'How long it takes here is known after the first run.'
			: pace === 'measured'
				? `About ${about(seconds)} here, by the pace of this machine.`
				: `Roughly ${about(seconds)} here, by the size of the model; the first runs give a better estimate.`;
	const room =
		memory === null
			? ''
			: ` ${counted(atOnce, 'run')} at once ${atOnce === 1 ? 'takes' : 'take'} ${bytes(memory)}.`;
	return `${time}${room}`;
}
