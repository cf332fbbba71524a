/** The published models as this device and this browser see them: what each can do here, what is kept, and the best choice. */
import type { DeviceReport } from '#core/device/report.ts';
import type { NumberFormat } from '#core/format/numberFormat.ts';
import type { KeptModel } from '#core/model/keeper.ts';
import { downloadBytes } from '#core/model/published/downloadBytes.ts';
import type { Precision, PublishedDownload, PublishedModel } from '#core/model/published/publishedModel.ts';
import { PUBLISHED_MODELS, repositoryOf } from '#core/model/published/registry.ts';
import { publishedRecipe } from '#core/recipe/suggested.ts';
import { modelFit, type ModelFit } from '../text/modelMemory.ts';

/** One form of a model. */
export interface CatalogueForm extends PublishedDownload {
	bytes: number;
	/** With the suggested recipe. */
	fit: ModelFit;
	/** The model that was added from it; null if none was. */
	kept: KeptModel | null;
}

export interface CatalogueEntry {
	model: PublishedModel;
	forms: readonly CatalogueForm[];
	/** Index of the form to offer first. */
	preferred: number;
	/** True for the largest model that answers at once and trains here in a sensible time. */
	isBest: boolean;
}

/** Formats of the matrices after the download; GGUF files are widened (core/checkpoint/convert/storage.ts). */
const WEIGHTS: Readonly<Record<Precision, NumberFormat>> = {
	bf16: 'bf16',
	q0f16: 'f16',
	q4f16_1: 'q4',
	Q8_0: 'f16',
};

/** All published models, the smallest first. */
export function catalogue(
	kept: readonly KeptModel[],
	device: DeviceReport | null,
): readonly CatalogueEntry[] {
	const entries = PUBLISHED_MODELS.map((model) => {
		const forms = model.downloads.map((download) => formOf(model, download, kept, device));
		return { model, forms, preferred: preferredOf(forms), isBest: false };
	});
	// The list is sorted by size.
	const best = entries.findLastIndex(
		({ model, forms, preferred }) => !model.reasons && isSensible(forms[preferred]),
	);
	return entries.map((entry, i) => (i === best ? { ...entry, isBest: true } : entry));
}

function formOf(
	model: PublishedModel,
	download: PublishedDownload,
	kept: readonly KeptModel[],
	device: DeviceReport | null,
): CatalogueForm {
	const weights = WEIGHTS[download.precision];
	return {
		...download,
		bytes: downloadBytes(model, download.precision),
		fit: modelFit({ config: model.config, weights }, publishedRecipe(model), device),
		kept: kept.find((one) => isFrom(one, download)) ?? null,
	};
}

function isFrom({ source: { origin }, form }: KeptModel, { address, precision }: PublishedDownload): boolean {
	const isHere = origin.place === 'hub' && origin.repository === repositoryOf(address);
	return isHere && (precision !== 'Q8_0' || form === 'Q8_0');
}

/** A kept form; else the first that trains in a sensible time, that trains, or that samples; else the form with the least memory. */
function preferredOf(forms: readonly CatalogueForm[]): number {
	const wishes: ((form: CatalogueForm) => boolean)[] = [
		({ kept }) => kept !== null,
		isSensible,
		({ fit, gated }) => fit.trains && !gated,
		({ fit, gated }) => fit.samples && !gated,
	];
	for (const wish of wishes) {
		const found = forms.findIndex(wish);
		if (found >= 0) return found;
	}
	const memory = forms.map(({ fit, gated }) => (gated ? Infinity : fit.sampling));
	return memory.indexOf(Math.min(...memory));
}

function isSensible(form: CatalogueForm | undefined): boolean {
	return form !== undefined && form.fit.trains && form.fit.sensible && !form.gated;
}
