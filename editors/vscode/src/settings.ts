/** The settings: what the server is started with, and what is added to what it asks for. */
import * as vscode from 'vscode';

export const SECTION = 'codeplan';

/** A change of these means another server process; the server hears of all others by itself. */
const RESTARTING = ['codeplan.server'];

export function initializationOptions(examplesInterpreter: string | undefined): object {
  return {
    settings: withInterpreter(vscode.workspace.getConfiguration(SECTION), examplesInterpreter),
    trusted: vscode.workspace.isTrusted,
  };
}

/**
 * The settings, with the interpreter for the examples when none is set: the workspace's, because the
 * file's imports are installed there. In untrusted workspaces the server ignores it.
 */
export function withInterpreter(settings: object, interpreter: string | undefined): object {
  const copy = JSON.parse(JSON.stringify(settings)) as { sandbox?: { interpreter?: string } };
  if (interpreter !== undefined && !copy.sandbox?.interpreter) {
    copy.sandbox = { ...copy.sandbox, interpreter };
  }
  return copy;
}

export function needsRestart(change: vscode.ConfigurationChangeEvent): boolean {
  return RESTARTING.some((name) => change.affectsConfiguration(name));
}

/** The interpreter that the user set for the server; VS Code leaves out an untrusted workspace's. */
export function serverInterpreter(): string {
  return vscode.workspace.getConfiguration(SECTION).get<string>('server.interpreter', '').trim();
}
