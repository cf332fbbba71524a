// The parts of the benchmark, in the order in which they run and stand in docs/benchmarks.md.
import { generation } from './generation.mjs';
import { gpu } from './gpu.mjs';
import { leak } from './leak.mjs';
import { memory } from './memory.mjs';
import { recipe } from './recipe.mjs';
import { step } from './step.mjs';

/** @type {readonly import('./context.mjs').Part[]} */
export const PARTS = [step, recipe, generation, leak, memory, gpu];
