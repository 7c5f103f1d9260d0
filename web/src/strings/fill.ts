/** Texts by key; `{name}` in one is replaced. A page that is loaded by itself has its own, so that the floor does not carry them. */
export const textsOf =
  <K extends string>(texts: Readonly<Record<K, string>>) =>
  (key: K, values: Readonly<Record<string, string | number>> = {}): string =>
    texts[key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole))
