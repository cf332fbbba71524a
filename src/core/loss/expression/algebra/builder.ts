/** What simplification itself works with: the constructors, and the shared nodes below them. */
import type { Algebra } from '../tree.ts';
import type { Interner } from './interner.ts';

export interface Builder extends Algebra {
	readonly nodes: Interner;
}
