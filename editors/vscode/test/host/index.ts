/** Runs inside of the extension host: the suite that CODEPLAN_SUITE names. */
import { runAll, type Test, variable } from './harness';

export async function run(): Promise<void> {
  const suites: Record<string, () => Promise<readonly Test[]>> = {
    trusted: async () => (await import('./trusted')).TESTS,
    untrusted: async () => (await import('./others')).UNTRUSTED,
    missing: async () => (await import('./others')).MISSING,
  };
  const suite = suites[variable('CODEPLAN_SUITE')];
  if (suite === undefined) {
    throw new Error(`there is no suite ${variable('CODEPLAN_SUITE')}`);
  }
  await runAll(await suite());
}
