/** The view "Plans": the plans for the last function, each with its record on the examples. */
import * as vscode from 'vscode';
import { FollowedPlace } from './places';
import { iconOf, type PlanRecord, type PlanSet, sameSteps, shortRecord } from './plans';

/** A plan, or one line below it. */
export type Item =
  | { readonly kind: 'plan'; readonly plan: PlanRecord; readonly number: number }
  | { readonly kind: 'line'; readonly text: string; readonly icon?: string };

export class PlansView implements vscode.TreeDataProvider<Item>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly view: vscode.TreeView<Item>;
  private shown: PlanSet | undefined;
  private place: FollowedPlace | undefined;

  constructor() {
    this.view = vscode.window.createTreeView('codeplan.plans', { treeDataProvider: this });
  }

  /** What is shown, with the function's place as it is now. */
  get set(): PlanSet | undefined {
    return this.shown && { ...this.shown, position: this.place?.position ?? this.shown.position };
  }

  /** Show the plans for a function, in place of what was shown. */
  show(set: PlanSet): void {
    this.shown = set;
    this.place?.dispose();
    this.place = new FollowedPlace(set.uri, set.position);
    this.view.title = `Plans for ${set.functionName}`;
    this.view.message = set.plans.length === 0 ? 'No plan was needed or none was found.' : undefined;
    void vscode.commands.executeCommand('setContext', 'codeplan.hasPlans', true);
    this.changed.fire(undefined);
  }

  /** Mark the plan whose code stands in the text now. */
  markInserted(steps: readonly string[]): void {
    if (this.shown !== undefined) {
      this.shown = { ...this.shown, inserted: steps };
      this.changed.fire(undefined);
    }
  }

  getTreeItem(item: Item): vscode.TreeItem {
    return item.kind === 'plan' ? this.planItem(item.plan, item.number) : lineItem(item);
  }

  getChildren(item?: Item): Item[] {
    if (item === undefined) {
      return (this.shown?.plans ?? []).map((plan, index) => ({ kind: 'plan', plan, number: index + 1 }));
    }
    if (item.kind === 'line') {
      return [];
    }
    const { steps, verdict, detail } = item.plan;
    return [
      ...steps.map((step, index) => ({ kind: 'line', text: `${index + 1}. ${step}` }) as const),
      { kind: 'line', text: verdict, icon: 'beaker' },
      ...(detail ? [{ kind: 'line', text: detail, icon: 'info' } as const] : []),
    ];
  }

  getParent(): undefined {
    return undefined;
  }

  dispose(): void {
    this.place?.dispose();
    this.view.dispose();
    this.changed.dispose();
  }

  private planItem(plan: PlanRecord, number: number): vscode.TreeItem {
    const state = vscode.TreeItemCollapsibleState;
    const inserted = sameSteps(this.shown?.inserted, plan.steps);
    // The record comes first: what is too long for the view is cut off at its end.
    const item = new vscode.TreeItem(
      `Plan ${number}: ${shortRecord(plan)}${inserted ? ', in the text' : ''}`,
      number === 1 ? state.Expanded : state.Collapsed,
    );
    item.id = `${number}:${this.shown?.functionName}:${plan.steps.join('\n')}`;
    item.description = plan.steps.join(' ');
    const { icon, color } = iconOf(plan);
    item.iconPath = new vscode.ThemeIcon(icon, color ? new vscode.ThemeColor(color) : undefined);
    item.tooltip = [`Plan ${number}: ${plan.verdict}`, ...plan.steps].join('\n');
    item.contextValue = plan.edits.length > 0 ? 'planWithCode' : 'plan';
    item.command = {
      command: 'codeplan.plans.preview',
      title: 'Preview Code',
      arguments: [{ kind: 'plan', plan, number }],
    };
    return item;
  }
}

function lineItem(item: Extract<Item, { kind: 'line' }>): vscode.TreeItem {
  const made = new vscode.TreeItem(item.text);
  made.tooltip = item.text;
  if (item.icon !== undefined) {
    made.iconPath = new vscode.ThemeIcon(item.icon);
  }
  return made;
}
