// Where the reader is. Everything that a view shows stands in its address, so that it can be shared.

export type Lang = 'en' | 'zh';

function read() {
  const query = new URLSearchParams(location.search);
  return { page: location.pathname.replace(/^\/+|\/+$/g, '') || 'overview', query: Object.fromEntries(query) };
}

export const route: { page: string; query: Record<string, string> } = $state(read());

const address = () => location.pathname + location.search;
let shown = address();
/** A jump within a page leaves what it shows as it is. */
function arrive() {
  if (address() === shown) return;
  shown = address();
  Object.assign(route, read());
}
addEventListener('popstate', arrive);

// Derived, so that what rests on language and run alone is not asked again when another part of the address changes.
const language: Lang = $derived(route.query.lang === 'zh' ? 'zh' : 'en');
const asked: string = $derived(route.query.run ?? 'latest');

export function lang(): Lang {
  return language;
}

export function run(): string {
  return asked;
}

/** An address of a page; language and run go along. */
export function href(page: string, query: Record<string, string | undefined> = {}): string {
  const all: Record<string, string> = {};
  if (route.query.lang) all.lang = route.query.lang;
  if (route.query.run) all.run = route.query.run;
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === '') delete all[name];
    else all[name] = value;
  }
  const text = new URLSearchParams(all).toString();
  return `/${page === 'overview' ? '' : page}${text ? `?${text}` : ''}`;
}

export function go(to: string, replace = false): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  arrive();
  if (!replace) {
    scrollTo(0, 0);
    queueMicrotask(() => document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true }));
  }
}

/** Changes what the present page shows. */
export function show(query: Record<string, string | undefined>): void {
  go(href(route.page, { ...route.query, ...query }), true);
}

/** Links of our own are followed without loading the page again. */
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest('a');
  if (!link || link.origin !== location.origin || link.target || link.hasAttribute('download')) return;
  if (link.pathname.startsWith('/api/')) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  go(link.pathname + link.search);
}

/** The address that an anchor of a document stands for. */
export function target(anchor: string): string {
  const [kind, table = '', ...key] = anchor.split('/');
  if (kind === 'result') return href('explain', { id: `${table}/${key.join('/')}` });
  if (kind === 'evidence') return href('evidence', { table, key: key.join('/') });
  if (kind === 'source') return href('evidence', { table: 'sources', key: [table, ...key].join('/') });
  const pages: Record<string, string> = { limits: 'overview', brief: 'overview', plan: 'invest', methods: 'runs' };
  return href(pages[anchor] ?? anchor);
}
