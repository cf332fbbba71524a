// Converts a GGUF file to the folder that the page keeps of it, for the check of the libraries (python/libraries.sh).
//   node scripts/keep-gguf.ts MODEL.gguf FOLDER
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { planFolder, folderFiles } from '#core/checkpoint/convert/convert.ts';
import { lossless } from '#core/checkpoint/convert/storage.ts';
import { openGguf } from '#core/checkpoint/gguf/open.ts';
import { loadTokenizer } from '#runtime/tokenizer/tokenizer.ts';

const [path, folder] = process.argv.slice(2);
if (path === undefined || folder === undefined) throw new Error('Give a GGUF file and a folder.');
const file = openSync(path, 'r');

function read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
	const bytes = new Uint8Array(end - start);
	readSync(file, bytes, 0, bytes.length, start);
	return Promise.resolve(bytes);
}

const checkpoint = await openGguf([{ name: basename(path), size: fstatSync(file).size, read }]);
const { renderChat } = loadTokenizer(checkpoint.tokenizerJson, checkpoint.tokenizerConfig);
const storage = await lossless(checkpoint);
const plan = planFolder(checkpoint, {
	storage,
	loraRank: 16,
	contextWindow: 2048,
	prefillChunk: 256,
	renderChat,
});
mkdirSync(folder, { recursive: true });
function newMd5() {
	const hash = createHash('md5');
	return { update: (piece: Uint8Array): void => void hash.update(piece), hex: () => hash.digest('hex') };
}

for await (const { path: name, pieces } of folderFiles(plan, newMd5)) {
	const out = openSync(join(folder, name), 'w');
	for await (const piece of pieces) writeSync(out, piece);
	closeSync(out);
}
