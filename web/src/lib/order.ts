// The order of names: by sound in Chinese. Of a character with several readings the browser takes one, and for these first
// characters of cities the other one; a character that sounds as the city does stands in for it.

import { lang } from './route.svelte';

const SOUNDS: Record<string, string> = { 长: '常', 重: '虫', 厦: '下' };

const sound = (name: string) => (SOUNDS[name.charAt(0)] ?? name.charAt(0)) + name.slice(1);

export function byCity(a: string, b: string): number {
  return sound(a).localeCompare(sound(b), lang());
}
