/** Guard for parsed JSON of which nothing is known. */

export type Fields = Readonly<Record<string, unknown>>;

/** True for names of an object's own methods: in a table by id, such an id would find the method. */
export const isMethodName = (id: string): boolean => Object.hasOwn(Object.prototype, id);

/** True for an object that is no list. */
export function isRecord(value: unknown): value is Fields {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
