/** Names the files that people give in place of a safetensors file, by their first bytes. */

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

const STARTS: readonly (readonly [start: string, file: ForeignFile])[] = [
	[
		'version https://git-lfs',
		{
			name: 'a pointer of Git LFS in place of the file',
			hint: 'Run "git lfs pull" in the folder, or download the file from the model’s page.',
		},
	],
	['PK\x03\x04', PYTORCH],
	['\x80\x02', PYTORCH],
	['\x80\x03', PYTORCH],
	['\x80\x04', PYTORCH],
	['\x80\x05', PYTORCH],
	['GGUF', { name: 'a GGUF file of llama.cpp', hint: 'Take the same weights as safetensors.' }],
	['GGML', { name: 'a GGML file of llama.cpp', hint: 'Take the same weights as safetensors.' }],
	['\x1f\x8b', { name: 'compressed with gzip', hint: 'Unpack it first.' }],
	['\x89HDF', { name: 'an HDF5 file', hint: 'Save the weights as safetensors.' }],
	['<!', WEB_PAGE],
	['<html', WEB_PAGE],
	['\n<!', WEB_PAGE],
	['\n<html', WEB_PAGE],
	['\xef\xbb\xbf<!', WEB_PAGE],
];

/** The kind of a file that cannot be a safetensors file; null if its start is not known. */
export function foreignFile(bytes: Uint8Array): ForeignFile | null {
	const start = String.fromCharCode(...bytes.subarray(0, 32));
	return STARTS.find(([text]) => start.toLowerCase().startsWith(text.toLowerCase()))?.[1] ?? null;
}
