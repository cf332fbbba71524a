/** The rows worker, which reads imported files so that a large one does not freeze the page. The composition root of its thread. */
import { serveCalls } from '#core/rpc/server.ts';
import { loadModelText } from '#runtime/rows/modelText.ts';
import { LocalRowReader } from '#runtime/rows/rowReader.ts';
import { ROW_CALLS } from './rowCalls.ts';

serveCalls(self, ROW_CALLS, new LocalRowReader(loadModelText));
