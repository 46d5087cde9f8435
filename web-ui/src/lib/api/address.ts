// The address of a route with what varies filled in. Pure.
export interface Params {
  path?: Record<string, unknown>;
  query?: Record<string, unknown>;
}

/** `{names}` in the path become what is said for them; whatever is undefined or null is not asked. */
export function address(route: string, { path = {}, query = {} }: Params = {}): string {
  const filled = route.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])));
  const words = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null) words.append(name, String(value));
  }
  const asked = words.toString();
  return asked ? `${filled}?${asked}` : filled;
}
