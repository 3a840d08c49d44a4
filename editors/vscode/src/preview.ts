/** A plan's code before it is written: the file beside the file as it would be. */
import * as path from 'node:path';
import * as vscode from 'vscode';
import { applyEdits, type PlanRecord, type PlanSet } from './plans';

export const PREVIEW_SCHEME = 'codeplan-preview';

export class Preview implements vscode.TextDocumentContentProvider {
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly texts = new Map<string, string>();

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? '';
  }

  /** Open the difference. `number`: the plan's, from 1. */
  async open(set: PlanSet, plan: PlanRecord, number: number): Promise<void> {
    if (plan.edits.length === 0) {
      void vscode.window.showInformationMessage(
        `There is no code to show for plan ${number}: ${plan.verdict}.`,
      );
      return;
    }
    const original = vscode.Uri.parse(set.uri);
    const name = path.posix.basename(original.path);
    const made = vscode.Uri.from({
      scheme: PREVIEW_SCHEME,
      path: `/${number}/${name.endsWith('.py') ? name : `${name}.py`}`,
      query: set.functionName,
    });
    this.texts.set(made.toString(), applyEdits(set.text, plan.edits));
    this.changed.fire(made);
    const title = `${set.functionName}: plan ${number} (${plan.verdict})`;
    await vscode.commands.executeCommand('vscode.diff', original, made, title, { preview: true });
  }

  /** Forget the texts of plans that are shown no more. */
  clear(): void {
    this.texts.clear();
  }
}
