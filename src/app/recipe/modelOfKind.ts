/** The model that a choice between built-in, own endpoint and second model names until the user chooses another one. */
import type { DeviceReport } from '#core/device/report.ts';
import { ollama } from '#core/endpoint/presets/ollama.ts';
import type { AskedModel } from '#core/recipe/askedModel.ts';
import { EMBEDDED, LOCAL, type ReviserKind } from '#core/recipe/reviserKind.ts';
import { bestSecondModel } from '../text/secondModels.ts';

export type NamedModel = Pick<AskedModel, 'endpoint' | 'model'>;

/** The usual server on this machine. It has names of its own, so the user chooses the model. */
export const OWN_ENDPOINT: NamedModel = { endpoint: ollama.baseUrl, model: '' };

/** @param builtIn name of the built-in model */
export function modelOfKind(kind: ReviserKind, builtIn: string, device: DeviceReport | null): NamedModel {
	switch (kind) {
		case 'embedded':
			return { endpoint: EMBEDDED, model: builtIn };
		case 'local':
			return { endpoint: LOCAL, model: bestSecondModel(device) };
		case 'endpoint':
			return OWN_ENDPOINT;
	}
}
