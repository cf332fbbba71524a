/** What a row of a long list shows. */
import type { IconName } from './icons.ts';

export interface ListRow {
	id: string;
	number: number;
	icon: IconName;
	/** What the icon means. */
	state: string;
	text: string;
	/** At the right: a figure, or a short reason. */
	value: string;
	quiet?: boolean;
	alert?: boolean;
	busy?: boolean;
}
