import { expect, test } from 'vitest';
import type { KernelReport } from '#core/device/kernels.ts';
import { openPage } from './support/app.ts';
import { DEVICE } from './support/compute.ts';

const KERNELS: KernelReport = {
	settings: { programs: 'auto', weights: 'f32', arithmetic: 'f32' },
	allowed: ['registers', 'shared32', 'shared64'],
	halves: true,
	source: 'measured',
	choices: [
		{ product: 'linear', rows: 'many', outputs: 1536, inputs: 576, variant: 'shared64', faster: 2.5 },
		{ product: 'linear', rows: 'few', outputs: 1536, inputs: 576, variant: 'registers', faster: 1 },
	],
};

test('the adapter view names the programs and their speed, and accepts another choice', async () => {
	const { session, screen } = await openPage({ device: { ...DEVICE, kernels: KERNELS } });
	await session.startRun();
	session.show('adapter');
	const region = screen.getByRole('region', { name: 'On this GPU' });
	await expect
		.element(region.getByRole('row', { name: /projection 1,536 × 576 workgroup tiles of 64 ×2.50/ }))
		.toBeVisible();
	await expect
		.element(region.getByRole('row', { name: /projection, few rows .* register tiles ×1.00/ }))
		.toBeVisible();
	await region.getByRole('combobox', { name: 'Programs for large products' }).selectOptions('shared32');
	await expect.poll(() => session.engines.device?.kernels?.settings.programs).toBe('shared32');
	await expect.poll(() => region.element().textContent).toContain('You chose the program');
	await region.getByRole('combobox', { name: 'Frozen weights' }).selectOptions('f16');
	await expect
		.poll(() => session.engines.device?.kernels?.settings)
		.toEqual({ programs: 'shared32', weights: 'f16', arithmetic: 'f32' });
	await region.getByRole('combobox', { name: 'Forward products' }).selectOptions('f16');
	await expect
		.poll(() => session.engines.device?.kernels?.settings)
		.toEqual({ programs: 'shared32', weights: 'f16', arithmetic: 'f16' });
});

test('a device without f16 is not asked for products in it', async () => {
	const { session, screen } = await openPage({
		device: { ...DEVICE, kernels: { ...KERNELS, halves: false } },
	});
	await session.startRun();
	session.show('adapter');
	const region = screen.getByRole('region', { name: 'On this GPU' });
	await expect.element(region.getByRole('combobox', { name: 'Frozen weights' })).toBeVisible();
	expect(region.getByRole('combobox', { name: 'Forward products' }).query()).toBeNull();
});

test('a machine without a GPU shows no programs', async () => {
	const { session, screen } = await openPage();
	await session.startRun();
	session.show('adapter');
	expect(screen.getByRole('region', { name: 'On this GPU' }).query()).toBeNull();
});
