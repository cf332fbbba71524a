/** The models that can revise, judge or answer on this machine, with their sizes and what this device can do. Pure. */
import type { DeviceReport } from '#core/device/report.ts';
import type { ModelLicense } from '#core/model/license.ts';
import { wantedModel } from '#core/model/keptId.ts';
import type { ModelSource } from '#core/model/model.ts';
import { findSecondModel, SECOND_MODELS } from '#core/model/second/registry.ts';
import {
	downloadBytes,
	formFor,
	SECOND_MODEL_HOSTS,
	type SecondModelEntry,
} from '#core/model/second/secondModel.ts';

export interface SecondModelChoice {
	id: string;
	title: string;
	parameters: number;
	/** Bytes of its one download; null for a model that is here. */
	download: number | null;
	/** Bytes that it takes on the GPU, about; null if unknown. */
	memory: number | null;
	/** Null if unknown. */
	license: ModelLicense | null;
	/** Sentences for the choice. */
	note: string;
	/** Why this device cannot use it, or may not; empty if it can. */
	trouble: string;
	/** False if it cannot run here at all. */
	usable: boolean;
	/** True for the choice that suits this device best. */
	best: boolean;
}

/** Smaller models do not follow the reviser's request. */
const FEWEST_PARAMETERS = 3e8;
/** Part of the page's memory that the best choice takes at most: it must also leave room for other programs. */
const SHARE = 0.5;

/** @param models of the catalogue, which are here already */
export function secondModelChoices(
	models: readonly ModelSource[],
	device: DeviceReport | null,
): readonly SecondModelChoice[] {
	const best = bestSecondModel(device);
	const published = SECOND_MODELS.map((entry) => ({ ...ofEntry(entry, device), best: entry.id === best }));
	return [...published, ...models.map(ofSource)];
}

/** Id of the largest published model that suits the device and asks nothing of the trained model; the smallest if none does. */
export function bestSecondModel(device: DeviceReport | null): string {
	const room = SHARE * (device?.budgetBytes ?? 0);
	const fitting = SECOND_MODELS.filter(
		(entry) => memoryOf(entry, device) <= room && entry.licenseNote === '',
	);
	const largest = fitting.toSorted((a, b) => b.parameters - a.parameters)[0];
	return (largest ?? SECOND_MODELS[0])?.id ?? '';
}

function memoryOf(entry: SecondModelEntry, device: DeviceReport | null): number {
	return entry.forms[formFor(device?.features ?? [])].memoryBytes;
}

function ofEntry(entry: SecondModelEntry, device: DeviceReport | null): Omit<SecondModelChoice, 'best'> {
	const { id, title, parameters, license, goodFor, licenseNote } = entry;
	const memory = memoryOf(entry, device);
	const usable = device === null || device.backend === 'webgpu';
	const budget = device?.budgetBytes ?? Infinity;
	const trouble = !usable
		? 'It needs WebGPU, which this browser does not give the page.'
		: memory > budget
			? `It needs about ${gigabytes(memory)}, and this page may take about ${gigabytes(budget)}.`
			: '';
	const note = [goodFor, licenseNote].filter(Boolean).join(' ');
	return { id, title, parameters, download: downloadBytes(entry), memory, license, note, trouble, usable };
}

function ofSource({ id, title, parameters, origin }: ModelSource): SecondModelChoice {
	const note = origin.place === 'page' ? 'It comes with the page.' : 'It is kept in this browser.';
	const small = parameters < FEWEST_PARAMETERS;
	return {
		id,
		title,
		parameters,
		download: null,
		memory: null,
		license: null,
		note,
		trouble: small ? 'It is too small to follow the request, so expect hardly any usable reply.' : '',
		usable: true,
		best: false,
	};
}

/** The title of a recipe's second model, also of one that is not here. */
export function secondModelTitle(id: string, models: readonly ModelSource[]): string {
	const known = findSecondModel(id) ?? models.find((model) => model.id === id);
	return known?.title ?? wantedModel(id)?.name ?? id;
}

/** “Qwen2.5 1.5B Instruct is fetched once, 0.9 GB from huggingface.co and …”; empty for a model that is here. */
export function fetchedOnce(id: string): string {
	const entry = findSecondModel(id);
	if (entry === null) return '';
	return `${entry.title} is fetched once, ${gigabytes(downloadBytes(entry))} from ${SECOND_MODEL_HOSTS}.`;
}

export function gigabytes(bytes: number): string {
	return `${(bytes / 1e9).toFixed(1)} GB`;
}
