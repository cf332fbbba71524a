import { expect, test } from 'vitest';
import { readArguments, UsageError } from '../../../scripts/arguments.mjs';

const OPTIONS = { out: { type: 'string', default: 'here' }, plan: { type: 'boolean' } } as const;
const read = (...args: string[]) => readArguments('ablate', OPTIONS, { args });

test('options and one argument are read', () => {
	expect(read('--out', 'there', 'a b', '--plan')).toMatchObject({
		values: { out: 'there', plan: true },
		positionals: ['a b'],
	});
	expect(read('--out=-x').values).toEqual({ out: '-x' });
	expect(read().values).toEqual({ out: 'here' });
});

test.each([
	[['--unknown'], 'npm run ablate has no option --unknown.', 'Its options: --out VALUE, --plan.'],
	[['-x'], 'npm run ablate has no option -x.', '--plan'],
	[['--constructor'], 'npm run ablate has no option --constructor.', '--plan'],
	[['--out'], '--out needs a value.', '--out VALUE'],
	[['--out', '--plan'], '--out needs a value.', '--out VALUE'],
	[['--plan=yes'], '--plan takes no value, but has “yes”.', 'alone'],
	[['beta:', '1'], 'npm run ablate takes 1 argument besides its options, and has 2.', 'quotes'],
])('%j is refused with the known options or the repair, and exit code 2', (args, message, hint) => {
	let thrown: unknown;
	try {
		read(...args);
	} catch (error) {
		thrown = error;
	}
	expect(thrown).toBeInstanceOf(UsageError);
	expect(thrown).toMatchObject({ message, exitCode: 2 });
	expect((thrown as UsageError).hint).toContain(hint);
});
