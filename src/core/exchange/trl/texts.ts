/** The folder's texts for people and for the shell: the files beside this one, with the names and numbers of a run. */
import type { ZipEntry } from '../../format/zip.ts';
import { titleOf } from '../../loss/objectives/forSettings.ts';
import type { RunRecord } from '../../run/run.ts';
import EVALUATE_SH from './evaluate.sh?raw';
import { textFile } from './files.ts';
import type { BasePlace } from './place.ts';
import README_MD from './README.md?raw';
import SLURM_SH from './slurm.sh?raw';
import type { TrlTrainer } from './trainerFor.ts';

export interface FolderFacts {
	record: Pick<RunRecord, 'name' | 'recipe' | 'metrics'>;
	trainer: TrlTrainer;
	base: BasePlace;
	rowsOfStep: number;
	/** Folder of the adapter to begin from; null without one. */
	adapter: string | null;
	/** Folder of the adapter that the run continues; null if it begins from the base. */
	parent: string | null;
}

/** The README, the Slurm script, and the script that evaluates base and tuned model. */
export function textFiles(facts: FolderFacts): ZipEntry[] {
	const files = [textFile('README.md', readme(facts)), textFile('slurm.sh', SLURM_SH)];
	// An adapter that was trained on base and parent is no adapter of the base.
	if (facts.parent !== null) return files;
	return [
		...files,
		textFile(
			'evaluate.sh',
			EVALUATE_SH.replace('MODEL', () => facts.base.model),
		),
	];
}

function readme(facts: FolderFacts): string {
	const { record, rowsOfStep, parent } = facts;
	const parts: Readonly<Record<string, string>> = {
		RUN: record.name,
		ABOUT: about(facts),
		ROWS: String(rowsOfStep),
		NOTES: notes(facts)
			.map((note) => `\n\n${note}`)
			.join(''),
	};
	const text = README_MD.replace(/\b(?:RUN|ABOUT|ROWS|NOTES)\b/g, (name) => parts[name] ?? name);
	return parent !== null ? text.slice(0, text.indexOf('\n## Evaluate')) : text;
}

function about({ record, trainer }: FolderFacts): string {
	const { recipe, metrics } = record;
	const trainers = {
		pairs: 'TRL’s DPOTrainer',
		answers: 'TRL’s KTOTrainer',
		formula: 'the subclass of TRL’s DPOTrainer in `formula.py`',
	};
	const { steps: count } = recipe.training;
	const steps = `${count} ${count === 1 ? 'step' : 'steps'} with ${titleOf(recipe.objective)} in ${trainers[trainer.kind]}`;
	const done = metrics.length < count ? ` Anchorage took ${metrics.length} of them.` : '';
	return `It takes ${steps}.${done}`;
}

/** Differences from the run that a reader should know, a paragraph each. */
function notes({ base, trainer, adapter, parent }: FolderFacts): string[] {
	const all: string[] = [];
	if (base.missing !== null)
		all.push(
			`The base model is not in this folder: put the Hugging Face files of \`${base.missing}\` (\`config.json\`, safetensors, tokenizer) into \`${base.model}/\`.`,
		);
	else if (base.replaces !== null)
		all.push(
			`The run’s base was \`${base.replaces}\`, whose form TRL cannot train on. \`${base.model}\` is the same model in the maker’s precision, so the metrics differ by what its quantisation changed.`,
		);
	if (adapter === null)
		all.push(
			'The run had no checkpoint, so `train.py` draws the first adapter itself, and its metrics are those of another seed.',
		);
	if (parent !== null)
		all.push(
			'The run continues the adapter in `parent/`: `train.py` merges it into the base first. `tuned/` applies to that merged model.',
		);
	if (trainer.kind === 'answers')
		all.push(
			'KTO estimates its `kl` from the rows that all processes have at once, each with the answer of the row before. So more than two processes, or `rows_at_once`, give another estimate than Anchorage.',
		);
	if (trainer.kind === 'formula' && trainer.objective.inputs.includes('mean_len_w'))
		all.push(
			'The loss divides by the mean length of the chosen answers that all processes have at once, so `rows_at_once` changes it.',
		);
	return all;
}
