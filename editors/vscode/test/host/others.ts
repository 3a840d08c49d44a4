/** The extension where something is missing: trust, or a server. */
import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Result } from '../../src/commands';
import { activated, command, open, status, type Test, until } from './harness';

/** The workspace's own settings name a model and interpreters that must not be used. */
export const UNTRUSTED: readonly Test[] = [
  {
    name: 'in an untrusted workspace the server runs and is told so',
    act: async () => {
      await open('shop.py', 'def total');
      const { server, status: bar } = await activated();

      assert.equal(vscode.workspace.isTrusted, false);
      assert.equal(server.state.kind, 'running', JSON.stringify(server.state));
      assert.equal((await status()).trusted, false);
      await bar.refresh();
      assert.ok(bar.lines.some((line) => line.startsWith('Restricted mode')), bar.lines.join('\n'));
    },
  },
  {
    name: 'the settings of an untrusted workspace that could run code are not used',
    act: async () => {
      const { settings } = await status();

      assert.equal(settings.backend.model, '');
      assert.equal(settings.sandbox.interpreter, '');
      // One that is harmless is.
      assert.equal(settings.search.plans, 4);
    },
  },
  {
    name: 'verified code is written in an untrusted workspace too',
    act: async () => {
      const { document } = await open('shop.py', 'def total');
      const before = document.getText();

      const result = await command<Result>('planThenCode');

      assert.equal(result.applied, true, JSON.stringify(result));
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), before);
    },
  },
];

/** No Python on the PATH has codeplan. */
export const MISSING: readonly Test[] = [
  {
    name: 'a server that is not installed is said with every Python that was tried',
    act: async () => {
      await open('shop.py', 'def total');
      const { server, status: bar } = await activated();

      assert.equal(server.state.kind, 'failed');
      const reason = server.state.kind === 'failed' ? server.state.reason : '';
      assert.match(reason, /server was not found/);
      assert.match(reason, /python3, \(Python 3[\d.]+\) has no codeplan installed/);
      assert.deepEqual(bar.lines, [reason]);
    },
  },
  {
    name: 'a command without a server gives nothing and leaves the text alone',
    act: async () => {
      const { document } = await open('shop.py', 'def total');
      const before = document.getText();

      const result = await vscode.commands.executeCommand('codeplan.planThenCode');

      assert.equal(result, undefined);
      assert.equal(document.getText(), before);
    },
  },
  {
    name: 'naming an interpreter that has codeplan starts the server',
    act: async () => {
      const { server } = await activated();
      const python = process.env['CODEPLAN_PYTHON'];
      const settings = vscode.workspace.getConfiguration('codeplan');

      await settings.update('server.interpreter', python, vscode.ConfigurationTarget.Global);

      await until(() => server.state.kind === 'running', 'running server');
      assert.equal((await status()).trusted, true);
      await settings.update('server.interpreter', 'no-such-python', vscode.ConfigurationTarget.Global);
      await until(() => server.state.kind === 'failed', 'failed server');
      const reason = server.state.kind === 'failed' ? server.state.reason : '';
      assert.match(reason, /codeplan\.server\.interpreter, no-such-python, can't be used/);
    },
  },
];
