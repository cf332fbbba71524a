/** The merge composed of tfjs ops. */
export { mergedStock as mergeLoraStock } from '../linear/linear.stock.ts';
