import { withoutSecrets } from '../../recipe/link.ts';
import { fileName, type RunExport } from '../export.ts';

export const recipeFile: RunExport = {
	id: 'recipe',
	label: 'Recipe',
	detail: 'JSON; npm run loop reads it too',
	write: ({ record }) => {
		const content = JSON.stringify(withoutSecrets(record.recipe), null, '\t');
		return Promise.resolve([{ name: fileName(record, 'recipe.json'), type: 'application/json', content }]);
	},
};
