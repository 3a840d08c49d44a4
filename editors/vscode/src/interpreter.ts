/** Which Python runs the server. Knows nothing of VS Code. */
import { execFile } from 'node:child_process';

/** Where a Python was found, in the order in which they are tried. */
export type Origin = 'setting' | 'workspace' | 'installed' | 'path';

export interface Candidate {
  readonly path: string;
  readonly origin: Origin;
}

export type Finding =
  | { readonly kind: 'usable'; readonly python: string }
  | { readonly kind: 'old'; readonly python: string }
  | { readonly kind: 'absent'; readonly python: string }
  | { readonly kind: 'broken'; readonly reason: string };

export interface Tried {
  readonly candidate: Candidate;
  readonly finding: Finding;
}

export interface Choice {
  readonly chosen: Candidate | undefined;
  readonly tried: readonly Tried[];
}

/** The oldest Python that codeplan runs on. */
export const OLDEST = [3, 11] as const;

const PROBE = `
import importlib.util, json, sys
print(json.dumps([list(sys.version_info[:3]), importlib.util.find_spec("codeplan_server") is not None]))
`;
/** A cold interpreter on a machine that is busy. */
const PROBE_MILLISECONDS = 60_000;

/** The first candidate that can run the server. A setting is the user's word: nothing else is tried. */
export async function choose(
  candidates: readonly Candidate[],
  probe: (path: string) => Promise<Finding>,
): Promise<Choice> {
  const named = candidates.filter((candidate) => candidate.origin === 'setting');
  const tried: Tried[] = [];
  for (const candidate of named.length > 0 ? named : candidates) {
    const finding = await probe(candidate.path);
    tried.push({ candidate, finding });
    if (finding.kind === 'usable') {
      return { chosen: candidate, tried };
    }
  }
  return { chosen: undefined, tried };
}

/** Ask a Python for its version and whether codeplan is installed in it. `cwd`: a folder of ours. */
export function probe(path: string, cwd: string): Promise<Finding> {
  return new Promise((resolve) => {
    // With -c the first folder that Python imports from is `cwd`: never one of the workspace.
    const options = { cwd, timeout: PROBE_MILLISECONDS, windowsHide: true };
    execFile(path, ['-c', PROBE], options, (error, stdout, stderr) => {
      resolve(error ? { kind: 'broken', reason: reasonOf(error, stderr) } : findingOf(stdout));
    });
  });
}

export function findingOf(output: string): Finding {
  let said: unknown;
  try {
    said = JSON.parse(output.trim().split('\n').at(-1) ?? '');
  } catch {
    said = undefined;
  }
  if (!Array.isArray(said) || !Array.isArray(said[0])) {
    return { kind: 'broken', reason: `it gave no usable answer: ${output.trim().slice(0, 200)}` };
  }
  const [major = 0, minor = 0] = said[0] as number[];
  const python = (said[0] as number[]).join('.');
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return { kind: 'old', python };
  }
  return { kind: said[1] === true ? 'usable' : 'absent', python };
}

const ORIGINS: Record<Origin, string> = {
  setting: 'the setting codeplan.server.interpreter',
  workspace: "the workspace's interpreter",
  installed: "codeplan's own environment",
  path: 'the Python on the PATH',
};

/** One line for each Python that was tried, for people. */
export function describe(tried: readonly Tried[]): string[] {
  return tried.map(({ candidate, finding }) => {
    const words = {
      usable: () => 'can run the server',
      old: () => `is Python ${pythonOf(finding)}; codeplan needs ${OLDEST.join('.')} or newer`,
      absent: () => `(Python ${pythonOf(finding)}) has no codeplan installed`,
      broken: () => `can't be used: ${finding.kind === 'broken' ? finding.reason : ''}`,
    }[finding.kind]();
    return `${ORIGINS[candidate.origin]}, ${candidate.path}, ${words}`;
  });
}

function pythonOf(finding: Finding): string {
  return finding.kind === 'broken' ? '' : finding.python;
}

function reasonOf(error: Error & { code?: unknown; killed?: boolean }, stderr: string): string {
  if (error.code === 'ENOENT') {
    return 'there is no such program';
  }
  if (error.killed) {
    return 'it did not answer';
  }
  return stderr.trim().split('\n').at(-1) || error.message;
}
