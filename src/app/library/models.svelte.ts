/** The user's own models: the kept ones, the place under inspection, and the model under addition. */
import { asAppError, Cancelled, toWire, type WireError } from '#core/errors.ts';
import type {
	KeepControl,
	KeepEvent,
	KeptModel,
	ModelInspection,
	ModelKeeper,
	ModelPlace,
	ModelShelf,
	UnfinishedModel,
} from '#core/model/keeper.ts';
import type { AppPorts, Setting } from '../ports.ts';

/** A model that is being added. */
export interface AddingModel {
	title: string;
	/** Null until the first bytes. */
	event: KeepEvent | null;
}

/** A place that was looked into. */
interface Looked {
	place: ModelPlace;
	inspection: ModelInspection;
}

const EMPTY: ModelShelf = { kept: [], unfinished: [], damaged: [] };

export class Models {
	readonly #keeper: ModelKeeper;
	readonly #onChange: () => Promise<void>;
	readonly #onAdded: (model: KeptModel) => void;
	readonly #hubSetting: Setting;
	/** The look under way; a new one ends it. */
	#looking: AbortController | null = null;
	#control: KeepControl | null = null;

	/** True while the list of models is open. */
	open: boolean = $state(false);
	shelf: ModelShelf = $state.raw(EMPTY);
	looking: boolean = $state(false);
	looked: Looked | null = $state.raw(null);
	adding: AddingModel | null = $state.raw(null);
	/** The hub or mirror that the user set; null for the public hub. */
	hub: string | null = $state(null);
	/** True while an address is asked whether it is a hub. */
	checkingHub: boolean = $state(false);
	/** Why the last look, addition or deletion failed; else null. */
	error: WireError | null = $state.raw(null);

	/**
	 * @param onChange called after a model was added or deleted
	 * @param onAdded  called with a model that was added
	 */
	constructor(
		{ models: keeper, hubSetting }: Pick<AppPorts, 'models' | 'hubSetting'>,
		onChange: () => Promise<void>,
		onAdded: (model: KeptModel) => void,
	) {
		this.#keeper = keeper;
		this.#hubSetting = hubSetting;
		this.hub = hubSetting.read();
		this.#onChange = onChange;
		this.#onAdded = onAdded;
	}

	/** Opens the list, and reads it. */
	async show(): Promise<void> {
		this.open = true;
		await this.refresh();
	}

	async refresh(): Promise<void> {
		await this.#try(async () => {
			this.shelf = await this.#keeper.shelf();
		});
	}

	/** Looks into a place; a failure is in `error`. */
	async look(place: ModelPlace, form: string | null = null): Promise<void> {
		this.#looking?.abort();
		const own = new AbortController();
		this.#looking = own;
		this.looking = true;
		this.error = null;
		try {
			const inspection = await this.#keeper.inspect(this.#onHub(place), form, own.signal);
			if (this.#looking === own) this.looked = { place, inspection };
		} catch (error) {
			if (this.#looking !== own) return;
			this.error = toWire(error);
			if (form === null) this.looked = null;
		} finally {
			if (this.#looking === own) this.looking = false;
		}
	}

	/** Looks at another form of the same place. */
	async choose(form: string): Promise<void> {
		if (this.looked !== null) await this.look(this.looked.place, form);
	}

	/** Forgets what was looked at. */
	leave(): void {
		this.#looking?.abort();
		this.#looking = null;
		this.looking = false;
		this.looked = null;
		this.error = null;
	}

	/** Adds the model that was looked at. Null if there is none, or if it was not added: then `error` says why. */
	async add(): Promise<KeptModel | null> {
		if (this.looked === null) return null;
		const { place, inspection } = this.looked;
		return this.#add(place, inspection.form, inspection.title);
	}

	/** Looks at a model of the catalogue and adds it at once, unless it cannot be used here. */
	async get(address: string, title: string): Promise<void> {
		if (this.adding !== null) return;
		this.adding = { title, event: null };
		await this.look({ kind: 'address', text: address });
		this.adding = null;
		const refusal = this.looked?.inspection.refusal ?? null;
		if (refusal === null) await this.add();
		else [this.looked, this.error] = [null, refusal];
	}

	/**
	 * Sets the hub or mirror that names of repositories mean, after it answered as a hub; null is the public hub. A failure is in
	 * `error`, and the setting stays as it was.
	 *
	 * @returns true if it is set
	 */
	async setHub(address: string | null): Promise<boolean> {
		this.checkingHub = true;
		await this.#try(async () => {
			const hub =
				address === null ? null : await this.#keeper.checkHub(address, new AbortController().signal);
			this.#hubSetting.write(hub);
			this.hub = hub;
		});
		this.checkingHub = false;
		return this.error === null;
	}

	/** Goes on with a model whose addition did not end. */
	async goOn({ place, form, title }: UnfinishedModel): Promise<void> {
		if (place !== null) await this.#add(place, form, title);
	}

	pause(): void {
		this.#control?.pause();
	}

	goOnAdding(): void {
		this.#control?.resume();
	}

	/** Ends the addition and deletes its parts. */
	cancel(): void {
		if (this.#control === null) this.leave();
		this.#control?.cancel();
	}

	async remove(id: string): Promise<void> {
		await this.#try(() => this.#keeper.remove(id));
		await this.#changed();
	}

	async #add(place: ModelPlace, form: string, title: string): Promise<KeptModel | null> {
		if (this.adding !== null) return null;
		this.error = null;
		this.adding = { title, event: null };
		let added: KeptModel | null = null;
		try {
			const show = (event: KeepEvent): void => {
				if (this.adding !== null) this.adding = { title, event };
			};
			this.#control = this.#keeper.keep(this.#onHub(place), form, show);
			const model = await this.#control.finished;
			added = model;
			this.looked = null;
			await this.#onChange();
			this.#onAdded(model);
		} catch (error) {
			if (!(asAppError(error) instanceof Cancelled)) this.error = toWire(error);
		} finally {
			this.#control = null;
			this.adding = null;
		}
		await this.#changed();
		return added;
	}

	#onHub(place: ModelPlace): ModelPlace {
		return place.kind === 'disk' || this.hub === null ? place : { ...place, hub: this.hub };
	}

	/** Reads the lists again; an earlier failure stays. */
	async #changed(): Promise<void> {
		const { error } = this;
		await this.refresh();
		await this.#try(this.#onChange);
		this.error = error ?? this.error;
	}

	async #try(work: () => Promise<void>): Promise<void> {
		try {
			this.error = null;
			await work();
		} catch (error) {
			this.error = toWire(error);
		}
	}
}
