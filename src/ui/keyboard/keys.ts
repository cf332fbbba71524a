/** All single-key commands of the page, with their text in the list of keys and their action. */
import { PIPELINE } from '#core/pipeline.ts';
import { repair } from '../parts/repair.ts';
import { followShown, listedStep, shownView, stay } from '../frame/view.ts';
import type { Session } from '#app/session.svelte.ts';

export interface KeyBinding {
	/** `KeyboardEvent.key` in lower case; `shift+a` for a capital. */
	key: string;
	/** Text on the key cap. */
	cap: string;
	does: string;
	run: (session: Session) => void;
	/** True if holding the key repeats the action. */
	holds?: true;
}

function runOrPause(session: Session): void {
	const { run, place, grids } = session;
	if (place === 'grids') {
		const grid = grids.current;
		if (grid !== null && grid.state !== 'done') void (grid.state === 'running' ? grid.pause() : grid.start());
		return;
	}
	const { transport } = run.player;
	if (transport === 'running') run.player.pause();
	else if (transport === 'paused') void run.resume();
	else if (transport === 'stopped') void session.resume();
	else if (transport !== 'idle' && transport !== 'review') run.cursor.toggle();
}

/** Takes a training step; without training, moves the shown step. */
function step({ run, steps }: Session, by: 1 | -1): void {
	if (by === 1 && steps.loss.active) run.player.stepOnce();
	else run.cursor.move(by);
}

/** Acts like the filled button: run, train after the review, repair (unless it needs a new endpoint key). */
function advance(session: Session): void {
	const { run } = session;
	if (session.place !== 'loop') return;
	if (session.fresh || session.editing) void session.startRun();
	else if (run.player.transport === 'review') void session.resume();
	else if (run.failure !== null && run.failure.repair !== 'new-key') repair(session, run.failure);
}

/** Moves through the revisions if they are shown, else through the tracked pairs. */
function move(session: Session, by: 1 | -1): void {
	stay(session);
	if (shownView(session) === 'revision') {
		const step = listedStep(session);
		step.move(by);
		if (step.selected !== null) session.tracked.follow(step.selected.id);
	} else {
		const { pairs } = session.steps.pair;
		const next = pairs[session.tracked.number - 1 + by];
		if (next !== undefined) session.tracked.follow(next.id);
	}
}

/** Opens or closes the data methods side by side, on the prompt that the user looks at. */
function compareMethods(session: Session): void {
	const { methods, fresh } = session;
	if (fresh) return;
	if (!methods.open) followShown(session);
	methods.open = !methods.open;
}

/** Changes the strength by one step of the slider. */
function strengthen({ sideBySide }: Session, by: number): void {
	sideBySide.setStrength(sideBySide.strength + by);
}

/** Presents the region with the focus, else the one under the pointer, else the first of the view; a second time leaves. */
function present(): void {
	const found =
		document.querySelector('section.presented') ??
		document.activeElement?.closest('section:has(> header > [data-present])') ??
		document.querySelector('section:hover:has(> header > [data-present]):not(:has(section:hover))') ??
		document.querySelector('main section:has(> header > [data-present])');
	found?.querySelector<HTMLElement>(':scope > header > [data-present]')?.click();
}

export const KEYS: readonly KeyBinding[] = [
	{ key: 'enter', cap: 'Enter', does: 'run the loop; later the main button', run: advance },
	{ key: ' ', cap: 'Space', does: 'pause or resume a run or a grid; plays a finished run', run: runOrPause },
	{
		key: '.',
		cap: '.',
		does: 'one training step; in a finished run the next step',
		run: (session) => step(session, 1),
	},
	{ key: ',', cap: ',', does: 'the step before', run: (session) => step(session, -1), holds: true },
	{ key: '0', cap: '0', does: 'overview', run: (session) => session.show('overview') },
	...PIPELINE.map(({ id, title }, i) => ({
		key: String(i + 1),
		cap: String(i + 1),
		does: title,
		run: (session: Session) => session.show(id),
	})),
	{ key: 'j', cap: 'J', does: 'next revision or pair', run: (session) => move(session, 1), holds: true },
	{ key: 'k', cap: 'K', does: 'previous revision or pair', run: (session) => move(session, -1), holds: true },
	{ key: '[', cap: '[', does: 'weaker adapter', run: (session) => strengthen(session, -0.05), holds: true },
	{ key: ']', cap: ']', does: 'stronger adapter', run: (session) => strengthen(session, 0.05), holds: true },
	{ key: 'f', cap: 'F', does: 'present one region; Esc leaves', run: present },
	{
		key: 'm',
		cap: 'M',
		does: 'the same prompt under four data methods',
		run: compareMethods,
	},
	{
		key: 'v',
		cap: 'V',
		does: 'vary settings: a grid of runs',
		run: ({ gridPlace }) => gridPlace.vary(),
	},
	{
		key: 'n',
		cap: 'N',
		does: 'change one thing, run again',
		run: (session) => !session.fresh && session.change(),
	},
];

/** Keys of the ballot, while the focus is in it. */
export const VOTE_KEYS = [
	{ cap: '1', does: 'the first answer is better' },
	{ cap: '2', does: 'the second answer is better' },
	{ cap: '0', does: 'no difference' },
	{ cap: 'Z', does: 'take the last vote back' },
] as const;

/** Keys of the Revision view, which handles them itself; listed with the other keys. */
export const REVISION_KEYS = [
	{ cap: 'A', does: 'accept' },
	{ cap: 'E', does: 'edit' },
	{ cap: 'R', does: 'set aside' },
	{ cap: 'U', does: 'use a reply that was not used' },
	{ cap: 'G', does: 'ask again' },
	{ cap: 'Z', does: 'undo' },
	{ cap: 'Shift A', does: 'accept the rest' },
	{ cap: 'D', does: 'change the form of the diff' },
	{ cap: '/', does: 'search' },
] as const;
