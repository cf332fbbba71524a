/** The WebLLM worker; the page's thread loads none of WebLLM's 6 MB. */
import { serveWebLlm } from '#runtime/webllm/serve.ts';

serveWebLlm(self);
