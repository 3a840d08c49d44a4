import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Candidate, choose, describe, type Finding, findingOf, probe } from '../../src/interpreter';

const USABLE: Finding = { kind: 'usable', python: '3.12.1' };
const ABSENT: Finding = { kind: 'absent', python: '3.12.1' };
const OLD: Finding = { kind: 'old', python: '3.9.2' };

function candidates(...names: Candidate['origin'][]): Candidate[] {
  return names.map((origin) => ({ path: `/${origin}/python`, origin }));
}

function answers(known: Record<string, Finding>): (path: string) => Promise<Finding> {
  return (path) => Promise.resolve(known[path] ?? { kind: 'broken', reason: 'unknown' });
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'codeplan-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the first Python that has codeplan is chosen', async () => {
  const probed = answers({ '/workspace/python': ABSENT, '/installed/python': USABLE, '/path/python': USABLE });

  const { chosen, tried } = await choose(candidates('workspace', 'installed', 'path'), probed);

  expect(chosen?.origin).toBe('installed');
  expect(tried.map(({ candidate }) => candidate.origin)).toEqual(['workspace', 'installed']);
});

test('a Python that the user set is the only one that is tried', async () => {
  const probed = answers({ '/setting/python': ABSENT, '/path/python': USABLE });

  const { chosen, tried } = await choose(candidates('workspace', 'setting', 'path'), probed);

  expect(chosen).toBeUndefined();
  expect(tried.map(({ candidate }) => candidate.origin)).toEqual(['setting']);
});

test('every Python that was tried is told with its reason', () => {
  const [setting, workspace, path] = candidates('setting', 'workspace', 'path');
  const lines = describe([
    { candidate: setting!, finding: { kind: 'broken', reason: 'there is no such program' } },
    { candidate: workspace!, finding: OLD },
    { candidate: path!, finding: ABSENT },
  ]);

  expect(lines).toEqual([
    "the setting codeplan.server.interpreter, /setting/python, can't be used: there is no such program",
    "the workspace's interpreter, /workspace/python, is Python 3.9.2; codeplan needs 3.11 or newer",
    'the Python on the PATH, /path/python, (Python 3.12.1) has no codeplan installed',
  ]);
});

test.each([
  ['[[3, 11, 0], true]', { kind: 'usable', python: '3.11.0' }],
  ['[[3, 11, 0], false]', { kind: 'absent', python: '3.11.0' }],
  ['[[3, 10, 9], true]', { kind: 'old', python: '3.10.9' }],
  ['[[4, 0, 0], true]', { kind: 'usable', python: '4.0.0' }],
  ['a greeting of sitecustomize\n[[3, 12, 1], true]\n', { kind: 'usable', python: '3.12.1' }],
])('the answer %j is read', (said, finding) => {
  expect(findingOf(said)).toEqual(finding);
});

test.each(['', 'Hello', '{}', '[3, true]'])('the answer %j is no Python', (said) => {
  expect(findingOf(said).kind).toBe('broken');
});

test('a program that is not there is said to be not there', async () => {
  expect(await probe(join(folder, 'nothing'), folder)).toEqual({
    kind: 'broken',
    reason: 'there is no such program',
  });
});

test('a program that fails is told with the last that it said', async () => {
  const program = join(folder, 'python');
  writeFileSync(program, '#!/bin/sh\necho first >&2\necho last >&2\nexit 3\n');
  chmodSync(program, 0o755);

  expect(await probe(program, folder)).toEqual({ kind: 'broken', reason: 'last' });
});
