// Bundles the extension into dist/extension.js; with --tests also what runs in the extension host.
import { build } from 'esbuild';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode'],
  legalComments: 'none',
  logLevel: 'warning',
};
await build({ ...common, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js', minify: true });
if (process.argv.includes('--tests')) {
  await build({ ...common, entryPoints: ['test/host/index.ts'], outfile: 'dist/test/host.js' });
}
