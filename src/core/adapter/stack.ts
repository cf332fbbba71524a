/**
 * Stacking: two adapters of one model as one adapter of rank r₁ + r₂, whose product is the sum of theirs:
 * [s₁B₁ s₂B₂]·[A₁; A₂] = s₁·B₁A₁ + s₂·B₂A₂. A run that begins from an adapter trains on the merged weights; the stack applies both
 * to the plain base, in WebLLM and in PEFT.
 */
import { ShapeError } from '../errors.ts';
import { TARGET_MODULES, type TargetModule } from '../recipe/recipe.ts';
import { type Adapter, type LoraMatrices, scalingOf } from './adapter.ts';

/**
 * The sum of the parent, at strength 1, and of `own`, at a strength. Exact up to one rounding of B if the scalings differ or the
 * strength is not 1.
 *
 * @param parent   applies to the plain base
 * @param own      trained on base + parent; the stack has its id and step
 * @param strength of `own`: 0 gives the parent, with zeros beside it
 * @throws ShapeError `adapter-shape` if the two belong to different models
 */
export function stackAdapters(parent: Adapter, own: Adapter, strength = 1): Adapter {
	const [first, second] = [scalingOf(parent.config), scalingOf(own.config)];
	// With one scaling for both, no factor is multiplied into B.
	const scaling = first === second ? first : 1;
	const rank = parent.config.rank + own.config.rank;
	const halves: [Half, Half] = [
		{ adapter: parent, factor: first / scaling, at: 0 },
		{ adapter: own, factor: (strength * second) / scaling, at: parent.config.rank },
	];
	const matrices = placesOf(parent, own).map((place) => stacked(place, halves, rank));
	const targetModules = TARGET_MODULES.filter((name) => matrices.some(({ module }) => module === name));
	return { id: own.id, step: own.step, config: { rank, alpha: scaling * rank, targetModules }, matrices };
}

/** One of the two adapters, with its factor and its first row of the stacked A. */
interface Half {
	adapter: Adapter;
	factor: number;
	at: number;
}

type Place = Pick<LoraMatrices, 'layer' | 'module' | 'inFeatures' | 'outFeatures'>;

const order = (module: TargetModule): number => TARGET_MODULES.indexOf(module);

/** The modules that either adapter changes, in the order of layers and modules. */
function placesOf(parent: Adapter, own: Adapter): Place[] {
	const places = new Map<string, Place>();
	for (const { layer, module, inFeatures, outFeatures } of [...parent.matrices, ...own.matrices]) {
		const key = `${layer}.${module}`;
		const known = places.get(key);
		if (known !== undefined && (known.inFeatures !== inFeatures || known.outFeatures !== outFeatures)) {
			throw new ShapeError(
				`Layer ${key} is [${known.outFeatures}, ${known.inFeatures}] in one adapter and [${outFeatures}, ${inFeatures}] in the other.`,
				{ code: 'adapter-shape', hint: 'Both adapters must belong to the same model.' },
			);
		}
		places.set(key, { layer, module, inFeatures, outFeatures });
	}
	return [...places.values()].sort((a, b) => a.layer - b.layer || order(a.module) - order(b.module));
}

function stacked(place: Place, halves: readonly Half[], rank: number): LoraMatrices {
	const { layer, module, inFeatures, outFeatures } = place;
	const loraA = new Float32Array(rank * inFeatures);
	const loraB = new Float32Array(outFeatures * rank);
	for (const { adapter, factor, at } of halves) {
		const found = adapter.matrices.find((one) => one.layer === layer && one.module === module);
		if (found === undefined) continue;
		const width = adapter.config.rank;
		loraA.set(found.loraA, at * inFeatures);
		for (let n = 0; n < outFeatures; n++) {
			const row = found.loraB.subarray(n * width, (n + 1) * width);
			loraB.set(factor === 1 ? row : row.map((value) => factor * value), n * rank + at);
		}
	}
	return { ...place, loraA, loraB };
}
