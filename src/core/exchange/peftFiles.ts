/** An adapter as the two files of a folder that PEFT reads. */
import type { Adapter } from '../adapter/adapter.ts';
import { PEFT_CONFIG_FILE, PEFT_WEIGHTS_FILE, writePeftAdapter } from '../adapter/peft.ts';
import type { ZipEntry } from '../format/zip.ts';

/**
 * @param base   name or folder of the base model
 * @param folder start of the files' names in the archive, with its slash
 */
export function peftFiles(adapter: Adapter, base: string, folder = ''): ZipEntry[] {
	const { weights, config } = writePeftAdapter(adapter, { base_model_name_or_path: base });
	return [
		{ name: `${folder}${PEFT_WEIGHTS_FILE}`, content: weights },
		{
			name: `${folder}${PEFT_CONFIG_FILE}`,
			content: new TextEncoder().encode(JSON.stringify(config, null, 2)),
		},
	];
}
