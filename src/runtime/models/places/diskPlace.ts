/** Files that the user chose or dropped. */
import { formIds } from '#core/checkpoint/formIds.ts';
import { FormatError } from '#core/errors.ts';
import type { PlacedFile } from '#core/model/keeper.ts';
import { openDiskModel } from '../disk/diskModel.ts';
import type { OpenPlace } from './place.ts';

/** @throws like `openDiskModel`, and `model-file-missing` for a file that is read later */
export async function diskPlace(chosen: readonly PlacedFile[]): Promise<OpenPlace> {
	const { name, files, forms } = await openDiskModel(chosen);
	return {
		title: name,
		origin: { place: 'disk', name },
		address: null,
		license: null,
		forms: formIds(forms),
		wanted: null,
		peek: (path) => {
			const source = files.get(path);
			if (source === undefined) throw missing(name, path);
			return source;
		},
		remote: null,
	};
}

function missing(name: string, path: string): FormatError {
	return new FormatError(`${name} holds no ${path}.`, {
		code: 'model-file-missing',
		hint: 'Choose the whole folder of the model, with its configuration and tokenizer.',
		context: { name, path },
	});
}
