/** Files that the user chose or dropped. */
import { formIds } from '#core/checkpoint/formIds.ts';
import { expectForms } from '#core/checkpoint/modelForms.ts';
import { FormatError } from '#core/errors.ts';
import type { ModelPlace } from '#core/model/keeper.ts';
import { fileSource } from '../disk/fileSource.ts';
import type { OpenPlace } from './place.ts';

/** @throws FormatError `model-form-unknown`, `model-file-missing` */
export function diskPlace({ name, files }: Extract<ModelPlace, { kind: 'disk' }>): OpenPlace {
	const byPath = new Map(files.map(({ path, file }) => [path, file]));
	const forms = expectForms(
		files.map(({ path, file }) => ({ path, size: file.size })),
		name,
	);
	return {
		title: name,
		origin: { place: 'disk', name },
		address: null,
		license: null,
		forms: formIds(forms),
		wanted: null,
		peek: (path) => {
			const file = byPath.get(path);
			if (file === undefined) throw missing(name, path);
			return fileSource(file, path);
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
