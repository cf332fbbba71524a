/** The constructors together with the nodes that they share, as the rules of simplification need them. */
import type { Algebra } from '../tree.ts';
import type { Interner } from './interner.ts';

export interface Builder extends Algebra {
	readonly nodes: Interner;
}
