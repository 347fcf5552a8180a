/** Input of a request, without the fields that the service fills in. */
export type Given<T> = { [Key in keyof T]?: T[Key] | undefined };
