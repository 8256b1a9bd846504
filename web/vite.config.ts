import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

const NAMES = ['index.html', 'package.json', 'package-lock.json', 'vite.config.ts', 'tsconfig.json'];

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : [path];
  });
}

/** FNV-1a, 64 bits, over names and bytes; crates/serve/tests/it/pages.rs computes the same. */
function hash(): string {
  const all = [...files('src'), ...NAMES].map((p) => p.replaceAll('\\', '/')).sort();
  let value = 0xcbf29ce484222325n;
  const take = (byte: number) => {
    value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n);
  };
  for (const name of all) {
    for (const byte of Buffer.from(name)) take(byte);
    take(0);
    for (const byte of readFileSync(name)) take(byte);
    take(10);
  }
  return value.toString(16).padStart(16, '0');
}

/** The pages as the server gives them: packed once, and named after their sources. */
function packed(): Plugin {
  return {
    name: 'packed',
    closeBundle() {
      for (const path of files('dist')) {
        if (path.endsWith('.gz')) rmSync(path);
        else writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }));
      }
      writeFileSync('dist/SOURCES.fnv', `${hash()}\n`);
    },
  };
}

export default defineConfig({
  plugins: [svelte(), packed()],
  build: { target: 'es2022', modulePreload: false, assetsInlineLimit: 0, cssCodeSplit: false, emptyOutDir: true },
});
