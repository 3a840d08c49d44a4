/** What stands directly on VS Code's API, against the thin wall. */
import { afterEach, expect, test } from 'vitest';
import { FollowedPlace } from '../../src/places';
import { workspaceInterpreter } from '../../src/python';
import { withInterpreter } from '../../src/settings';
import { documentReason, virtualReason } from '../../src/workspaces';
import { changes, extensions, workspace } from './vscode';

afterEach(() => {
  workspace.isTrusted = true;
  workspace.workspaceFolders = undefined;
  extensions.found = undefined;
});

function python(path: string): { activate: () => Promise<unknown> } {
  const environments = {
    getActiveEnvironmentPath: () => ({ path }),
    resolveEnvironment: (asked: { path: string }) =>
      Promise.resolve({ executable: { uri: { fsPath: `${asked.path}/bin/python` } } }),
  };
  return { activate: () => Promise.resolve({ environments }) };
}

test("the workspace's interpreter is the Python extension's", async () => {
  extensions.found = python('/venv');

  expect(await workspaceInterpreter()).toBe('/venv/bin/python');
});

test('in an untrusted workspace nobody is asked for its interpreter', async () => {
  extensions.found = python('/venv');
  workspace.isTrusted = false;

  expect(await workspaceInterpreter()).toBeUndefined();
});

test('a Python extension that fails, or is another one, is none', async () => {
  extensions.found = { activate: () => Promise.reject(new Error('no')) };
  expect(await workspaceInterpreter()).toBeUndefined();

  extensions.found = { activate: () => Promise.resolve({}) };
  expect(await workspaceInterpreter()).toBeUndefined();
});

test('the examples get the interpreter of the workspace unless one is set', () => {
  expect(withInterpreter({ search: { plans: 3 } }, '/venv/python')).toEqual({
    search: { plans: 3 },
    sandbox: { interpreter: '/venv/python' },
  });
  const set = { sandbox: { interpreter: '/mine', level: 'A' } };
  expect(withInterpreter(set, '/venv/python')).toEqual(set);
  expect(withInterpreter({ sandbox: { interpreter: '', level: 'A' } }, '/v')).toEqual({
    sandbox: { interpreter: '/v', level: 'A' },
  });
  expect(withInterpreter({}, undefined)).toEqual({});
});

test('a workspace with no folder on a disk is refused with its scheme', () => {
  expect(virtualReason()).toBeUndefined();

  workspace.workspaceFolders = [{ uri: { scheme: 'vscode-vfs', fsPath: '/x' } }];
  expect(virtualReason()).toContain('virtual workspace (vscode-vfs)');

  workspace.workspaceFolders.push({ uri: { scheme: 'file', fsPath: '/y' } });
  expect(virtualReason()).toBeUndefined();
});

test.each([
  ['python', 'file', undefined],
  ['python', 'untitled', undefined],
  ['python', 'vscode-notebook-cell', undefined],
  ['python', 'git', /not on a disk/],
  ['markdown', 'file', /Python files/],
])('a %s document of the scheme %s', (languageId, scheme, wanted) => {
  const reason = documentReason({ languageId, uri: { scheme } } as never);

  if (wanted === undefined) {
    expect(reason).toBeUndefined();
  } else {
    expect(reason).toMatch(wanted);
  }
});

test('a followed place moves with changes of its own document until it is let go', () => {
  const place = new FollowedPlace('file:///a.py', { line: 3, character: 0 });
  const start = { line: 0, character: 0 };
  const change = (uri: string): unknown => ({
    document: { uri },
    contentChanges: [{ range: { start, end: start }, text: 'import x\n' }],
  });

  changes.fire(change('file:///a.py'));
  changes.fire(change('file:///b.py'));
  expect(place.position).toEqual({ line: 4, character: 0 });

  place.dispose();
  changes.fire(change('file:///a.py'));
  expect(place.position).toEqual({ line: 4, character: 0 });
});
