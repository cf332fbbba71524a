/** The page's database, opened at the first use, and again after a failure or after it was closed elsewhere. */
import { type Database, openDatabase } from './database.ts';

export class LazyDatabase {
	readonly #name: string;
	#database: Promise<Database> | null = null;

	constructor(name: string) {
		this.#name = name;
	}

	open(): Promise<Database> {
		const forget = (): void => {
			this.#database = null;
		};
		this.#database ??= openDatabase(this.#name, forget).catch((error: unknown) => {
			forget();
			throw error;
		});
		return this.#database;
	}

	/** The next use opens it again. */
	async close(): Promise<void> {
		const open = this.#database;
		this.#database = null;
		(await open)?.close();
	}
}
