/** `model.safetensors.index.json`: the file of each tensor, for models in several files. */
import * as v from 'valibot';
import { FormatError } from '../../errors.ts';

const INDEX = 'model.safetensors.index.json';
const schema = v.looseObject({ weight_map: v.record(v.string(), v.string()) });

/** @throws FormatError `checkpoint-index` if the file has another form */
export function readWeightMap(json: unknown): ReadonlyMap<string, string> {
	const parsed = v.safeParse(schema, json);
	if (parsed.success) return new Map(Object.entries(parsed.output.weight_map));
	throw indexFault('has no weight_map of names.');
}

/**
 * Compares the index with the tensors that each file holds.
 *
 * @param held names of the tensors by file
 * @throws FormatError `checkpoint-index` naming the first tensor or file that is missing, extra, or elsewhere
 */
export function expectWeightMap(
	weightMap: ReadonlyMap<string, string>,
	held: ReadonlyMap<string, ReadonlySet<string>>,
): void {
	for (const [name, file] of weightMap) {
		const names = held.get(file);
		if (names === undefined) throw indexFault(`names the file ${file}, which is missing.`);
		if (!names.has(name)) throw indexFault(`places “${name}” in ${file}, which does not hold it.`);
	}
	for (const [file, names] of held) {
		for (const name of names) {
			if (weightMap.get(name) !== file) throw indexFault(`does not name “${name}”, which is in ${file}.`);
		}
	}
}

function indexFault(message: string): FormatError {
	return new FormatError(`${INDEX} ${message}`, {
		code: 'checkpoint-index',
		hint: 'The files do not belong together: take all files of the model from the same place again.',
		context: { source: INDEX },
	});
}
