/** The export menu: each entry writes its files and downloads them. */
import { exportSourceOf } from '#app/run/exportSource.ts';
import type { Session } from '#app/session.svelte.ts';
import { toWire } from '#core/errors.ts';
import type { RunExport } from '#core/exchange/export.ts';
import { RUN_EXPORTS } from '#core/exchange/exports.ts';
import { saveFile } from '../save.ts';

export function exportChoices(session: Session): { label: string; detail: string; onclick: () => void }[] {
	return RUN_EXPORTS.map((form) => ({
		label: form.label,
		detail: form.detail,
		onclick: () => void save(session, form),
	}));
}

/** If the run cannot be written in this form, the Shelf opens with the error. */
async function save(session: Session, form: RunExport): Promise<void> {
	try {
		const source = exportSourceOf(session.run, session.engines);
		if (source === null) return;
		for (const { name, type, content } of await form.write(source)) saveFile(name, content, type);
	} catch (thrown) {
		session.library.error = toWire(thrown);
		session.place = 'shelf';
	}
}
