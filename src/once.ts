/**
 * Makes a value at its first use and keeps it. So is made what not every request needs, clients and the schemas of rows
 * above all: what is made while a module loads is paid for by every cold start.
 */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
