/** A first computation on a new device: some drivers open a device that is lost at once or computes nothing. */
import { noWebGpu } from '#core/device/webGpu.ts';

const USAGE = 0x80 | 0x04 | 0x08; // GPUBufferUsage.STORAGE | COPY_SRC | COPY_DST
const READ_USAGE = 0x01 | 0x08; // GPUBufferUsage.MAP_READ | COPY_DST
const READ = 0x01; // GPUMapMode.READ

const CODE = /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> numbers : array<u32>;
@compute @workgroup_size(1)
fn main() { numbers[0] = numbers[0] + numbers[1]; }`;

/**
 * Adds two numbers on the device and reads the sum.
 *
 * @throws DeviceError `webgpu-missing` if the device is lost, fails or gives another sum
 */
export async function proveDevice(device: GPUDevice): Promise<void> {
	const lost = device.lost.then(({ message }) => {
		throw noWebGpu('device', message === '' ? 'it was lost at once' : message);
	});
	const sum = await Promise.race([add(device, 20, 22), lost]);
	if (sum !== 42) throw noWebGpu('device', `it computed 20 + 22 = ${sum}`);
}

async function add(device: GPUDevice, a: number, b: number): Promise<number | undefined> {
	const numbers = device.createBuffer({ size: 8, usage: USAGE });
	const result = device.createBuffer({ size: 4, usage: READ_USAGE });
	try {
		device.queue.writeBuffer(numbers, 0, Uint32Array.of(a, b));
		const module = device.createShaderModule({ code: CODE });
		const pipeline = device.createComputePipeline({
			layout: 'auto',
			compute: { module, entryPoint: 'main' },
		});
		const entries = [{ binding: 0, resource: { buffer: numbers } }];
		const encoder = device.createCommandEncoder();
		const pass = encoder.beginComputePass();
		pass.setPipeline(pipeline);
		pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
		pass.dispatchWorkgroups(1);
		pass.end();
		encoder.copyBufferToBuffer(numbers, 0, result, 0, 4);
		device.queue.submit([encoder.finish()]);
		await result.mapAsync(READ);
		return new Uint32Array(result.getMappedRange())[0];
	} finally {
		numbers.destroy();
		result.destroy();
	}
}
