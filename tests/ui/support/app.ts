/** The whole page with fake ports, with a recipe small enough for a test. */
import { Session } from '#app/session.svelte.ts';
import { DEFAULT_RECIPE, type Recipe } from '#core/recipe/recipe.ts';
import App from '#ui/App.svelte';
import { page } from 'vitest/browser';
import { render } from 'vitest-browser-svelte';
import { standInPorts, type StandInOptions } from './ports.ts';

export const SMALL: Recipe = {
	...DEFAULT_RECIPE,
	prompts: { ...DEFAULT_RECIPE.prompts, count: 48 },
	training: { ...DEFAULT_RECIPE.training, steps: 12, checkpointEvery: 6, evaluateEvery: 6 },
	evaluation: { ...DEFAULT_RECIPE.evaluation, count: 24 },
};

/** The page after its start; `recipe` is the recipe of the next run. */
export async function openPage(options: StandInOptions = {}, recipe: Recipe = SMALL) {
	localStorage.clear();
	await page.viewport(1280, 800);
	const ports = standInPorts(options);
	const session = new Session(ports);
	await session.start();
	session.draft.load(recipe);
	const screen = await render(App, { session });
	return { session, screen, store: ports.store };
}

/**
 * A pause that can be held: engines wait from the moment that `when` is true until `release`; `byFrame` gives the
 * page a frame before each. */
function holdWhen(
	when: () => boolean,
	byFrame: () => boolean,
): { pause: () => Promise<void>; release: () => void } {
	let released = false;
	const held = (): boolean => !released && when();
	let wake: (() => void)[] = [];
	return {
		pause: async () => {
			if (released) return;
			if (byFrame()) await new Promise(requestAnimationFrame);
			if (held()) await new Promise<void>((resolve) => wake.push(resolve));
		},
		release: () => {
			released = true;
			for (const go of wake) go();
			wake = [];
		},
	};
}

/** The page, with engines that wait from a training step on until `release`; while it trains each step has a frame of its own. */
export async function openHeldAt(step: number) {
	let session: Session | null = null;
	const { pause, release } = holdWhen(
		() => (session?.steps.loss.step ?? 0) >= step,
		() => session?.run.phase === 'training',
	);
	const page = await openPage({ pause });
	session = page.session;
	return { ...page, release };
}
