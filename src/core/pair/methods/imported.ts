/** Pairs that the user imported. */
import type { DataMethod } from './method.ts';

export const imported: DataMethod = { id: 'imported', title: 'own pairs', source: 'pairs', stages: [] };
