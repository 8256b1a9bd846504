// What lies below the part that is seen is drawn in idle moments, one piece after the other, so that what is seen answers first.
// It is drawn at once where it comes near, or where the page is printed.

import { flushSync } from 'svelte';

type Draw = () => void;
const waiting = new Map<Element, Draw>();
let asked = false;

const idle: (run: (moment: { timeRemaining: () => number }) => void) => void =
  'requestIdleCallback' in globalThis ? (run) => requestIdleCallback(run, { timeout: 1000 }) : (run) => setTimeout(() => run({ timeRemaining: () => 0 }), 30);

function take(element: Element) {
  const draw = waiting.get(element);
  waiting.delete(element);
  near.unobserve(element);
  // Drawn now, so that the time it takes is known before the next piece.
  if (draw) flushSync(draw);
}
function next() {
  if (asked || !waiting.size) return;
  asked = true;
  idle((moment) => {
    asked = false;
    do {
      const [first] = waiting.keys();
      if (first) take(first);
    } while (waiting.size && moment.timeRemaining() > 8);
    next();
  });
}
const near = new IntersectionObserver((seen) => seen.forEach((s) => s.isIntersecting && take(s.target)), { rootMargin: '600px' });
addEventListener('beforeprint', () => [...waiting.keys()].forEach(take));

export function soon(element: Element, draw: Draw): () => void {
  waiting.set(element, draw);
  near.observe(element);
  next();
  return () => {
    waiting.delete(element);
    near.unobserve(element);
  };
}
