/** The date formats of Python's `strftime` that chat templates use, in English and in UTC. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
const MONTHS = [
	'January',
	'February',
	'March',
	'April',
	'May',
	'June',
	'July',
	'August',
	'September',
	'October',
	'November',
	'December',
] as const;

const two = (value: number): string => String(value).padStart(2, '0');
const short = (name: string | undefined): string => (name ?? '').slice(0, 3);

const DIRECTIVES: ReadonlyMap<string, (date: Date) => string> = new Map<string, (date: Date) => string>([
	['a', (date) => short(DAYS[date.getUTCDay()])],
	['A', (date) => DAYS[date.getUTCDay()] ?? ''],
	['b', (date) => short(MONTHS[date.getUTCMonth()])],
	['B', (date) => MONTHS[date.getUTCMonth()] ?? ''],
	['d', (date) => two(date.getUTCDate())],
	['-d', (date) => String(date.getUTCDate())],
	['e', (date) => String(date.getUTCDate()).padStart(2)],
	['m', (date) => two(date.getUTCMonth() + 1)],
	['-m', (date) => String(date.getUTCMonth() + 1)],
	['y', (date) => two(date.getUTCFullYear() % 100)],
	['Y', (date) => String(date.getUTCFullYear())],
	['H', (date) => two(date.getUTCHours())],
	['I', (date) => two(date.getUTCHours() % 12 || 12)],
	['M', (date) => two(date.getUTCMinutes())],
	['S', (date) => two(date.getUTCSeconds())],
	['p', (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM')],
	['F', (date) => strftime(date, '%Y-%m-%d')],
	['T', (date) => strftime(date, '%H:%M:%S')],
	['%', () => '%'],
]);

/** Other directives stay as they are. */
export function strftime(date: Date, format: string): string {
	return format.replace(/%(-?[A-Za-z%])/g, (text, name: string) => DIRECTIVES.get(name)?.(date) ?? text);
}
