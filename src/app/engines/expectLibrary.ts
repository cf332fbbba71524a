/** Whether WebLLM can answer with a model here, asked before anything is downloaded for it. */
import type { DeviceReport } from '#core/device/report.ts';
import type { ModelSource } from '#core/model/model.ts';
import { noLibrary } from '#core/model/noLibrary.ts';
import { expectFeatures } from '#core/model/prebuilt/prebuiltLibrary.ts';

/** @throws AppError `webllm-no-library`; DeviceError `webllm-needs-f16` */
export function expectLibrary({ library, title }: ModelSource, device: DeviceReport | null): void {
	if (library === null) throw noLibrary(title);
	if (library.place === 'prebuilt') expectFeatures(library.prebuilt, title, device?.features ?? []);
}
