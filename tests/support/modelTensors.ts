/** The weights of a model's files together, as the app never holds them. */
import type { ModelFiles } from '#runtime/models/modelFiles.ts';
import { QuantisedJoin } from '#runtime/models/quantised.ts';
import type { WeightTensor } from '#runtime/models/tensors.ts';

export async function withTensors(
	files: ModelFiles,
): Promise<ModelFiles & { tensors: ReadonlyMap<string, WeightTensor> }> {
	const tensors = new Map<string, WeightTensor>();
	await files.eachWeight((name, tensor) => void tensors.set(name, tensor));
	return { ...files, tensors };
}

/** The records of a folder with its quantised matrices joined. */
export function joinQuantised(
	records: ReadonlyMap<string, WeightTensor>,
	chatConfig: unknown,
): Map<string, WeightTensor> {
	const joined = new Map<string, WeightTensor>();
	const join = new QuantisedJoin(chatConfig, (name, tensor) => void joined.set(name, tensor));
	for (const [name, tensor] of records) join.add(name, tensor);
	join.expectWhole();
	return joined;
}
