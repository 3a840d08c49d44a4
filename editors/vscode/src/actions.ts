/** What the commands do: ask the server, and let the views show what it gave. */
import * as vscode from 'vscode';
import type { Place, Result, Runner } from './commands';
import { FollowedPlace } from './places';
import { PlanEditor } from './planEditor';
import type { Item, PlansView } from './plansView';
import { explained, type PlanRecord, type PlanSet } from './plans';
import { Preview } from './preview';

/** The commands on one function that need nothing but its place: name, progress's title. */
export const ON_FUNCTION: readonly (readonly [string, string])[] = [
  ['codeplan.planThenCode', 'codeplan: writing'],
  ['codeplan.showPlans', 'codeplan: planning'],
  ['codeplan.codeFromPlan', 'codeplan: writing from the plan'],
  ['codeplan.nextCandidate', 'codeplan: next candidate'],
  ['codeplan.repair', 'codeplan: repairing'],
  ['codeplan.writeExamples', 'codeplan: writing examples'],
  ['codeplan.explain', 'codeplan: explaining'],
  ['codeplan.runExamples', 'codeplan: running the examples'],
];

export class Actions {
  readonly preview = new Preview();
  readonly planEditor = new PlanEditor();

  constructor(
    private readonly runner: Runner,
    private readonly view: PlansView,
  ) {}

  /** A command on a function. `argument`: from a code lens or a code action; else the cursor's place. */
  async onFunction(name: string, title: string, argument?: unknown): Promise<Result | undefined> {
    const place = isPlace(argument) ? argument : this.runner.placeAtCursor();
    if (place === undefined) {
      return undefined;
    }
    const text = textOf(place.uri);
    const followed = new FollowedPlace(place.uri, place.position);
    try {
      const result = await this.runner.work(name, title, place);
      this.take(name, followed, text, result);
      return result;
    } finally {
      followed.dispose();
    }
  }

  async solveFile(argument?: unknown): Promise<Result | undefined> {
    const place = isPlace(argument) ? argument : this.runner.placeAtCursor();
    return place && this.runner.work('codeplan.solveFile', 'codeplan: writing the file', { uri: place.uri });
  }

  async fileExamples(): Promise<Result | undefined> {
    const place = this.runner.placeAtCursor();
    return (
      place &&
      this.runner.work('codeplan.runExamples', 'codeplan: running the examples', { uri: place.uri })
    );
  }

  async cancel(): Promise<void> {
    // Without a server nothing runs either.
    const result = this.runner.serverRuns
      ? await this.runner.ask<Result>('codeplan.cancel')
      : undefined;
    if (!result?.cancelled) {
      vscode.window.setStatusBarMessage('codeplan: nothing was running', 5_000);
    }
  }

  async usePlan(item?: Item): Promise<Result | undefined> {
    const chosen = await this.chosen(item);
    return chosen && this.codeFrom(placeIn(chosen.set), chosen.plan.steps);
  }

  async editPlan(item?: Item): Promise<void> {
    const chosen = await this.chosen(item);
    if (chosen !== undefined) {
      const { set, plan } = chosen;
      // The view follows the function while the text changes; another function's view does not.
      const place = (): Place => {
        const now = this.view.set;
        return placeIn(now?.uri === set.uri && now.functionName === set.functionName ? now : set);
      };
      await this.planEditor.open(set.functionName, plan.steps, place);
    }
  }

  async writeFromEditedPlan(): Promise<Result | undefined> {
    const taken = await this.planEditor.take();
    return taken && this.codeFrom(taken.place, taken.steps);
  }

  async previewPlan(item?: Item): Promise<void> {
    const chosen = await this.chosen(item);
    if (chosen !== undefined) {
      await this.preview.open(chosen.set, chosen.plan, chosen.number);
    }
  }

  /** The next candidate for the function of the view. */
  async nextOfView(): Promise<Result | undefined> {
    const set = this.view.set;
    return set && this.onFunction('codeplan.nextCandidate', 'codeplan: next candidate', placeIn(set));
  }

  private async codeFrom(place: Place, plan: readonly string[]): Promise<Result | undefined> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(place.uri));
    await vscode.window.showTextDocument(document);
    const name = 'codeplan.codeFromPlan';
    const result = await this.runner.work(name, 'codeplan: writing from the plan', { ...place, plan });
    this.take(name, place, undefined, result);
    return result;
  }

  /** Let the view show what a command has found. */
  private take(name: string, place: Place, text: string | undefined, result: Result | undefined): void {
    const plans = plansIn(name, result);
    if (result?.function && text !== undefined && plans !== undefined) {
      this.preview.clear();
      this.view.show({
        uri: place.uri,
        functionName: result.function,
        position: place.position,
        text,
        plans,
        inserted: result.applied ? result.plan : undefined,
      });
      if (name === 'codeplan.showPlans' || name === 'codeplan.explain') {
        void vscode.commands.executeCommand('codeplan.plans.focus');
      }
    } else if (result?.applied && result.plan && this.view.set?.functionName === result.function) {
      this.view.markInserted(result.plan);
    }
  }

  private async chosen(
    item?: Item,
  ): Promise<{ set: PlanSet; plan: PlanRecord; number: number } | undefined> {
    const set = this.view.set;
    if (set === undefined || set.plans.length === 0) {
      void vscode.window.showWarningMessage('There are no plans yet: run "codeplan: Show Plans" in a function.');
      return undefined;
    }
    if (item?.kind === 'plan') {
      return { set, plan: item.plan, number: item.number };
    }
    const entries = set.plans.map((plan, index) => ({
      label: plan.steps[0] ?? 'no steps',
      description: plan.verdict,
      detail: plan.steps.slice(1).join('  '),
      plan,
      number: index + 1,
    }));
    const title = `Plans for ${set.functionName}`;
    const entry = await vscode.window.showQuickPick(entries, { title, matchOnDetail: true });
    return entry && { set, plan: entry.plan, number: entry.number };
  }
}

/** The plans that a command's value holds; undefined when it is not about plans. */
function plansIn(name: string, result: Result | undefined): readonly PlanRecord[] | undefined {
  if (name === 'codeplan.explain' && result?.outcome === 'explained') {
    return [explained(result.plan ?? [])];
  }
  const given = name === 'codeplan.showPlans' ? result?.plans : result?.records;
  return typeof given === 'object' ? given : undefined;
}

function placeIn(set: PlanSet): Place {
  return { uri: set.uri, position: set.position };
}

function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && 'uri' in value && 'position' in value;
}

function textOf(uri: string): string | undefined {
  const documents = vscode.workspace.textDocuments;
  return documents.find((document) => document.uri.toString() === uri)?.getText();
}
