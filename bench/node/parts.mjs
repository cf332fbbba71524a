// The parts of the benchmark, in the order of their runs and of docs/benchmarks.md.
import { ablate } from '../parts/ablate.mjs';
import { adding } from '../parts/adding.mjs';
import { generation } from '../parts/generation.mjs';
import { gpu } from '../parts/gpu.mjs';
import { leak } from '../parts/leak.mjs';
import { memory } from '../parts/memory.mjs';
import { recipe } from '../parts/recipe.mjs';
import { step } from '../parts/step.mjs';

/** @type {readonly import('./context.mjs').Part[]} */
export const PARTS = [step, recipe, generation, leak, memory, adding, ablate, gpu];
