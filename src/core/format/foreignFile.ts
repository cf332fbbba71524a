/** Names the files that people give in place of a safetensors file. */
import { type FileGroup, type FileType, fileType } from './fileSignature.ts';
import { beginsAsMarkup, isLfsPointer } from './foreignText.ts';

interface ForeignFile {
	/** Follows "is": `a PyTorch file (pickle)`. */
	name: string;
	hint: string;
}

const PYTORCH: ForeignFile = {
	name: 'a PyTorch file (pickle), which can run code when it is opened',
	hint: 'Save it again with save_pretrained (safe_serialization=True, the default): PEFT then writes adapter_model.safetensors, transformers model.safetensors.',
};
const WEB_PAGE: ForeignFile = {
	name: 'a web page',
	hint: 'Download the file itself: the link with /resolve/ in its address, not the page that shows it.',
};
const POINTER: ForeignFile = {
	name: 'a pointer of Git LFS in place of the file',
	hint: 'Run "git lfs pull" in the folder, or download the file from the model’s page.',
};

const CHOOSE = 'Choose a file of safetensors: of an adapter, PEFT writes adapter_model.safetensors.';
const HINTS: Partial<Record<FileGroup, string>> = {
	llama: 'Take the same weights as safetensors.',
	archive: 'Unpack it first.',
	rows: 'Save the weights as safetensors.',
};

function foreignWeights({ name, group }: FileType): ForeignFile | null {
	if (group === 'safetensors') return null;
	// PyTorch saves pickles, today inside of a ZIP.
	if (group === 'pickle' || group === 'zip') return PYTORCH;
	return { name, hint: HINTS[group] ?? CHOOSE };
}

/** Bytes in which a text shows what it is. */
const HEAD = 1024;

/** The kind of a file that cannot be a safetensors file; null if its start is not known. */
export function foreignFile(bytes: Uint8Array): ForeignFile | null {
	const start = new TextDecoder().decode(bytes.subarray(0, HEAD));
	if (isLfsPointer(start)) return POINTER;
	if (beginsAsMarkup(start)) return WEB_PAGE;
	const type = fileType(bytes);
	return type === null ? null : foreignWeights(type);
}
