// A chain as the program draws it, with suppliers switched off.
import type { Cell } from './api';
import type { Off } from './switches';

export interface Loss {
  peak: Cell;
  first_worst: number | null;
  first_best: number | null;
}
export interface Node {
  id: string;
  name: string;
  kind: string;
  neck: string | null;
  x: number;
  y: number;
  width: number;
  height: number;
  lines: string[];
  providers: string[];
  loss: Loss | null;
}
export interface Named {
  id: string;
  name: string;
  nodes: number;
}
export interface Picture {
  chain: { id: string; name: string };
  chains: Named[];
  countries: Named[];
  width: number;
  height: number;
  nodes: Node[];
  links: { from: number; to: number; kind: string; choice: string; path: string }[];
  outside: { id: string; name: string; loss: Loss }[];
  finding: string;
  firms_off: { name: string; at: string; node: string; country: string; part: Cell; stated: boolean }[];
  notes: string[];
  refusals: { reason: string }[];
  text: string | null;
  command: string;
}

export interface PictureQuestion {
  run: string;
  lang: string;
  chain: string | null;
  off: Off[];
  buyer: string | null;
  weeks: number;
  severity: { low: number; value: number; high: number };
}
