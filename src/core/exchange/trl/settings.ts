/** settings.yaml: the numbers of a recipe in the names of TRL, PEFT and transformers. */
import type { Recipe } from '../../recipe/recipe.ts';
import type { BasePlace } from './place.ts';
import type { TrlTrainer } from './trainerFor.ts';
import { writeYaml, type YamlEntry, type YamlValue } from './yaml.ts';

export interface TrlSettings {
	recipe: Pick<Recipe, 'lora' | 'optimiser' | 'training'>;
	trainer: TrlTrainer;
	base: BasePlace;
	/** Files of the folder; null if it lacks them. */
	adapter: string | null;
	parent: string | null;
	data: string;
	steps: string;
}

const SCHEDULES: Readonly<Record<Recipe['optimiser']['schedule'], string>> = {
	constant: 'constant_with_warmup',
	linear: 'linear',
	cosine: 'cosine',
};

export function settingsYaml({ recipe, trainer, base, adapter, parent, data, steps }: TrlSettings): string {
	const { lora } = recipe;
	const config = trainer.kind === 'answers' ? 'KTOConfig' : 'DPOConfig';
	return writeYaml([
		{ name: 'model', value: base.model, comment: 'a folder here, or a name on the hub' },
		{ name: 'revision', value: base.revision },
		{ name: 'dtype', value: 'float32', comment: 'of the frozen weights' },
		{ name: 'adapter', value: adapter, comment: 'to begin from; null draws one with the numbers of lora' },
		{ name: 'parent', value: parent, comment: 'an adapter that is merged into the base first' },
		{
			name: 'lora',
			value: entries({
				r: lora.rank,
				lora_alpha: lora.alpha,
				lora_dropout: 0,
				target_modules: [...lora.targetModules],
			}),
		},
		{ name: 'data', value: data },
		{ name: 'steps', value: steps, comment: 'the rows of every step' },
		{
			name: 'rows_at_once',
			value: null,
			comment: 'on each process; null takes its whole share of a step, fewer rows save memory',
		},
		{ name: 'output', value: 'tuned' },
		{ name: 'trainer', value: trainerEntries(recipe, trainer), comment: `names of TRL’s ${config}` },
	]);
}

function trainerEntries(
	{ optimiser, training }: TrlSettings['recipe'],
	{ options }: TrlTrainer,
): readonly YamlEntry[] {
	return entries({
		...options,
		learning_rate: optimiser.learningRate,
		lr_scheduler_type: SCHEDULES[optimiser.schedule],
		warmup_steps: optimiser.warmupSteps,
		optim: 'adamw_torch',
		weight_decay: optimiser.weightDecay,
		adam_beta1: optimiser.beta1,
		adam_beta2: optimiser.beta2,
		adam_epsilon: optimiser.epsilon,
		max_grad_norm: optimiser.maxGradNorm,
		max_steps: training.steps,
		max_length: training.maxLength,
		seed: training.seed,
		use_cpu: false,
		bf16: false,
		gradient_checkpointing: training.activations === 'recompute',
		logging_steps: 1,
		save_strategy: 'no',
		report_to: 'none',
	});
}

function entries(values: Readonly<Record<string, YamlValue>>): readonly YamlEntry[] {
	return Object.entries(values).map(([name, value]) => ({ name, value }));
}
