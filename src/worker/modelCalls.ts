/** The calls of the models worker, one row each: the methods of `ModelKeeper` in a form that messages can carry. */
import type { KeepControl, KeepEvent, ModelKeeper, ModelPlace } from '#core/model/keeper.ts';
import { callsOf, type CallContext } from '#core/rpc/call.ts';

/** Control messages of `keep`. */
export const KEEP_ACTIONS = {
	pause: (control: KeepControl) => control.pause(),
	resume: (control: KeepControl) => control.resume(),
	cancel: (control: KeepControl) => control.cancel(),
};
export type KeepAction = keyof typeof KEEP_ACTIONS;

const call = callsOf<ModelKeeper>();

export const MODEL_CALLS = {
	inspect: call((keeper, { place, form }: { place: ModelPlace; form: string | null }, { signal }) =>
		keeper.inspect(place, form, signal),
	),
	keep: call(
		(
			keeper,
			{ place, form }: { place: ModelPlace; form: string },
			{ emit, onControl }: CallContext<KeepEvent, KeepAction>,
		) => {
			const control = keeper.keep(place, form, emit);
			onControl((action) => KEEP_ACTIONS[action](control));
			return control.finished;
		},
	),
	checkHub: call((keeper, address: string, { signal }) => keeper.checkHub(address, signal)),
	shelf: call((keeper) => keeper.shelf()),
	remove: call((keeper, id: string) => keeper.remove(id)),
};
