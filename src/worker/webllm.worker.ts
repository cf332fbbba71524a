/** The worker that holds WebLLM: nothing of it, and none of its 6 MB, is on the page's thread. */
import { serveWebLlm } from '#runtime/webllm/serve.ts';

serveWebLlm(self);
