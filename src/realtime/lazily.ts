/**
 * Properties that are made when they are first asked for: an object that wakes needs few of its prepared statements,
 * and preparing one costs as much as running it several times.
 */
export function lazily<Makers extends Record<string, () => unknown>>(
  makers: Makers,
): { readonly [Name in keyof Makers]: ReturnType<Makers[Name]> } {
  const made = {};
  for (const [name, make] of Object.entries(makers)) {
    const get = () => {
      const value = make();
      Object.defineProperty(made, name, { value });
      return value;
    };
    Object.defineProperty(made, name, { get, configurable: true });
  }
  return made as { readonly [Name in keyof Makers]: ReturnType<Makers[Name]> };
}
