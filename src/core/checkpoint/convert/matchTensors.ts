/** Finds the tensors of every record in a checkpoint; none may be missing, of another shape, or left over. */
import { FormatError } from '../../errors.ts';
import type { Checkpoint, CheckpointTensor } from '../checkpoint.ts';
import { weightRecords, type RecordPart, type WeightRecord } from './records.ts';

export interface MatchedRecord extends Pick<WeightRecord, 'name' | 'shape'> {
	/** In the order of the record's rows. */
	tensors: readonly CheckpointTensor[];
}

/** Tensors that some files store and no model needs: positions that follow from the configuration. */
const DERIVED = '.rotary_emb.inv_freq';
const HEAD = 'lm_head.weight';
const PREFIX = 'model.';

/** @throws FormatError `weight-missing`, `weight-shape`, `weight-unexpected` naming the tensor */
export function matchTensors({ config, tensors }: Checkpoint): MatchedRecord[] {
	const left = new Map([...tensors].map(([name, tensor]) => [fullName(name), tensor]));
	const take = ({ name, shape }: RecordPart): CheckpointTensor => {
		const tensor = left.get(name);
		if (tensor === undefined) throw missing(name);
		if (String(tensor.shape) !== String(shape)) throw otherShape(tensor, shape);
		left.delete(name);
		return tensor;
	};
	const matched: MatchedRecord[] = [];
	for (const { name, shape, parts } of weightRecords(config)) {
		matched.push({ name, shape, tensors: parts.map(take) });
	}
	// Some checkpoints store a tied head a second time.
	if (config.tieWordEmbeddings) left.delete(HEAD);
	const extra = [...left.keys()].filter((name) => !name.endsWith(DERIVED));
	if (extra.length > 0) throw unexpected(extra, config.architecture);
	return matched;
}

/** Models saved without their head have names without the first part. */
function fullName(name: string): string {
	return name.startsWith(PREFIX) || name === HEAD ? name : PREFIX + name;
}

function missing(name: string): FormatError {
	return new FormatError(`The model’s weights hold no “${name}”.`, {
		code: 'weight-missing',
		hint: 'The files are incomplete or of another architecture: take all files of the model again.',
		context: { name },
	});
}

function otherShape({ name, shape, source }: CheckpointTensor, expected: readonly number[]): FormatError {
	const form = (sizes: readonly number[]): string => `[${sizes.join(', ')}]`;
	return new FormatError(
		`${source.name}: “${name}” has the shape ${form(shape)}; the configuration needs ${form(expected)}.`,
		{
			code: 'weight-shape',
			hint: 'Configuration and weights belong to different models: take all files from the same place.',
			context: { name, source: source.name },
		},
	);
}

function unexpected(names: readonly string[], architecture: string): FormatError {
	const [first = ''] = names;
	const more = names.length > 1 ? ` and ${names.length - 1} more` : '';
	return new FormatError(
		`The weights hold “${first}”${more}, which a model of the kind ${architecture} does not have.`,
		{
			code: 'weight-unexpected',
			hint: 'The model is of another architecture, or was changed; its answers here would be wrong.',
			context: { name: first, count: names.length },
		},
	);
}
