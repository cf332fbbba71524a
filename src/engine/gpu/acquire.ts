/**
 * Asks the browser for a GPUDevice. Browsers and drivers fail in many ways here: a missing or throwing API, no
 * adapter, a device that is refused, lost at once or computes nothing, an adapter without facts or with odd
 * limits. Every failure becomes a DeviceError, so that the caller can run on the processor instead.
 */
import { findAdapter, noWebGpu } from '#core/device/webGpu.ts';
import { DeviceError } from '#core/errors.ts';
import { proveDevice } from './prove.ts';

const LIMITS = [
	'maxBufferSize',
	'maxStorageBufferBindingSize',
	'maxStorageBuffersPerShaderStage',
	'maxComputeWorkgroupStorageSize',
	'maxComputeInvocationsPerWorkgroup',
	'maxComputeWorkgroupSizeX',
	'maxComputeWorkgroupsPerDimension',
] as const;
type Limit = (typeof LIMITS)[number];

/** Minimum limits, in bytes or counts, under WebGPU's names. */
export type NeededLimits = Partial<Record<Limit, number>>;

const FEATURES: readonly GPUFeatureName[] = ['shader-f16', 'subgroups', 'timestamp-query'];
const LABEL = 'anchorage';
/** A browser may start its GPU process first, which takes seconds on slow machines. */
const PATIENCE_MS = 30_000;

/** Facts about an adapter, empty if the browser gives none. */
export interface AdapterFacts {
	vendor: string;
	architecture: string;
	description: string;
	subgroupMinSize: number;
	subgroupMaxSize: number;
}

export interface AcquiredGpu {
	device: GPUDevice;
	facts: AdapterFacts;
}

/**
 * A device that has the needed limits and has computed a sum.
 *
 * @param patience milliseconds until a browser that does not answer counts as one without WebGPU
 * @throws DeviceError `webgpu-missing` naming the missing part, `limits-too-low` (need, have)
 */
export async function acquireGpu(need: NeededLimits, patience = PATIENCE_MS): Promise<AcquiredGpu> {
	const late = noWebGpu('device', `the browser gave no answer within ${patience / 1000} seconds`);
	let timer: ReturnType<typeof setTimeout> | undefined;
	const tooLate = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(late), patience);
	});
	const acquiring = acquire(need);
	try {
		return await Promise.race([acquiring, tooLate]);
	} catch (error) {
		// A device that comes after all is not used.
		void acquiring.then(
			({ device }) => device.destroy(),
			() => undefined,
		);
		throw error;
	} finally {
		clearTimeout(timer);
	}
}

async function acquire(need: NeededLimits): Promise<AcquiredGpu> {
	const adapter = await findAdapter(globalThis);
	expectLimits(readLimits(adapter.limits), need);
	const device = await openDevice(adapter, need);
	try {
		expectLimits(expectComplete(readLimits(device.limits)), need);
		await proveDevice(device);
		return { device, facts: await factsOf(adapter) };
	} catch (error) {
		device.destroy();
		throw error instanceof DeviceError ? error : noWebGpu('device', error);
	}
}

/** Opens with all features and limits that the adapter reports; if that is refused, with the needed ones only. */
async function openDevice(adapter: GPUAdapter, need: NeededLimits): Promise<GPUDevice> {
	try {
		return expectDevice(await adapter.requestDevice(everything(adapter)));
	} catch (refused) {
		try {
			// An adapter serves one request.
			const again = await findAdapter(globalThis);
			return expectDevice(await again.requestDevice({ label: LABEL, requiredLimits: need }));
		} catch {
			throw noWebGpu('device', refused);
		}
	}
}

function expectDevice(device: GPUDevice | null | undefined): GPUDevice {
	if (device === null || device === undefined) throw noWebGpu('device');
	return device;
}

function everything({ features, limits }: GPUAdapter): GPUDeviceDescriptor {
	return {
		label: LABEL,
		requiredFeatures: FEATURES.filter((feature) => features.has(feature)),
		requiredLimits: readLimits(limits),
	};
}

/** The limits that are usable numbers. */
export function readLimits(limits: GPUSupportedLimits | undefined): NeededLimits {
	const read: NeededLimits = {};
	for (const name of LIMITS) {
		const value: unknown = limits?.[name];
		if (typeof value === 'number' && value > 0 && Number.isFinite(value)) read[name] = value;
	}
	return read;
}

/** An adapter may omit a limit; a device must have all, because programs are chosen by them. */
function expectComplete(limits: NeededLimits): NeededLimits {
	const missing = LIMITS.find((name) => limits[name] === undefined);
	if (missing !== undefined) throw noWebGpu('device', `it does not report its ${missing}`);
	return limits;
}

function expectLimits(limits: NeededLimits, need: NeededLimits): void {
	for (const name of LIMITS) {
		const least = need[name] ?? 0;
		const have = limits[name] ?? least;
		if (have >= least) continue;
		throw new DeviceError(`This GPU allows ${name} = ${have}; the model needs ${least}.`, {
			code: 'limits-too-low',
			hint: 'Choose a smaller model, or another GPU in the browser’s settings.',
			context: { limit: name, need: least, have },
		});
	}
}

/** An adapter of today has `info`; older browsers have `requestAdapterInfo()`, and some have neither. */
type AnyAdapter = Omit<GPUAdapter, 'info' | 'requestAdapterInfo'> & {
	info?: Partial<GPUAdapterInfo> | null;
	requestAdapterInfo?: () => Promise<Partial<GPUAdapterInfo> | null>;
};

/** Facts are for display and for two optimisations, so a failure here gives empty ones. */
async function factsOf(adapter: AnyAdapter): Promise<AdapterFacts> {
	const {
		vendor,
		architecture,
		description,
		subgroupMinSize = 0,
		subgroupMaxSize = 0,
	} = await infoOf(adapter);
	return {
		vendor: text(vendor),
		architecture: text(architecture),
		description: text(description),
		subgroupMinSize,
		subgroupMaxSize,
	};
}

async function infoOf(adapter: AnyAdapter): Promise<Partial<GPUAdapterInfo>> {
	try {
		return adapter.info ?? (await adapter.requestAdapterInfo?.()) ?? {};
	} catch {
		return {};
	}
}

function text(value: unknown): string {
	return typeof value === 'string' ? value : '';
}
