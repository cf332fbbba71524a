// Writes the recorded runs that come with the page, public/recorded, from the runs of the preference lab:
//   node scripts/recordings.ts FOLDER
// FOLDER is one that `npm run ablate docs/grids/lab.json` wrote. Each recording gets the tokens of its pairs, so that the page shows
// its batches before a model is loaded.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RECORDINGS } from '#app/library/recordings.ts';
import { pairTokens } from '#core/batch/pairTokens.ts';
import { readRunFile, writeRunFile } from '#core/run/runFile.ts';
import { loadTokenizer, type TextTools } from '#runtime/tokenizer/tokenizer.ts';

/** The runs of the lab by the ids of their recordings. */
export const RUNS: Readonly<Record<string, string>> = {
	recorded: 'clair_apo_zero.seed1',
	'recorded-seed-2': 'clair_apo_zero.seed2',
	'recorded-good-judge': 'on_policy_good_judge.seed1',
	'recorded-foreign-manner': 'stronger_foreign_manner.seed1',
	'recorded-apo-down': 'clair_apo_down.seed1',
	'recorded-worse-winners': 'worse_winners_apo_zero.seed1',
	'recorded-long-judge': 'on_policy_long_judge.seed1',
	'recorded-dpo': 'clair_dpo.seed1',
	'recorded-own-objective': 'clair_own_objective.seed1',
};

/** The tokenizer of the embedded model, which all recorded runs have. */
function textTools(): TextTools {
	const json = (name: string): unknown =>
		JSON.parse(readFileSync(join('public/models/anchor-1m', name), 'utf8'));
	return loadTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
}

async function withTokens(path: string, tools: TextTools): Promise<Uint8Array> {
	const { record, adapters, parent } = await readRunFile(new Uint8Array(readFileSync(path)), path);
	const tokens = record.pairs.map((pair) => ({
		id: pair.id,
		...pairTokens(pair, record.recipe.training.maxLength, tools),
	}));
	return writeRunFile({ record: { ...record, tokens }, adapters, ...(parent && { parent }) });
}

if (import.meta.main) {
	const [folder] = process.argv.slice(2);
	if (folder === undefined)
		throw new Error('Name the folder of the lab’s runs: node scripts/recordings.ts FOLDER');
	const tools = textTools();
	for (const { id, file } of RECORDINGS) {
		const key = RUNS[id];
		if (key === undefined) throw new Error(`No run of the lab is the recording ${id}.`);
		const bytes = await withTokens(join(folder, 'runs', `${key}.run.json.gz`), tools);
		writeFileSync(join('public', file), bytes);
		console.log(`${file}: ${(bytes.length / 1e6).toFixed(2)} MB, from ${key}`);
	}
}
