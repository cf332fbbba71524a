/** A mean with its 95% interval, as a run stores it. */
import * as v from 'valibot';
import { count, measured } from '../format/schema.ts';

export const estimateSchema = v.object({ score: measured, low: measured, high: measured, n: count });
export type Estimate = v.InferOutput<typeof estimateSchema>;
