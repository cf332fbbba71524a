/** The state of a cell of a grid in words, from its runs. */
import type { GridRunView } from '#app/grid/gridSession.svelte.ts';
import { counted } from '#app/text/format.ts';
import type { IconName } from '../../primitives/icons.ts';

export interface CellState {
	readonly icon: IconName;
	readonly text: string;
	/** True if a run failed. */
	readonly alert: boolean;
	readonly busy: boolean;
}

type Seen = Pick<GridRunView, 'seed' | 'status' | 'phase' | 'step' | 'steps' | 'error'>;

export function runsOf(cell: string, runs: readonly GridRunView[]): readonly GridRunView[] {
	return runs.filter((run) => run.cell === cell);
}

/** The most telling state of the runs: a failure, then work, then the rest. */
export function cellState(runs: readonly Seen[]): CellState {
	const of = (status: Seen['status']): readonly Seen[] => runs.filter((run) => run.status === status);
	const [failed, running, paused, stopped] = [
		of('failed')[0],
		of('running'),
		of('paused')[0],
		of('stopped')[0],
	];
	if (failed)
		return state('alert', `seed ${failed.seed} failed: ${failed.error?.message ?? ''}`.trim(), {
			alert: true,
		});
	const [first] = running;
	if (first) return state('play', `seed ${first.seed}: ${first.phase}${moreOf(running)}`, { busy: true });
	const done = of('done').length;
	if (done === runs.length) return state('dot', `${counted(done, 'seed')} done`);
	if (paused) return state('pause', `seed ${paused.seed} paused${placeOf(paused)}`);
	if (stopped) return state('slash', `seed ${stopped.seed} stopped${placeOf(stopped)}`);
	return state('ring', done === 0 ? 'waiting' : `${done} of ${counted(runs.length, 'seed')} done`);
}

function state(icon: IconName, text: string, flags: Partial<CellState> = {}): CellState {
	return { icon, text, alert: false, busy: false, ...flags };
}

function moreOf({ length }: readonly Seen[]): string {
	return length > 1 ? `, and ${length - 1} more` : '';
}

function placeOf({ step, steps }: Pick<Seen, 'step' | 'steps'>): string {
	return step > 0 ? ` at step ${step} of ${steps}` : '';
}

/** The state of one run in words. */
export function runState({ status, phase, step, steps, error }: Omit<Seen, 'seed'>): string {
	switch (status) {
		case 'waiting':
			return 'waiting';
		case 'running':
			return phase === '' ? 'starting' : phase;
		case 'paused':
			return `paused${placeOf({ step, steps })}`;
		case 'stopped':
			return `stopped${placeOf({ step, steps })}`;
		case 'done':
			return 'done';
		case 'failed':
			return `failed: ${error?.message ?? 'the reason is not known'}`;
	}
}
