/** Names of the cast's models with their settings: `embedded-judge:lengthBias=0.1,noise=0`. A setting that is left out has its default. */
import type { CastModel, CastSetting, CastValues } from './castModel.ts';

/** @param values those that equal their default are left out, so that one model has one name */
export function writeCastName({ id, settings }: CastModel, values: CastValues): string {
	const own = Object.entries(values).filter(
		([name, value]) => settings[name] && settings[name].default !== value,
	);
	return own.length === 0 ? id : `${id}:${own.map(([name, value]) => `${name}=${value}`).join(',')}`;
}

/** @returns the values of all settings, or a sentence about the first that cannot be used */
export function readCastValues({ id, settings }: CastModel, written: string): CastValues | string {
	const values = new Map(Object.entries(settings).map(([name, { default: value }]) => [name, value]));
	for (const part of written === '' ? [] : written.split(',')) {
		const border = part.indexOf('=');
		const name = part.slice(0, border < 0 ? part.length : border).trim();
		const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
		if (setting === undefined)
			return `${id} has no setting “${name}”; it has ${Object.keys(settings).join(', ') || 'none'}.`;
		const value = readValue(setting, border < 0 ? '' : part.slice(border + 1).trim());
		if (value === null) return `${name} of ${id} must be ${rangeOf(setting)}.`;
		values.set(name, value);
	}
	return Object.fromEntries(values);
}

function readValue(setting: CastSetting, text: string): number | string | null {
	if (setting.kind === 'choice') return setting.choices.includes(text) ? text : null;
	const value = text === '' ? Number.NaN : Number(text);
	return value >= setting.min && value <= setting.max ? value : null;
}

function rangeOf(setting: CastSetting): string {
	return setting.kind === 'choice'
		? `one of ${setting.choices.join(', ')}`
		: `a number between ${setting.min} and ${setting.max}`;
}
