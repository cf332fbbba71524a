import { untrainedLike } from '../../adapter/layout.ts';
import { writeJsonLines } from '../../format/jsonl.ts';
import { zip, type ZipEntry } from '../../format/zip.ts';
import { writePairsJsonl, writeUnpairedJsonl } from '../../pair/jsonl.ts';
import { withoutSecrets } from '../../recipe/link.ts';
import type { RunRecord } from '../../run/run.ts';
import { fileName, type ExportSource, type RunExport } from '../export.ts';
import { peftFiles } from '../peftFiles.ts';
import { baseModelFiles } from '../trl/baseModel.ts';
import COMPARE_PY from '../trl/compare.py?raw';
import { jsonFile, textFile } from '../trl/files.ts';
import { basePlace, MODEL_FOLDER } from '../trl/place.ts';
import REQUIREMENTS from '../trl/requirements.txt?raw';
import { formulaScript, trainScript } from '../trl/scripts.ts';
import { settingsYaml } from '../trl/settings.ts';
import { answersOf, expectEnds, pairsOfSteps, trainedPairs } from '../trl/steps.ts';
import { textFiles } from '../trl/texts.ts';
import { trlTrainer, type TrlTrainer } from '../trl/trainerFor.ts';

export const trlFolder: RunExport = {
	id: 'trl',
	label: 'Run it in TRL',
	detail: 'ZIP with train.py, settings, pairs, adapter and model; trains the same steps on GPUs',
	async write(source) {
		const { record } = source;
		const content = zip(await folderFiles(source), record.createdAt);
		return [{ name: fileName(record, 'trl.zip'), type: 'application/zip', content }];
	},
};

const STEPS = 'data/steps.jsonl';

async function folderFiles({ record, adapter, parent, base }: ExportSource): Promise<ZipEntry[]> {
	const { recipe } = record;
	const trainer = trlTrainer(recipe.objective);
	const rows = dataOf(record, trainer);
	const shown = await adapter();
	const begun = (await parent?.()) ?? null;
	const model = (await base?.()) ?? null;
	const place = basePlace(recipe.model, model !== null);
	const adapters = [
		...(shown ? peftFiles(untrainedLike(shown, recipe.lora.seed), place.model, 'adapter/') : []),
		...(begun ? peftFiles(begun, place.model, 'parent/') : []),
	];
	const folder = {
		...{ record, recipe, trainer, base: place, data: rows.file, steps: STEPS, rowsOfStep: rows.ofStep },
		adapter: shown && 'adapter',
		parent: begun && 'parent',
	};
	return [
		...scripts(trainer),
		...textFiles(folder),
		textFile('settings.yaml', settingsYaml(folder)),
		jsonFile('recipe.json', withoutSecrets(recipe)),
		textFile('anchorage-metrics.jsonl', writeJsonLines(record.metrics)),
		...rows.files,
		...adapters,
		...(model === null ? [] : await baseModelFiles(MODEL_FOLDER, model)),
	];
}

function scripts(trainer: TrlTrainer): ZipEntry[] {
	return [
		textFile('train.py', trainScript(trainer)),
		...(trainer.kind === 'formula' ? [textFile('formula.py', formulaScript(trainer.objective))] : []),
		textFile('compare.py', COMPARE_PY),
		textFile('requirements.txt', REQUIREMENTS),
	];
}

/** The rows of a run and of its steps: pairs, or their answers one by one. */
function dataOf(
	record: RunRecord,
	{ kind }: TrlTrainer,
): { file: string; ofStep: number; files: ZipEntry[] } {
	const pairs = trainedPairs(record);
	const ofPairs = pairsOfSteps(record.recipe, pairs.length);
	const byAnswer = kind === 'answers';
	if (byAnswer) expectEnds(pairs);
	const file = byAnswer ? 'data/answers.jsonl' : 'data/pairs.jsonl';
	const steps = byAnswer ? ofPairs.map(answersOf) : ofPairs;
	const files = [
		textFile(file, byAnswer ? writeUnpairedJsonl(pairs) : writePairsJsonl(pairs)),
		textFile(STEPS, writeJsonLines(steps)),
	];
	return { file, ofStep: steps[0]?.length ?? 0, files };
}
