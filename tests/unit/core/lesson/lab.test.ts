/** The figures of the preference lab in lessons, and the statements of lessons that depend on them. */
import { expect, test } from 'vitest';
import { lab, labDifference, type LabCell, type LabPair } from '#core/lesson/lab/lab.ts';
import results from '#core/lesson/lab/results.json' with { type: 'json' };

const CELLS = Object.keys(results.cells) as LabCell[];
const PAIRS = Object.keys(results.differences) as LabPair[];
const INTERVAL =
	/^[+−]?\d\.\d{2,3}(?: over \d+ seeds?)? \(95% interval [+−]?\d\.\d{2,3} to [+−]?\d\.\d{2,3}\)$/;

test.each(CELLS)('every figure of “%s” has a text', (name) => {
	const { judgeRight, judgeLonger, change, sampledChange, ...figures } = lab(name);
	for (const text of Object.values(figures)) expect(text).not.toMatch(/NaN|undefined|–/);
	for (const text of [change, sampledChange]) expect(text).toMatch(INTERVAL);
	expect(judgeRight === '–').toBe(judgeLonger === '–');
});

test.each(PAIRS)('%s has a difference with its seeds', (pair) => {
	expect(labDifference(pair)).toMatch(INTERVAL);
	expect(labDifference(pair)).toContain(' seed');
});

test('the texts are those of the file', () => {
	const cell = results.cells['clair apo_zero'];
	expect(lab('clair apo_zero').after).toBe(cell.after.score.toFixed(2));
	expect(lab('clair apo_zero').seeds).toBe(String(cell.scores.length));
	expect(lab('clair apo_zero').highest).toBe(Math.max(...cell.scores).toFixed(2));
});

/** Statements that lessons make in words, beside the figures. A new grid that says otherwise needs other words. */
test('“Why the edit should be small”: judged winners gain less, and a foreign manner breaks the model', () => {
	expect(results.differences['clair apo_zero − on_policy good judge'].low).toBeGreaterThan(0);
	expect(results.cells['clair apo_zero'].editedCredit).toBeGreaterThan(
		results.cells['on_policy good judge'].editedCredit,
	);
	expect(results.cells['stronger foreign manner'].change.high).toBeLessThan(0);
	expect(results.cells['stronger foreign manner'].broken).toBeGreaterThan(0);
});

test('“The wrong tool”: APO-down breaks the model, and worse winners pull the sampled score down', () => {
	expect(results.differences['clair apo_zero − clair apo_down'].low).toBeGreaterThan(0);
	expect(results.cells['clair apo_down'].broken).toBeGreaterThan(0);
	expect(results.cells['worse winners apo_zero'].sampledChange.high).toBeLessThan(0);
	expect(results.cells['worse winners apo_down'].change.high).toBeLessThan(0);
});

test('“Your own objective”: the added term keeps the gain that DPO loses', () => {
	expect(results.differences['clair own objective − clair dpo'].low).toBeGreaterThan(0);
});
