// The interface, as the server describes it in /api/openapi.json.

import { lang } from './route.svelte';

export interface Problem {
  error: string;
  message: string;
  help?: string | null;
}

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly problem: Problem,
  ) {
    super(problem.message);
  }
}

/** What went wrong and what helps, as sentences. */
export function sentences(error: unknown): string {
  if (!(error instanceof Refused)) return String(error);
  return inSentences(error.problem.message, error.problem.help);
}
export function inSentences(message: string, help: string | null | undefined): string {
  const parts = [message, help].filter((part) => part).map((part) => String(part).replace(/[.。]$/, ''));
  return lang() === 'zh' ? `${parts.join('。')}。` : `${parts.join('. ')}.`;
}

export interface Cell {
  text: string;
  range?: string | null;
  basis?: string;
  value?: number;
  low?: number;
  high?: number;
  reason?: string;
  id?: string;
  kind?: string;
  ids?: string[];
}
export interface Column {
  name: string;
  heading: string;
  unit: string;
  numeric: boolean;
}
export interface Table {
  name: string;
  title: string;
  formula: string;
  method: string;
  columns: Column[];
  rows: { key: string; cells: Cell[] }[];
  total: number;
  command: string;
}

export interface CellView {
  text: string;
  range: string | null;
  basis: string | null;
  target: string | null;
  note: number | null;
}
export interface TableView {
  id: string;
  caption: string;
  columns: { heading: string; unit: string; align: 'Start' | 'End' }[];
  rows: { target: string | null; cells: CellView[] }[];
  folded: 'Open' | 'Whole' | { After: number };
  notes: string[];
  /** Of a table of the report: rows that are seen before all are asked for, and rows of the whole table. */
  first?: number;
  total?: number;
}
export interface FigureView {
  id: string;
  finding: string;
  svg: { markup: string; width: number; height: number };
  table: TableView;
  note: string;
}
export type Span =
  | { Text: string }
  | { Strong: string }
  | { Number: { text: string; range: string | null; target: string } }
  | { Link: { text: string; href: string } };
export type Block =
  | { Paragraph: Span[] }
  | { List: Span[][] }
  | { Cards: { label: string; value: Span; note: Span[] }[] }
  | { Table: TableView }
  | { Figure: FigureView }
  | { Note: { kind: 'Limit' | 'Refusal' | 'Approximate'; spans: Span[] } }
  | { Subheading: string };
export interface Section {
  id: string;
  number: string;
  heading: string;
  blocks: Block[];
}

/** A row of evidence; what it names is shown in words. */
export interface EvidenceRow {
  table: string;
  title: string;
  key: string;
  label: string;
  withheld: boolean;
  fields: { name: string; heading: string; value: string; shown: string; about: string; unit: string }[];
  source: { id: string; publisher: string; url: string; licence: string; redistributable_name: string; confidence_name: string } | null;
}

let sign = '';

/** Failures come in this language. */
const accepts = (): Record<string, string> => ({ 'accept-language': lang() });

async function take<T>(response: Response): Promise<T> {
  const body = await response.json().catch(() => ({ error: 'failed', message: response.statusText }));
  if (response.status === 401) kept.clear();
  if (!response.ok) throw new Refused(response.status, body as Problem);
  return body as T;
}

export interface Session {
  sign: string;
  authorised: boolean;
  asks_token: boolean;
  /** Of the study, where it has one. */
  marking: { en?: string; zh?: string };
  version: string;
}

export async function session(): Promise<Session> {
  const found = await get<Session>('session');
  sign = found.sign;
  return found;
}

export async function get<T>(path: string, query: Record<string, string | number | undefined> = {}): Promise<T> {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') all.set(name, String(value));
  const text = all.toString();
  const address = `/api/${path}${text ? `?${text}` : ''}`;
  const known = kept.get(address);
  const response = await fetch(address, { credentials: 'same-origin', headers: known ? { ...accepts(), 'if-none-match': known.tag } : accepts() });
  if (known && response.status === 304) return known.body as T;
  const body = await take<T>(response);
  keep(address, response.headers.get('etag'), body);
  return body;
}

/** Answers about finished runs, in memory only: shown again once the program says that they still hold. */
const kept = new Map<string, { tag: string; body: unknown }>();
const KEPT = 80;
function keep(address: string, tag: string | null, body: unknown) {
  kept.delete(address);
  if (tag) kept.set(address, { tag, body });
  const [oldest] = kept.keys();
  if (kept.size > KEPT && oldest) kept.delete(oldest);
}

export async function post<T>(path: string, body?: unknown): Promise<T> {
  if (path === 'leave') kept.clear();
  if (!sign) await session();
  return take<T>(
    await fetch(`/api/${path}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { ...accepts(), 'content-type': 'application/json', 'x-forelay-sign': sign },
      body: body === undefined ? null : JSON.stringify(body),
    }),
  );
}

/** Follows a job until it ends. */
export function follow(job: number, tell: (status: unknown) => void): () => void {
  const source = new EventSource(`/api/jobs/${job}/events?lang=${lang()}`);
  source.addEventListener('status', (event) => {
    const status = JSON.parse((event as MessageEvent<string>).data) as { state: string };
    tell(status);
    if (status.state !== 'working') source.close();
  });
  source.onerror = () => source.close();
  return () => source.close();
}
