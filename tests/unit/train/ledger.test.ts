import { expect, test } from 'vitest';
import { Ledger } from '#train/ledger.ts';

test('what was freed serves the next request of its size only', () => {
	const ledger = new Ledger();
	ledger.take(10);
	ledger.give(10);
	ledger.take(10);
	expect(ledger.bytes).toBe(40);
	ledger.take(10);
	expect(ledger.bytes).toBe(80);
	ledger.give(10);
	ledger.take(11);
	expect(ledger.bytes).toBe(80 + 44);
	ledger.take(10, 'staging');
	expect(ledger.bytes).toBe(80 + 44 + 40);
});

test('during holds its sizes while the work runs', () => {
	const ledger = new Ledger();
	ledger.during([4, 4], () => ledger.take(4));
	expect(ledger.bytes).toBe(48);
	ledger.take(4);
	ledger.take(4);
	expect(ledger.bytes).toBe(48);
});
