/** Inputs in the shape that users report, under tests/fixtures/cases, and how an import reads them. */
import { readFileSync } from 'node:fs';
import { importPairs, type PairImport } from '#core/pair/importPairs.ts';
import { importPrompts, type PromptImport } from '#core/prompt/importPrompts.ts';
import { readParquet } from '#runtime/rows/parquet.ts';

export const caseBytes = (name: string): Uint8Array<ArrayBuffer> =>
	new Uint8Array(readFileSync(`tests/fixtures/cases/${name}`));

export const casePairs = (name: string): Promise<PairImport> =>
	importPairs(name, caseBytes(name), readParquet);

export const casePrompts = (name: string, chosen: string | null = null): Promise<PromptImport> =>
	importPrompts(name, caseBytes(name), readParquet, chosen);

export const pairTexts = ({ set }: PairImport): string[][] =>
	set.pairs.map(({ prompt, chosen, rejected }) => [prompt.text, chosen, rejected]);

export const promptTexts = ({ set }: PromptImport): string[] => set.prompts.map(({ text }) => text);
