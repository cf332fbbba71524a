/** Texts about the GPU's programs. */
import type { Arithmetic, KernelReport, KernelVariant, Matmul, WeightStorage } from '#core/device/kernels.ts';

export const PROGRAM_WORDS: Readonly<Record<'auto' | KernelVariant, string>> = {
	auto: 'the fastest for each shape',
	registers: 'register tiles',
	shared32: 'workgroup tiles of 32',
	shared64: 'workgroup tiles of 64',
	shared128: 'workgroup tiles of 128',
	half32: 'workgroup tiles of 32, in f16',
	half64: 'workgroup tiles of 64, in f16',
	half128: 'workgroup tiles of 128, in f16',
};

export const MATMUL_WORDS: Readonly<Record<Matmul, string>> = {
	linear: 'projection',
	linearDx: 'its gradient',
	head: 'head and loss',
	dlogits: 'gradient of the logits',
	headGrad: 'gradient through the head',
};

export const WEIGHT_WORDS: Readonly<Record<WeightStorage, string>> = {
	f32: 'f32, exact',
	stored: 'as in the files, exact',
	f16: 'f16, half the memory',
};

export const ARITHMETIC_WORDS: Readonly<Record<Arithmetic, string>> = {
	f32: 'f32',
	f16: 'f16 where it is faster, less exact',
};

export const SOURCE_WORDS: Readonly<Record<KernelReport['source'] | 'set', string>> = {
	measured: 'Each large product runs the program that was fastest when it was measured on this device.',
	known:
		'This device runs four threads together, as a processor without a GPU does: defaults used, not benchmarked.',
	pending: 'The programs are chosen when a model is loaded.',
	set: 'You chose the program; the choice is saved in this browser.',
};
