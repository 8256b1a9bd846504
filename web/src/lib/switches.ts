// What is switched off, as the address holds it: JPN@semi_photoresist,USA@*,*@node,asml~*@*.

export interface Off {
  country: string | null;
  node: string | null;
  /** Id of a firm: at the node, in the country, or wherever it is on record. */
  firm: string | null;
}

export interface Firm {
  id: string;
  name: string;
  /** Where it is on record, with a row that says so. */
  seats: { node: string; country: string; row: { table: string; key: string } }[];
}

export const off = (of: Partial<Off>): Off => ({ country: null, node: null, firm: null, ...of });

const part = (text: string | undefined) => (text && text !== '*' ? text : null);
const keyOf = (o: Off) => `${o.firm ? `${encodeURIComponent(o.firm).replaceAll('~', '%7E')}~` : ''}${o.country ?? '*'}@${o.node ?? '*'}`;
/** A firm's name comes from whoever wrote the address. */
function decoded(text: string) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export function offs(text: string | undefined): Off[] {
  return (text ?? '')
    .split(',')
    .filter((one) => one.includes('@'))
    .map((one) => {
      const at = one.indexOf('~');
      const [country, node] = one.slice(at + 1).split('@');
      return { country: part(country), node: part(node), firm: at > 0 ? decoded(one.slice(0, at)) : null };
    })
    .filter((o) => o.country ?? o.node ?? o.firm);
}

export const same = (a: Off, b: Off) => keyOf(a) === keyOf(b);

/** The address with one switch turned. */
function switched(text: string | undefined, off: Off): string {
  const key = keyOf(off);
  const all = new Set(offs(text).map(keyOf));
  if (!all.delete(key)) all.add(key);
  return [...all].sort().join(',');
}

export interface Names {
  country: (id: string) => string;
  node: (id: string) => string;
  firms: Firm[];
}

export function nameOf(off: Off, names: Names, everyone: string, everything: string): string {
  const who = [off.firm && (names.firms.find((f) => f.id === off.firm)?.name ?? off.firm), off.country && names.country(off.country)].filter(Boolean);
  return `${who.length ? who.join(', ') : everyone} · ${off.node ? names.node(off.node) : everything}`;
}

/** What of an address changes when one switch is turned: with nothing off, nothing is asked together. */
export function turned(text: string | undefined, off: Off): Record<string, string | undefined> {
  const next = switched(text, off);
  return next ? { off: next } : { off: undefined, together: undefined };
}
