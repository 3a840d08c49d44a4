/** What the tests inside of the extension host share. They wait for conditions, never for times. */
import * as assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Api } from '../../src/extension';
import type { ServerStatus } from '../../src/wording';

/** After this a condition will not come true on the slowest machine either. */
const WAIT_MILLISECONDS = 120_000;
const POLL_MILLISECONDS = 25;

export interface Test {
  readonly name: string;
  readonly act: () => Promise<void>;
}

export interface Status extends ServerStatus {
  readonly process: number;
  readonly works: readonly { readonly command: string; readonly function: string }[];
  readonly settings: {
    readonly search: { readonly plans: number };
    readonly sandbox: { readonly interpreter: string };
    readonly backend: { readonly model: string };
  };
}

/** Run the tests in order; each result is a line of the file that CODEPLAN_RESULTS names. */
export async function runAll(tests: readonly Test[]): Promise<void> {
  for (const { name, act } of tests) {
    let problem = '';
    try {
      await act();
    } catch (error) {
      problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    appendFileSync(variable('CODEPLAN_RESULTS'), `${JSON.stringify({ name, problem })}\n`);
  }
}

export function variable(name: string): string {
  const value = process.env[name];
  assert.ok(value, `the variable ${name} is not set`);
  return value;
}

/** The extension's parts, when the server runs or has failed to. */
export async function activated(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>('codeplan.codeplan');
  assert.ok(extension, 'the extension is not there');
  const api = await extension.activate();
  await until(() => ['running', 'failed'].includes(api.server.state.kind), 'end of the start');
  return api;
}

type Maybe<T> = T | false | undefined;

/** The value of a condition, once it has one. */
export async function until<T>(condition: () => Maybe<T> | Promise<Maybe<T>>, what: string): Promise<T> {
  const end = Date.now() + WAIT_MILLISECONDS;
  for (;;) {
    const value = await condition();
    if (value) {
      return value;
    }
    assert.ok(Date.now() < end, `no ${what} in ${WAIT_MILLISECONDS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
  }
}

export function file(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  return vscode.Uri.joinPath(folder.uri, name);
}

/** A file of the workspace in the editor, as it is on the disk, with the cursor at a text. */
export async function open(name: string, at: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(file(name));
  const editor = await vscode.window.showTextDocument(document);
  if (document.isDirty) {
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
  const offset = document.getText().indexOf(at);
  assert.ok(offset >= 0, `${name} does not hold ${at}`);
  const position = document.positionAt(offset);
  editor.selection = new vscode.Selection(position, position);
  return editor;
}

export async function command<T = Record<string, unknown>>(name: string, ...given: unknown[]): Promise<T> {
  const result = await vscode.commands.executeCommand<T>(`codeplan.${name}`, ...given);
  assert.ok(result, `${name} gave nothing`);
  return result;
}

export function status(): Promise<Status> {
  return command<Status>('status');
}

/** Whether a process runs. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export function baseName(uri: vscode.Uri): string {
  return path.posix.basename(uri.path);
}
