/** The number types of GGUF tensors by their ids (enum ggml_type in ggml.h). */
import { F16, BF16, F32 } from '../numbers/plain.ts';
import { Q4_K, Q5_K, Q6_K } from '../numbers/kQuants.ts';
import type { NumberType } from '../numbers/numberType.ts';
import { Q4_0, Q4_1 } from '../numbers/q4.ts';
import { Q5_0, Q5_1 } from '../numbers/q5.ts';
import { Q8_0 } from '../numbers/q8.ts';

export const GGUF_TYPES: ReadonlyMap<number, NumberType> = new Map([
	[0, F32],
	[1, F16],
	[2, Q4_0],
	[3, Q4_1],
	[6, Q5_0],
	[7, Q5_1],
	[8, Q8_0],
	[12, Q4_K],
	[13, Q5_K],
	[14, Q6_K],
	[30, BF16],
]);

/** Types that are not decoded here. The gaps are types that llama.cpp removed. */
const OTHER_NAMES: ReadonlyMap<number, string> = new Map([
	[4, 'Q4_2'],
	[5, 'Q4_3'],
	[9, 'Q8_1'],
	[10, 'Q2_K'],
	[11, 'Q3_K'],
	[15, 'Q8_K'],
	[16, 'IQ2_XXS'],
	[17, 'IQ2_XS'],
	[18, 'IQ3_XXS'],
	[19, 'IQ1_S'],
	[20, 'IQ4_NL'],
	[21, 'IQ3_S'],
	[22, 'IQ2_S'],
	[23, 'IQ4_XS'],
	[24, 'I8'],
	[25, 'I16'],
	[26, 'I32'],
	[27, 'I64'],
	[28, 'F64'],
	[29, 'IQ1_M'],
	[31, 'Q4_0_4_4'],
	[32, 'Q4_0_4_8'],
	[33, 'Q4_0_8_8'],
	[34, 'TQ1_0'],
	[35, 'TQ2_0'],
	[36, 'IQ4_NL_4_4'],
	[37, 'IQ4_NL_4_8'],
	[38, 'IQ4_NL_8_8'],
	[39, 'MXFP4'],
	[40, 'NVFP4'],
]);

/** Name of a type for messages; its number if llama.cpp had none when this table was written. */
export function typeName(id: number): string {
	return GGUF_TYPES.get(id)?.name ?? OTHER_NAMES.get(id) ?? `number ${id}, which is not known here`;
}
