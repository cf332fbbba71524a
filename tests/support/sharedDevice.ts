/**
 * Setup file of the gpu suites: openDevice() gets the same GPUDevice for every suite of a page, and no
 * pipeline is compiled twice. Without a GPU the compiler takes most of the suites' time.
 *
 * Everything above the GPUDevice is new at each openDevice(): backend, recorder, buffers, counters. A closed
 * backend destroys its buffers, so suites share pipelines but no memory. Workers have their own devices.
 */

type Compile<Result> = (descriptor: GPUComputePipelineDescriptor) => Result;
type Request = (this: GPUAdapter, descriptor?: GPUDeviceDescriptor) => Promise<GPUDevice>;

interface Shared {
	/** Devices by their request. */
	readonly devices: Map<string, GPUDevice>;
	nextIsOwn: boolean;
}

/**
 * On the page's global scope, because the runner loads a setup file again for each suite, separately from the
 * suite's imports.
 */
const page = globalThis as { sharedDevices?: Shared };

/** Gives the next openDevice() its own GPUDevice, which `destroy()` really destroys. */
export function ownDeviceNext(): void {
	if (page.sharedDevices !== undefined) page.sharedDevices.nextIsOwn = true;
}

/** Caches pipelines by the text of their shader, which declares all bindings and so their layout. */
function keepPipelines(device: GPUDevice): void {
	const texts = new WeakMap<GPUShaderModule, string>();
	const createModule = device.createShaderModule.bind(device);
	device.createShaderModule = (descriptor) => {
		const module = createModule(descriptor);
		texts.set(module, descriptor.code);
		return module;
	};
	const compiled = new Map<string, GPUComputePipeline>();
	const keyOf = ({ compute, layout }: GPUComputePipelineDescriptor): string =>
		`${layout === 'auto' ? layout : ''} ${compute.entryPoint ?? ''} ${texts.get(compute.module) ?? ''}`;
	const compile: Compile<GPUComputePipeline> = device.createComputePipeline.bind(device);
	device.createComputePipeline = (descriptor) => {
		const key = keyOf(descriptor);
		const pipeline = compiled.get(key) ?? compile(descriptor);
		compiled.set(key, pipeline);
		return pipeline;
	};
	const compileAsync: Compile<Promise<GPUComputePipeline>> = device.createComputePipelineAsync.bind(device);
	device.createComputePipelineAsync = async (descriptor) => {
		const key = keyOf(descriptor);
		const pipeline = compiled.get(key) ?? (await compileAsync(descriptor));
		compiled.set(key, pipeline);
		return pipeline;
	};
}

function shareDevices(shared: Shared): void {
	const adapters: { requestDevice: Request } = GPUAdapter.prototype;
	const request = adapters.requestDevice;
	adapters.requestDevice = async function (descriptor) {
		const own = shared.nextIsOwn;
		shared.nextIsOwn = false;
		if (own) return request.call(this, descriptor);
		const key = JSON.stringify(descriptor);
		const known = shared.devices.get(key);
		if (known !== undefined) return known;
		const device = await request.call(this, descriptor);
		keepPipelines(device);
		device.destroy = () => undefined;
		shared.devices.set(key, device);
		void device.lost.then(() => shared.devices.delete(key));
		return device;
	};
}

if ('gpu' in navigator && page.sharedDevices === undefined) {
	page.sharedDevices = { devices: new Map(), nextIsOwn: false };
	shareDevices(page.sharedDevices);
}
