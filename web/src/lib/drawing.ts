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

/** Puts a drawing into an element: now where it is near what is seen, otherwise once it comes near or is printed. */
export function drawing(markup: string, width: number, height: number): (element: HTMLElement) => () => void {
  return (element) => {
    let begun = false;
    const draw = () => {
      if (begun) return;
      begun = true;
      element.innerHTML = policy.createHTML(markup);
      element.style.minHeight = '';
      leave();
    };
    const near = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && draw(), { rootMargin: '800px' });
    const leave = () => {
      near.disconnect();
      removeEventListener('beforeprint', draw);
    };
    // Its place is kept, so that nothing jumps.
    element.style.minHeight = `${Math.round(Math.min(1, element.clientWidth / width) * height)}px`;
    near.observe(element);
    addEventListener('beforeprint', draw);
    return leave;
  };
}
