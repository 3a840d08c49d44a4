import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { explanation, hasWheelsBeside, installedPython, installSteps, pythonIn } from '../../src/environment';

const CHECKOUT = { kind: 'checkout', path: '/src/codeplan' } as const;
const WHEEL = { kind: 'wheel', path: '/wheels/codeplan-0.1.0-py3-none-any.whl' } as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codeplan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the environment is made by the chosen Python, and its own one installs', () => {
  const [make, install] = installSteps('python3.12', '/own', CHECKOUT, false);

  expect([make?.program, ...(make?.arguments ?? [])]).toEqual(['python3.12', '-m', 'venv', '--clear', '/own']);
  expect(install?.program).toBe(pythonIn('/own'));
  expect(install?.arguments.slice(0, 2)).toEqual(['-m', 'pip']);
  expect(install?.arguments.at(-1)).toBe('/src/codeplan[llama]');
});

test('with wheels beside the wheel the index is not asked', () => {
  const given = installSteps('python3', '/own', WHEEL, true)[1]?.arguments ?? [];

  expect(given).toContain('--no-index');
  expect(given.slice(-3)).toEqual(['--find-links', '/wheels', `${WHEEL.path}[llama]`]);
});

test('a wheel alone needs the index for the rest', () => {
  const given = installSteps('python3', '/own', WHEEL, false)[1]?.arguments ?? [];

  expect(given).not.toContain('--no-index');
  expect(given.at(-1)).toBe(`${WHEEL.path}[llama]`);
});

test.each([CHECKOUT, WHEEL])('the index is never asked for codeplan itself: %j', (source) => {
  for (const offline of [true, false]) {
    const names = installSteps('python3', '/own', source, offline)[1]?.arguments ?? [];
    expect(names.filter((name) => name.startsWith('codeplan'))).toEqual([]);
  }
});

test('the explanation names where, with what, and whether the network is used', () => {
  expect(explanation('python3', '/own', CHECKOUT, false)).toMatch(/\/own with python3.*package index/);
  expect(explanation('python3', '/own', WHEEL, true)).toContain('The network is not used.');
  expect(explanation('python3', '/own', WHEEL, false)).not.toContain('The network is not used.');
});

test('only other wheels beside a wheel count', async () => {
  const wheel = join(folder, 'codeplan-0.1.0-py3-none-any.whl');
  writeFileSync(wheel, '');
  writeFileSync(join(folder, 'notes.txt'), '');
  expect(await hasWheelsBeside(wheel)).toBe(false);

  writeFileSync(join(folder, 'pygls-2.1.1-py3-none-any.whl'), '');

  expect(await hasWheelsBeside(wheel)).toBe(true);
});

test('an environment that is not there has no Python', () => {
  expect(installedPython(folder)).toBeUndefined();
});

test.each([
  ['linux', join('/own', 'bin', 'python')],
  ['darwin', join('/own', 'bin', 'python')],
  ['win32', join('/own', 'Scripts', 'python.exe')],
] as const)('on %s the Python of an environment has its place', (platform, wanted) => {
  expect(pythonIn('/own', platform)).toBe(wanted);
});
