// WebLLM in a worker, with one message more: parameters to write in place.
import { pipelineOf, webllm, writeParameters } from './engine.mjs';

const handler = new webllm.WebWorkerMLCEngineHandler();

self.onmessage = async (/** @type {MessageEvent} */ message) => {
	const { write } = message.data ?? {};
	if (write === undefined) {
		handler.onmessage(message);
		return;
	}
	await writeParameters(pipelineOf(handler.engine, write.id), write.values);
	message.ports[0]?.postMessage('done');
};
