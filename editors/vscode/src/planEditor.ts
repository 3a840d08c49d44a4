/** Editing a plan: a text with one step a line, kept in memory, from which code is written. */
import * as vscode from 'vscode';
import type { Place } from './commands';
import { planText, stepsOf } from './plans';

export const PLAN_SCHEME = 'codeplan-plan';

interface Kept {
  content: Uint8Array;
  time: number;
  place: () => Place;
}

/** The texts are files of a file system of their own, so that they are edited like any other. */
export class PlanEditor implements vscode.FileSystemProvider {
  private readonly changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.changed.event;
  private readonly files = new Map<string, Kept>();

  /** Open a plan. `place`: where the function is when code is written from the plan. */
  async open(functionName: string, steps: readonly string[], place: () => Place): Promise<void> {
    const uri = vscode.Uri.from({ scheme: PLAN_SCHEME, path: `/${functionName}.plan` });
    const content = Buffer.from(planText(functionName, steps), 'utf8');
    this.files.set(uri.path, { content, time: Date.now(), place });
    this.changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    const first = document.lineCount > 4 ? 4 : 0;
    editor.selection = new vscode.Selection(first, 0, first, 0);
  }

  /** The steps in the editor that shows a plan, and the function that they are for; it is closed. */
  async take(): Promise<{ readonly place: Place; readonly steps: string[] } | undefined> {
    const document = vscode.window.activeTextEditor?.document;
    const kept = document?.uri.scheme === PLAN_SCHEME ? this.files.get(document.uri.path) : undefined;
    if (document === undefined || kept === undefined) {
      void vscode.window.showWarningMessage('Open a plan first: "Edit Plan" in the view Plans.');
      return undefined;
    }
    const steps = stepsOf(document.getText());
    if (steps.length === 0) {
      void vscode.window.showWarningMessage('The plan has no steps: write one a line.');
      return undefined;
    }
    await document.save(); // so that closing asks nothing
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    return { place: kept.place(), steps };
  }

  watch(): vscode.Disposable {
    return { dispose: () => undefined };
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { content, time } = this.file(uri);
    return { type: vscode.FileType.File, ctime: time, mtime: time, size: content.byteLength };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return this.file(uri).content;
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    const kept = this.file(uri);
    kept.content = content;
    kept.time = Date.now();
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): void {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  private file(uri: vscode.Uri): Kept {
    const kept = this.files.get(uri.path);
    if (kept === undefined) {
      throw vscode.FileSystemError.FileNotFound(uri);
    }
    return kept;
  }
}
