/** Short, stable names of the forms of a model: parts of the ids of kept models. */
import type { ModelForm } from './modelForms.ts';

/** `mlc`, `safetensors`, a quantization, or the path of the first file if another form has the same name. */
export function formIds(forms: readonly ModelForm[]): ReadonlyMap<string, ModelForm> {
	const ids = new Map<string, ModelForm>();
	for (const form of forms) {
		const short = form.folder + shortName(form);
		ids.set(ids.has(short) ? lastPath(form) : short, form);
	}
	return ids;
}

function shortName(form: ModelForm): string {
	return form.kind === 'gguf' ? (form.quantization ?? lastPath(form).slice(form.folder.length)) : form.kind;
}

/** Weights come last. */
const lastPath = (form: ModelForm): string => form.paths.at(-1) ?? form.kind;
