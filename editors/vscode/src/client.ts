/** The language client: vscode-languageclient, with three things done codeplan's way. */
import * as vscode from 'vscode';
import {
  ExecuteCommandRequest,
  LanguageClient,
  MessageType,
  ShowMessageNotification,
  type DynamicFeature,
  type LanguageClientOptions,
  type StaticFeature,
} from 'vscode-languageclient/node';
import { initializationOptions, SECTION, withInterpreter } from './settings';
import { SCHEMES } from './workspaces';

const MESSAGE_MILLISECONDS = 10_000;
/** The clicking user is faster than the server's end on a busy machine. */
export const STOP_MILLISECONDS = 5_000;

class Client extends LanguageClient {
  /**
   * The server's commands are registered by this extension, so that they are there before the
   * server is; the library would register them once more, which VS Code refuses.
   */
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    const method = 'registrationType' in feature ? feature.registrationType.method : '';
    if (method !== ExecuteCommandRequest.method) {
      super.registerFeature(feature);
    }
  }
}

export interface ClientContext {
  readonly channel: vscode.LogOutputChannel;
  /** A folder that is not the workspace's: nothing is imported or started from it. */
  readonly folder: string;
  readonly examplesInterpreter: string | undefined;
}

/** A client for a server that runs in `python`; not started yet. */
export function makeClient(python: string, context: ClientContext): LanguageClient {
  const options: LanguageClientOptions = {
    documentSelector: SCHEMES.map((scheme) => ({ scheme, language: 'python' })),
    outputChannel: context.channel,
    initializationOptions: () => initializationOptions(context.examplesInterpreter),
    // stdout is the protocol's.
    stdioOptions: { stdout: () => undefined, stderr: logLines },
    middleware: {
      workspace: {
        configuration: async (params, token, next) => {
          const answers = await next(params, token);
          return Array.isArray(answers)
            ? answers.map((answer: unknown, index) =>
                params.items[index]?.section === SECTION && typeof answer === 'object' && answer !== null
                  ? withInterpreter(answer, context.examplesInterpreter)
                  : answer,
              )
            : answers;
        },
      },
    },
    // Told once, with what to do about it, by the one who starts the server.
    initializationFailedHandler: () => false,
  };
  const run = {
    command: python,
    // -P: nothing is imported from the folder that the process stands in.
    args: ['-P', '-m', 'codeplan_server'],
    options: { cwd: context.folder },
  };
  const client = new Client('codeplan', 'codeplan', { run, debug: run }, options);
  client.onNotification(ShowMessageNotification.type, ({ type, message }) => say(type, message));
  return client;
}

/** Good news in the status bar, which goes by itself; trouble where it is seen. */
function say(type: MessageType, message: string): void {
  if (type === MessageType.Error) {
    void vscode.window.showErrorMessage(`codeplan: ${message}`);
  } else if (type === MessageType.Warning) {
    void vscode.window.showWarningMessage(`codeplan: ${message}`);
  } else {
    // Of several lines the first: the rest is for a view.
    const [first = ''] = message.split('\n');
    vscode.window.setStatusBarMessage(`$(check) ${first.replace(/:$/, '')}`, MESSAGE_MILLISECONDS);
  }
}

/** The server's log lines have a time and a level of their own. */
function logLines(stream: NodeJS.ReadableStream, channel: vscode.LogOutputChannel): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach((line) => channel.info(line));
  });
}
