/** The worker that reads one run file, so that no file blocks the page. The composition root of its thread. */
import { serveCalls } from '#core/rpc/server.ts';
import { readRunFile } from '#core/run/runFile.ts';
import { RUN_FILE_CALLS } from './runFileCalls.ts';

serveCalls(self, RUN_FILE_CALLS, { read: readRunFile });
