/** The models worker, which downloads and converts models so that the page stays free. The composition root of its thread. */
import { serveCalls } from '#core/rpc/server.ts';
import { LocalModelKeeper } from '#runtime/models/kept/keeper.ts';
import { MODEL_CALLS } from './modelCalls.ts';

serveCalls(self, MODEL_CALLS, new LocalModelKeeper());
