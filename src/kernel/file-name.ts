/** Ids of our own making are fit for a path already; an account's is the operator's choice. */
export const fileName = (id: string): string => id.replace(/[^A-Za-z0-9_.-]/g, '_').replace(/^[.-]/, '_')
