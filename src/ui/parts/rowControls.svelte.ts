/** Controls of a kept thing on the shelf: a new name, and a deletion that asks for confirmation in place. */
type Control = 'keep' | 'rename' | 'delete';

export class RowControls {
	asking: boolean = $state(false);
	renaming: boolean = $state(false);
	/** The button that gets the focus when the controls change: the safer choice, then the button that was pressed. */
	#focusOn: Control | null = null;

	/** An attachment for the button of a control. */
	focusIf(which: Control): (button: HTMLElement) => void {
		return (button) => {
			if (this.#focusOn === which) button.focus();
		};
	}

	/** @param on false keeps the thing */
	ask(on: boolean): void {
		this.#focusOn = on ? 'keep' : 'delete';
		this.asking = on;
	}

	startRenaming(): void {
		this.renaming = true;
	}

	readonly stopRenaming = (): void => {
		this.#focusOn = 'rename';
		this.renaming = false;
	};
}
