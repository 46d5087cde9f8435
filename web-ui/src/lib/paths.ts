// Paths and names as the box has them: bytes, which are text nearly always. Pure. What is no text travels
// as hex, and is shown with a mark where a letter cannot be.
export type Raw = string | { hex: string };

const utf8 = new TextEncoder();

function toHex(text: string): string {
  return [...utf8.encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function hexOf(raw: Raw): string {
  return typeof raw === 'string' ? toHex(raw) : raw.hex;
}

/** As people read it. */
export function shown(raw: Raw): string {
  if (typeof raw === 'string') return raw;
  const bytes = raw.hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? [];
  return new TextDecoder().decode(new Uint8Array(bytes));
}

export function isTop(path: Raw): boolean {
  return path === '';
}

/** What is called so in a folder. */
export function join(folder: Raw, name: Raw): Raw {
  if (isTop(folder)) return name;
  if (typeof folder === 'string' && typeof name === 'string') return `${folder}/${name}`;
  return { hex: `${hexOf(folder)}2f${hexOf(name)}` };
}

/** Where the hex of a path has its last `/`, in letters; -1 when it has none. */
function lastSlash(hex: string): number {
  for (let at = hex.length - 2; at >= 0; at -= 2) if (hex.slice(at, at + 2) === '2f') return at;
  return -1;
}

/** Hex back to text, where it is text. */
function plain(raw: Raw): Raw {
  const text = shown(raw);
  return toHex(text) === hexOf(raw) ? text : raw;
}

/** The folder that it is in; the top for what is there. */
export function parent(path: Raw): Raw {
  if (typeof path === 'string') return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  const at = lastSlash(path.hex);
  return at < 0 ? '' : plain({ hex: path.hex.slice(0, at) });
}

/** Its last part. */
export function nameOf(path: Raw): Raw {
  if (typeof path === 'string') return path.slice(path.lastIndexOf('/') + 1);
  const at = lastSlash(path.hex);
  return plain({ hex: path.hex.slice(at < 0 ? 0 : at + 2) });
}

/** The folders on the way to it, itself last. */
export function trail(path: Raw): Raw[] {
  const all: Raw[] = [];
  for (let at = path; !isTop(at); at = parent(at)) all.unshift(at);
  return all;
}

export function same(a: Raw, b: Raw): boolean {
  return hexOf(a) === hexOf(b);
}

/** As words of a request. */
export function query(path: Raw): { path?: string; path_hex?: string } {
  if (isTop(path)) return {};
  return typeof path === 'string' ? { path } : { path_hex: path.hex };
}

/** Where a folder stands in the page: `/files/SOURCE/-/a/b`, or `/files/SOURCE/x/616266`. */
export function address(source: string, path: Raw): string {
  const root = `/files/${encodeURIComponent(source)}`;
  if (isTop(path)) return root;
  if (typeof path !== 'string') return `${root}/x/${path.hex}`;
  return `${root}/-/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** The way back, from the parts of the page's place behind `files`. */
export function placed(parts: string[]): { source: string; path: Raw } {
  const [source = '', kind, ...rest] = parts;
  if (kind === 'x') return { source, path: { hex: rest[0] ?? '' } };
  return { source, path: kind === '-' ? rest.join('/') : '' };
}

/** The address of a file's bytes, of a picture in small, or of a folder as a zip. */
export function link(what: 'content' | 'zip' | 'thumbnail', source: string, space: string | null, path: Raw, more: Record<string, string> = {}): string {
  const words = new URLSearchParams({ ...query(path), ...(space ? { space } : {}), ...more });
  return `/api/v1/files/${encodeURIComponent(source)}/${what}?${words.toString()}`;
}

export type Preview = 'image' | 'audio' | 'video' | 'pdf' | 'text' | null;

const ENDINGS: Record<string, Preview> = {
  jpg: 'image', jpeg: 'image', png: 'image', gif: 'image', webp: 'image', avif: 'image', bmp: 'image',
  mp3: 'audio', m4a: 'audio', ogg: 'audio', oga: 'audio', opus: 'audio', flac: 'audio', wav: 'audio',
  mp4: 'video', m4v: 'video', mov: 'video', webm: 'video', pdf: 'pdf',
  txt: 'text', md: 'text', log: 'text', csv: 'text', json: 'text', toml: 'text', yaml: 'text', yml: 'text', ini: 'text',
};

/** How a file can be looked at here, by its ending, as the box has it; null when it is only to be kept. */
export function preview(name: Raw): Preview {
  const text = shown(name).toLowerCase();
  const dot = text.lastIndexOf('.');
  return dot < 0 ? null : (ENDINGS[text.slice(dot + 1)] ?? null);
}
