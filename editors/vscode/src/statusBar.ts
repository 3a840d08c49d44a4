/** The item in the status bar: the server's state, how much is running, and the way to the menu. */
import * as vscode from 'vscode';
import type { Runner } from './commands';
import type { Server } from './server';
import { type ServerStatus, shown } from './wording';

export class StatusBar implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem('codeplan', vscode.StatusBarAlignment.Right, 90);
  private readonly disposables: vscode.Disposable[];
  private status: ServerStatus | undefined;

  constructor(
    private readonly server: Server,
    private readonly runner: Runner,
  ) {
    this.item.name = 'codeplan';
    this.item.command = 'codeplan.menu';
    this.disposables = [
      server.onDidChange(() => void this.refresh()),
      runner.onDidChange(() => void this.refresh()),
      vscode.window.onDidChangeActiveTextEditor(() => this.draw()),
    ];
    this.draw();
  }

  /** Facts for people, one a line. */
  get lines(): readonly string[] {
    return shown(this.server.state, this.runner.busy, this.status).lines;
  }

  /** Ask the server anew and draw. Never rejects. */
  async refresh(): Promise<void> {
    this.draw();
    if (this.server.state.kind !== 'running') {
      this.status = undefined;
      return;
    }
    try {
      this.status = await this.runner.ask<ServerStatus>('codeplan.status');
    } catch {
      this.status = undefined; // it ended meanwhile: its state says so
    }
    this.draw();
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
    this.item.dispose();
  }

  private draw(): void {
    const { text, warning, lines } = shown(this.server.state, this.runner.busy, this.status);
    this.item.text = text;
    this.item.accessibilityInformation = { label: `codeplan: ${lines.join('. ')}`, role: 'button' };
    this.item.tooltip = ['codeplan', ...lines, 'Click for the menu.'].join('\n');
    this.item.backgroundColor = warning
      ? new vscode.ThemeColor('statusBarItem.warningBackground')
      : undefined;
    const python = vscode.window.activeTextEditor?.document.languageId === 'python';
    if (python || warning || this.runner.busy > 0) {
      this.item.show();
    } else {
      this.item.hide();
    }
  }
}
