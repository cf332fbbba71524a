/** Messages about grids in the words of the page: they name cells and settings as the files of grids do. */
import { SETTING_PATHS } from '#core/grid/setting.ts';
import { settingName } from './define/settingValues.ts';

const NO_LABELS: ReadonlyMap<string, string> = new Map();
/** Such as `objective.beta`. */
const PATH = /\b[a-z]+\.[A-Za-z]+\b/g;

/** @param labels of cells, by name */
export function inPageWords(text: string, labels = NO_LABELS): string {
	return text
		.replace(PATH, (path) => (SETTING_PATHS.includes(path) ? settingName(path) : path))
		.replace(/“([^“”]*)”/g, (quoted, name: string) => {
			const label = labels.get(name);
			return label === undefined ? quoted : `“${label}”`;
		});
}
