/** The extension's own virtual environment for the server: where it is and how it is made. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** One program to run. `title`: what it does, for people. */
export interface Step {
  readonly title: string;
  readonly program: string;
  readonly arguments: readonly string[];
}

/**
 * What is installed: a wheel file, or a checkout of codeplan. Never a name: codeplan is in no package
 * index, and whoever took its name there would be trusted with it.
 */
export interface Source {
  readonly kind: 'wheel' | 'checkout';
  readonly path: string;
}

/** With llama.cpp, which the model that ships needs. */
const EXTRA = '[llama]';

export function pythonIn(folder: string, platform: NodeJS.Platform = process.platform): string {
  return platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
}

/** The environment's Python, when it has been made. */
export function installedPython(folder: string): string | undefined {
  const path = pythonIn(folder);
  return existsSync(path) ? path : undefined;
}

export async function hasWheelsBeside(wheel: string): Promise<boolean> {
  const names = await readdir(dirname(wheel));
  return names.some((name) => name.endsWith('.whl') && name !== basename(wheel));
}

/**
 * The steps that make the environment with `python` and install codeplan.
 *
 * `offline`: the package index is not asked; everything must lie beside the wheel file.
 */
export function installSteps(
  python: string,
  folder: string,
  source: Source,
  offline: boolean,
): readonly Step[] {
  const pip = ['-m', 'pip', '--disable-pip-version-check', 'install', '--upgrade', '--progress-bar', 'off'];
  const from = source.kind === 'wheel' ? ['--find-links', dirname(source.path)] : [];
  return [
    {
      title: 'making the environment',
      program: python,
      arguments: ['-m', 'venv', '--clear', folder],
    },
    {
      title: offline ? 'installing from the wheel files' : 'installing codeplan (a few minutes)',
      program: pythonIn(folder),
      arguments: [...pip, ...(offline ? ['--no-index'] : []), ...from, `${source.path}${EXTRA}`],
    },
  ];
}

/** What the installation will do, for the question before it. */
export function explanation(
  python: string,
  folder: string,
  source: Source,
  offline: boolean,
): string {
  const needed = offline
    ? 'the packages that it needs from the wheel files beside it. The network is not used.'
    : "the packages that it needs from Python's package index.";
  return (
    `An environment of its own is made in ${folder} with ${python}; one that is there already is ` +
    `replaced. Into it goes codeplan from ${source.path}; ${needed} ` +
    'Your other Python installations are not touched.' +
    (offline ? '' : ' If llama.cpp has to be compiled, a C++ compiler is needed and some minutes.')
  );
}
