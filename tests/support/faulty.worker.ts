/**
 * The WebLLM worker on a machine with the fault that the worker's name gives: `missing` has no WebGPU,
 * `no-adapter` finds no adapter, `small` has an adapter with low limits, `fragile` loses its device on the
 * message `lose`. Everything else is real.
 */
import { serveWebLlm } from '#runtime/webllm/serve.ts';

const scope = self as unknown as DedicatedWorkerGlobalScope;
const devices: GPUDevice[] = [];

function breakIt(fault: string): void {
	if (fault === 'missing') {
		Object.defineProperty(navigator, 'gpu', { value: undefined });
	} else if (fault === 'no-adapter') {
		Object.defineProperty(navigator.gpu, 'requestAdapter', { value: () => Promise.resolve(null) });
	} else if (fault === 'small') {
		Object.defineProperty(GPUSupportedLimits.prototype, 'maxStorageBuffersPerShaderStage', { get: () => 8 });
	} else if (fault === 'fragile') {
		keepDevices();
		scope.addEventListener('message', ({ data }) => {
			if (data === 'lose') for (const device of devices) device.destroy();
		});
	}
}

function keepDevices(): void {
	// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
	const { requestDevice } = GPUAdapter.prototype;
	GPUAdapter.prototype.requestDevice = async function (...args) {
		const device = await requestDevice.apply(this, args);
		devices.push(device);
		return device;
	};
}

breakIt(scope.name);
serveWebLlm(scope);
