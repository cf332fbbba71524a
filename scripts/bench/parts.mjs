// The parts of the benchmark, in the order in which they run and stand in docs/benchmarks.md.
import { recipe } from './recipe.mjs';
import { step } from './step.mjs';

/** @type {readonly import('./context.mjs').Part[]} */
export const PARTS = [step, recipe];
