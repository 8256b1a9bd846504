// What is switched off, as the address holds it: JPN@semi_photoresist,USA@*,*@node.

export interface Off {
  country: string | null;
  node: string | null;
}

const part = (text: string | undefined) => (text && text !== '*' ? text : null);

export function offs(text: string | undefined): Off[] {
  return (text ?? '')
    .split(',')
    .filter((pair) => pair.includes('@'))
    .map((pair) => {
      const [country, node] = pair.split('@');
      return { country: part(country), node: part(node) };
    })
    .filter((o) => o.country ?? o.node);
}

/** The address with one switch turned. */
export function switched(text: string | undefined, off: Off): string {
  const key = `${off.country ?? '*'}@${off.node ?? '*'}`;
  const all = new Set(offs(text).map((o) => `${o.country ?? '*'}@${o.node ?? '*'}`));
  if (!all.delete(key)) all.add(key);
  return [...all].sort().join(',');
}

export function pairOf(off: Off, country: (id: string) => string, node: (id: string) => string, everyone: string, everything: string): string {
  return `${off.country ? country(off.country) : everyone} · ${off.node ? node(off.node) : everything}`;
}
