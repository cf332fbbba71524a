/** Prices of tokens by endpoint and model: typed by the user, else those in the endpoint's own list of models. */
import type { TokenPrice } from '#core/endpoint/sentRequest.ts';
import type { OfferedModel } from '#core/ports.ts';
import type { Recipe } from '#core/recipe/recipe.ts';

type Reviser = Pick<Recipe['reviser'], 'endpoint' | 'model'>;

export interface KnownPrice extends TokenPrice {
	/** typed: by the user. listed: by the endpoint. */
	source: 'typed' | 'listed';
}

export class TokenPrices {
	#typed: Readonly<Record<string, TokenPrice>> = $state.raw({});
	#listed: Readonly<Record<string, TokenPrice>> = $state.raw({});

	/** Null if nobody gave one. */
	priceOf(reviser: Reviser): KnownPrice | null {
		const name = nameOf(reviser);
		const typed = this.#typed[name];
		if (typed !== undefined) return { ...typed, source: 'typed' };
		const listed = this.#listed[name];
		return listed === undefined ? null : { ...listed, source: 'listed' };
	}

	/** @param price null forgets the typed price */
	type(reviser: Reviser, price: TokenPrice | null): void {
		const others = Object.entries(this.#typed).filter(([name]) => name !== nameOf(reviser));
		const typed = price === null ? [] : [[nameOf(reviser), price] as const];
		this.#typed = Object.fromEntries([...others, ...typed]);
	}

	/** Takes the prices of an endpoint's list. */
	learn(endpoint: string, models: readonly OfferedModel[]): void {
		const priced = models.flatMap(({ id, price }) =>
			price === null ? [] : [[nameOf({ endpoint, model: id }), price] as const],
		);
		this.#listed = { ...this.#listed, ...Object.fromEntries(priced) };
	}
}

function nameOf({ endpoint, model }: Reviser): string {
	return `${endpoint} ${model}`;
}
