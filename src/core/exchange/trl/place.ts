/** The base model of a run for transformers: a folder beside the scripts, or a name on the hub. */
import { publishedIn } from '../../model/published/registry.ts';

export interface BasePlace {
	/** `owner/name` on the hub, or a folder. */
	model: string;
	/** The commit on the hub; null takes the newest. */
	revision: string | null;
	/** The model whose files the user must put into the folder; null if the place has them. */
	missing: string | null;
	/** The repository of the run's own form of the model, if the place has another form; else null. */
	replaces: string | null;
}

/** The folder of a model that the archive holds, or that the user fills. */
export const MODEL_FOLDER = 'model';

const REPOSITORY = /^([^\s@:]+)@([0-9a-f]{40}):/;

/**
 * @param id     the recipe's model
 * @param inside true if the archive holds the model's files
 */
export function basePlace(id: string, inside: boolean): BasePlace {
	const place = { model: MODEL_FOLDER, revision: null, missing: null, replaces: null };
	if (inside) return place;
	const [, repository, commit] = REPOSITORY.exec(id) ?? [];
	if (repository === undefined || commit === undefined) return { ...place, missing: id };
	// MLC's and GGUF's folders are for other programs; the maker's has the same model as safetensors.
	const safetensors = publishedIn(repository)?.downloads.find(({ precision }) => precision === 'bf16');
	if (safetensors === undefined || safetensors.address === repository)
		return { ...place, model: repository, revision: commit };
	return { ...place, model: safetensors.address, replaces: repository };
}
