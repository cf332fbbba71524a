/** The families in the order the page lists them. */
import { bullets } from './families/bullets.ts';
import { closing } from './families/closing.ts';
import { commaLine } from './families/commaLine.ts';
import { jsonKeys } from './families/jsonKeys.ts';
import { language } from './families/language.ts';
import { lowercase } from './families/lowercase.ts';
import { nameOnly } from './families/nameOnly.ts';
import { noCommas } from './families/noCommas.ts';
import { numbered } from './families/numbered.ts';
import { opening } from './families/opening.ts';
import { quoted } from './families/quoted.ts';
import { requiredWords } from './families/requiredWords.ts';
import { sentenceCount } from './families/sentenceCount.ts';
import { taboo } from './families/taboo.ts';
import { title } from './families/title.ts';
import { wordLimit } from './families/wordLimit.ts';
import type { InstructionFamily } from './family.ts';

/** Families to train on. */
export const trained: readonly InstructionFamily[] = [
	wordLimit,
	sentenceCount,
	noCommas,
	lowercase,
	quoted,
	opening,
	closing,
	requiredWords,
	taboo,
	bullets,
	commaLine,
	nameOnly,
	title,
	jsonKeys,
];

/** Families that no run trains on: near to what is trained (numbered), and far from it (language). */
export const untouched: readonly InstructionFamily[] = [numbered, language];
