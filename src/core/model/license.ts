/** The licence of a model, as a hub or the model's own files state it. */
export interface ModelLicense {
	/** `apache-2.0` */
	name: string;
	/** Page with its text; null if none is named. */
	address: string | null;
}
