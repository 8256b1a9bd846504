import { post, sentences } from './api';

/** A question that changes while one looks: the last one asked counts, whatever answer comes first. */
export class Asking<T> {
  answer: T | undefined = $state.raw();
  problem = $state('');
  busy = $state(false);
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = -Infinity;

  /** No question: no answer, and none that is on its way. */
  clear() {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.answer = undefined;
    this.problem = '';
    this.busy = false;
  }

  /** Asks at once, or, where questions follow each other, once the last has stood for a moment. The answer before stays until the next, where
   * `keep` says so. */
  soon(path: string, body: object, keep: 'keep' | 'drop' = 'drop') {
    clearTimeout(this.#timer);
    const mine = ++this.#asked;
    const now = performance.now();
    const calm = now - this.#last > 250;
    this.#last = now;
    this.#timer = setTimeout(() => void this.#ask(mine, path, body, keep), calm ? 0 : 80);
  }

  async #ask(mine: number, path: string, body: object, keep: 'keep' | 'drop') {
    this.problem = '';
    if (keep === 'drop') this.answer = undefined;
    this.busy = true;
    try {
      const found = await post<T>(path, body);
      if (mine === this.#asked) this.answer = found;
    } catch (error) {
      if (mine === this.#asked) {
        this.answer = undefined;
        this.problem = sentences(error);
      }
    }
    if (mine === this.#asked) this.busy = false;
  }
}
