/** Checks before loading whether WebLLM can run here, because its own messages are for developers. */
import { findAdapter, noWebGpu } from '#core/device/webGpu.ts';
import { AppError, DeviceError, ShapeError } from '#core/errors.ts';

const BROWSERS = 'Open this page in a current Chrome or Edge, or Safari 26 or later';

/** The facts that WebLLM reads of an adapter: some browsers have neither `info` nor `requestAdapterInfo()`. */
const NO_FACTS = { vendor: '', architecture: '', device: '', description: '' };

/**
 * Opens a device as a trial, because WebLLM's own error for a device that is refused names no cause.
 *
 * @throws DeviceError `webgpu-missing` naming what is missing
 */
export async function requireWebGpu(): Promise<void> {
	const adapter = await findAdapter(globalThis);
	try {
		const device = (await adapter.requestDevice()) as GPUDevice | null;
		if (device === null) throw noWebGpu('device');
		device.destroy();
	} catch (thrown) {
		throw thrown instanceof DeviceError ? thrown : noWebGpu('device', thrown);
	}
	supplyFacts(adapter);
}

function supplyFacts(adapter: GPUAdapter): void {
	const { info, requestAdapterInfo } = adapter as { info?: unknown; requestAdapterInfo?: unknown };
	if ((info ?? requestAdapterInfo ?? null) !== null) return;
	Object.defineProperty(GPUAdapter.prototype, 'info', { configurable: true, get: () => NO_FACTS });
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
