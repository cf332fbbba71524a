/** The weights of a model's files together, as the app never holds them. */
import type { ModelFiles } from '#runtime/models/modelFiles.ts';
import { QuantisedJoin } from '#runtime/models/quantised.ts';
import type { WeightTensor } from '#runtime/models/tensors.ts';

export async function withTensors(
	files: ModelFiles,
): Promise<ModelFiles & { tensors: ReadonlyMap<string, WeightTensor> }> {
	const tensors = new Map<string, WeightTensor>();
	await files.eachWeight((name, tensor) => void tensors.set(name, copied(tensor)));
	return { ...files, tensors };
}

/** The model's files free a weight after its use. */
function copied(tensor: WeightTensor): WeightTensor {
	return { ...tensor, data: tensor.data.slice() };
}

/** The records of a folder with its quantised matrices joined. */
export function joinQuantised(
	records: ReadonlyMap<string, WeightTensor>,
	chatConfig: unknown,
): Map<string, WeightTensor> {
	const joined = new Map<string, WeightTensor>();
	const join = new QuantisedJoin(chatConfig);
	for (const [name, tensor] of records) {
		const weight = join.add(name, copied(tensor));
		if (weight !== null) joined.set(weight.name, weight.tensor);
	}
	join.expectWhole();
	return joined;
}
