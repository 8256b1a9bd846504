// The program's drawings are the only markup that is put into a page; everything else is text.

interface Policy {
  createHTML(markup: string): string;
}
interface Trusted {
  createPolicy(name: string, rules: { createHTML: (markup: string) => string }): Policy;
}

function drawn(markup: string): string {
  const plain = markup.startsWith('<svg') && !/<(?:script|foreignObject|iframe|a)\b|\son\w+\s*=|javascript:/i.test(markup);
  return plain ? markup : '';
}

const trusted = (globalThis as { trustedTypes?: Trusted }).trustedTypes;
const policy: Policy = trusted ? trusted.createPolicy('forelay', { createHTML: drawn }) : { createHTML: drawn };

/** Puts a drawing into an element. */
export function drawing(markup: string): (element: Element) => void {
  return (element) => {
    element.innerHTML = policy.createHTML(markup);
  };
}
