/** The fp32 rate of a device that only multiplies and adds; a step's rate is compared with it. */

const WORKGROUP = 256;
const WORKGROUPS = 4096;
/** Independent chains of vec4 per thread: enough to hide the latency of a fused multiply-add. */
const CHAINS = 8;
/** Unrolled steps of a chain per loop iteration. */
const TURNS = 4;
/** A loop long enough that its start is negligible. */
const ENOUGH_MS = 50;
const TRIES = 5;

function shader(): string {
	const chains = Array.from({ length: CHAINS }, (_, i) => i);
	return /* wgsl */ `
@group(0) @binding(0) var<storage, read_write> sums: array<vec4f>;
// The factor comes from memory so that nothing is known when this is compiled. It is −2: x · −2 + x = −x stays what it is, and reads
// two registers; with three different ones an H200 reaches 43 TFLOP/s instead of 60.
struct Settings { factor: f32, loops: u32 }
@group(0) @binding(1) var<uniform> settings: Settings;
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(global_invocation_id) id: vec3u) {
	let x = vec4f(f32(id.x));
	${chains.map((i) => `var a${i} = x + ${i}.0;`).join(' ')}
	let factor = vec4f(settings.factor);
	for (var i = 0u; i < settings.loops; i++) {
		${Array.from({ length: TURNS }, () => chains.map((i) => `a${i} = fma(a${i}, factor, a${i});`).join(' ')).join('\n\t\t')}
	}
	sums[id.x] = ${chains.map((i) => `a${i}`).join(' + ')};
}`;
}

/** @returns operations per second: two for each multiply-add */
export async function measurePeak(gpu: GPUDevice): Promise<number> {
	const pipeline = await gpu.createComputePipelineAsync({
		layout: 'auto',
		compute: { module: gpu.createShaderModule({ code: shader() }), entryPoint: 'main' },
	});
	const threads = WORKGROUP * WORKGROUPS;
	const sums = gpu.createBuffer({ size: 16 * threads, usage: GPUBufferUsage.STORAGE });
	const settings = gpu.createBuffer({ size: 16, usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST });
	const group = gpu.createBindGroup({
		layout: pipeline.getBindGroupLayout(0),
		entries: [sums, settings].map((buffer, binding) => ({ binding, resource: { buffer } })),
	});
	/** Milliseconds of one dispatch. */
	const run = async (loops: number): Promise<number> => {
		const values = new ArrayBuffer(16);
		new Float32Array(values)[0] = -2;
		new Uint32Array(values)[1] = loops;
		gpu.queue.writeBuffer(settings, 0, values);
		await gpu.queue.onSubmittedWorkDone();
		const encoder = gpu.createCommandEncoder();
		const pass = encoder.beginComputePass();
		pass.setPipeline(pipeline);
		pass.setBindGroup(0, group);
		pass.dispatchWorkgroups(WORKGROUPS);
		pass.end();
		const begin = performance.now();
		gpu.queue.submit([encoder.finish()]);
		await gpu.queue.onSubmittedWorkDone();
		return performance.now() - begin;
	};
	let loops = 1;
	while ((await run(loops)) < ENOUGH_MS) loops *= 2;
	const least = async (count: number): Promise<number> => {
		let best = Infinity;
		for (let i = 0; i < TRIES; i++) best = Math.min(best, await run(count));
		return best;
	};
	// The difference of two loops cancels the fixed cost of a dispatch.
	const ms = (await least(3 * loops)) - (await least(loops));
	sums.destroy();
	settings.destroy();
	return (2 * loops * threads * CHAINS * TURNS * 4 * 2) / (ms / 1000);
}
