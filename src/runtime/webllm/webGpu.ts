/** Checks before loading whether WebLLM can run here, because its own messages are for developers. */
import { AppError, DeviceError, ShapeError } from '#core/errors.ts';

const BROWSERS = 'Open this page in a current Chrome or Edge, or Safari 26 or later';

/** The types promise `navigator.gpu`; browsers without WebGPU, and plain http, have none. */
function maybeGpu(): GPU | undefined {
	return (globalThis.navigator as { gpu?: GPU } | undefined)?.gpu;
}

/**
 * @throws DeviceError `webgpu-missing` naming what is missing
 */
export async function requireWebGpu(): Promise<void> {
	const gpu = maybeGpu();
	if (gpu === undefined) {
		throw globalThis.isSecureContext ? missing('navigator.gpu is not there') : insecure();
	}
	const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
	if (adapter === null) {
		throw new DeviceError('This browser has WebGPU but found no graphics processor to use it with.', {
			code: 'webgpu-missing',
			hint: 'Switch on hardware acceleration in the browser’s settings and update the graphics driver, then reload. Training runs on the processor meanwhile.',
			context: { missing: 'adapter' },
		});
	}
}

function missing(what: string): DeviceError {
	return new DeviceError(`This browser gives the page no access to the graphics processor: ${what}.`, {
		code: 'webgpu-missing',
		hint: `${BROWSERS}. Sampling and training run on the processor meanwhile.`,
		context: { missing: 'navigator.gpu' },
	});
}

function insecure(): DeviceError {
	return new DeviceError('Browsers hide WebGPU from pages that come over a plain network address.', {
		code: 'webgpu-missing',
		hint: 'Open the page by https:// or as http://localhost.',
		context: { missing: 'secure context' },
	});
}

/** Rewords errors of WebLLM and TVM. An unknown error keeps WebLLM's own sentence. */
export function explainWebLlm(thrown: unknown, modelId: string): AppError {
	if (thrown instanceof AppError) return thrown;
	const name = thrown instanceof Error ? thrown.name : '';
	const message = thrown instanceof Error ? thrown.message : String(thrown);
	const limit = /requested (\w+)\s+exceeds limit\. requested=(\w+),\s+limit=(\w+)/.exec(message);
	if (limit !== null) return limitTooLow(limit, thrown);
	if (name === 'ContextWindowSizeExceededError') return promptTooLong(message, thrown);
	if (name === 'MessageOrderError' || name === 'SystemMessageOrderError') {
		return new ShapeError(`WebLLM refused the messages: ${message}`, {
			code: 'messages-order',
			hint: 'A chat ends with the user’s message; a system message comes first.',
			cause: thrown,
		});
	}
	if (
		/device (was |is )?lost|DeviceLost|Instance reference no longer exists|out of memory/i.test(
			`${name} ${message}`,
		)
	) {
		return deviceLost(modelId, thrown);
	}
	if (name === 'ShaderF16SupportError' || name === 'FeatureSupportError') {
		return new DeviceError(`This graphics processor lacks a feature that ${modelId} needs: ${message}`, {
			code: 'webgpu-feature',
			hint: 'Choose a float32 build of the model.',
			cause: thrown,
		});
	}
	return new AppError(`WebLLM stopped with an error: ${message}`, {
		code: 'webllm-failed',
		hint: 'Load the model again. If it happens again, copy the report and tell us what you did before.',
		context: { name, modelId },
		cause: thrown,
	});
}

export function deviceLost(modelId: string, cause?: unknown): DeviceError {
	return new DeviceError(`The graphics processor was lost while ${modelId} was in use.`, {
		code: 'device-lost',
		hint: 'Load the model again; all answers so far are kept. If it happens again, close other tabs that use the graphics processor.',
		context: { modelId },
		...(cause === undefined ? {} : { cause }),
	});
}

function limitTooLow([, name = '', need = '', have = '']: RegExpExecArray, cause: unknown): DeviceError {
	return new DeviceError(`WebLLM needs ${name} of ${need}; this graphics processor allows ${have}.`, {
		code: 'webgpu-limit',
		hint: `${BROWSERS}, or on a machine with a newer graphics processor.`,
		context: { limit: name, need, have },
		cause,
	});
}

function promptTooLong(message: string, cause: unknown): ShapeError {
	const [tokens = '?', room = '?'] = message.match(/\d+/g) ?? [];
	return new ShapeError(`The chat has ${tokens} tokens; the model has room for ${room}.`, {
		code: 'prompt-too-long',
		hint: 'Shorten the prompt, or begin a new chat.',
		context: { tokens, room },
		cause,
	});
}
