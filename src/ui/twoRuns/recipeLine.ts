/** The difference of two recipes in one line. */
import type { Recipe } from '#core/recipe/recipe.ts';
import type { RecipeChange } from '#core/recipe/fields.ts';
import { recipeDifferences } from '#core/recipe/differences.ts';
import { titleOf } from '#core/loss/objectives/forSettings.ts';
import { excerpt } from '#core/text/wording.ts';
import { changeText } from '../recipe/changeText.ts';
import { nameOf } from '../recipe/settings.ts';

/** "objective: APO-zero ↔ DPO; β: 0.1 ↔ 0.5; seed: 1 ↔ 2", the values of the first recipe on the left. */
export function recipeLine(first: Recipe, second: Recipe): string {
	const { settings, seeds } = recipeDifferences(first, second);
	const whole = wholeSeed(seeds);
	const lines = settings.flatMap((change) => settingLine(change, first, second));
	const seedLines =
		whole === null
			? seeds.flatMap((change) => settingLine(change, first, second))
			: [between('seed', String(whole.from), String(whole.to))];
	if (lines.length > 0) return [...lines, ...seedLines].join('; ');
	if (whole !== null) return `Same recipe; seeds differ: ${String(whole.from)} ↔ ${String(whole.to)}`;
	if (seedLines.length > 0) return `Same recipe; seeds differ: ${seedLines.join('; ')}`;
	return 'Same recipe and seeds: a difference comes from other data, other decisions, or another device';
}

/** Characters of a value, such as a formula. */
const LONGEST_VALUE = 60;

function settingLine({ path, from, to }: RecipeChange, first: Recipe, second: Recipe): readonly string[] {
	// The title of a sum names its terms.
	const [a, b] =
		path === 'objective.id'
			? [titleOf(first.objective), titleOf(second.objective)]
			: [changeText(path, from), changeText(path, to)];
	// A field that one recipe leaves out has its default there.
	return a === b ? [] : [between(nameOf(path), a, b)];
}

function between(name: string, a: string, b: string): string {
	return `${name}${name.includes(':') ? '' : ':'} ${excerpt(a, LONGEST_VALUE)} ↔ ${excerpt(b, LONGEST_VALUE)}`;
}

/** The change that all seeds share, as another seed of an experiment changes them; null if they do not. */
function wholeSeed(seeds: readonly RecipeChange[]): RecipeChange | null {
	const training = seeds.find(({ path }) => path === 'training.seed');
	const isShared = seeds.every(({ from, to }) => from === training?.from && to === training?.to);
	return isShared ? (training ?? null) : null;
}
