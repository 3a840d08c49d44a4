import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/unit/**/*.test.ts'] },
  // The thin wall around VS Code: outside of an editor its module does not exist.
  resolve: { alias: { vscode: fileURLToPath(new URL('test/unit/vscode.ts', import.meta.url)) } },
});
