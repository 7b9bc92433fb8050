import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, hoverTooltip, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'preact/hooks';
import type { Dictionary, DictionaryField } from './types.ts';

interface TextViewProps {
  readonly label: string;
  readonly text: string;
  readonly dictionary: Dictionary;
  readonly problems: readonly { readonly line: number; readonly column: number; readonly message: string }[];
  readonly readOnly: boolean;
  /** `en` or `ru`. */
  readonly language: 'en' | 'ru';
  change(text: string): void;
}

/** CEL, for those who write it: completion of names, what each of them means, and errors in their place. */
export function TextView({ label, text, dictionary, problems, readOnly, language, change }: TextViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const changed = useRef(change);
  changed.current = change;

  useEffect(() => {
    if (host.current === null) return;
    const state = EditorState.create({
      doc: text,
      extensions: [
        ...[lineNumbers(), history(), keymap.of([...defaultKeymap, ...historyKeymap]), EditorView.lineWrapping],
        ...[
          CEL,
          THEME,
          syntaxHighlighting(HIGHLIGHT),
          EditorState.readOnly.of(readOnly),
          EditorView.editable.of(!readOnly),
        ],
        autocompletion({ override: [(context) => completions(context, dictionary, language)] }),
        hoverTooltip((editor, at) => hover(editor, at, dictionary, language)),
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorView.updateListener.of(({ docChanged, state: { doc } }) => {
          if (docChanged) changed.current(doc.toString());
        }),
      ],
    });
    // Its styles go into a shadow tree as style sheets: no policy of the service's pages allows them in the page.
    const root = host.current.shadowRoot ?? host.current.attachShadow({ mode: 'open' });
    view.current = new EditorView({ state, parent: root, root });
    return () => view.current?.destroy();
  }, [dictionary, readOnly, language]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === text) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  }, [text]);

  useEffect(() => {
    const editor = view.current;
    if (editor === null) return;
    editor.dispatch(
      setDiagnostics(
        editor.state,
        problems.map((problem) => placed(editor, problem)),
      ),
    );
  }, [problems, text]);

  return <div class="cel" ref={host} />;
}

function placed(editor: EditorView, { line, column, message }: TextViewProps['problems'][number]): Diagnostic {
  const { doc } = editor.state;
  const start = doc.line(Math.min(Math.max(1, line), doc.lines));
  const from = Math.min(start.from + Math.max(0, column - 1), start.to);
  const word = editor.state.wordAt(from);
  return { from, to: word?.to ?? Math.min(from + 1, doc.length), severity: 'error', message };
}

const OPERATOR = /^(&&|\|\||[=!<>]=?|[-+*/%?:])/;
const CEL = StreamLanguage.define({
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^\/\/.*/)) return 'comment';
    if (stream.match(/^("([^"\\]|\\.)*"?|'([^'\\]|\\.)*'?)/)) return 'string';
    if (stream.match(/^\d+(\.\d+)?([eE][-+]?\d+)?/)) return 'number';
    if (stream.match(/^(true|false|null|in)\b/)) return 'keyword';
    if (stream.match(/^[A-Za-z_]\w*(?=\()/)) return 'function';
    if (stream.match(/^[A-Za-z_]\w*/)) return 'variableName';
    if (stream.match(OPERATOR)) return 'operator';
    stream.next();
    return null;
  },
  tokenTable: { function: tags.function(tags.variableName) },
});
const HIGHLIGHT = HighlightStyle.define([
  { tag: tags.string, fontStyle: 'italic' },
  { tag: tags.keyword, fontWeight: '700' },
  { tag: tags.function(tags.variableName), fontWeight: '600' },
  { tag: tags.comment, color: 'var(--quiet)' },
]);
const THEME = EditorView.theme({
  '&': { color: 'inherit', minHeight: '6rem' },
  '.cm-content': { fontFamily: 'ui-monospace, monospace', caretColor: 'currentColor' },
  '.cm-gutters': { background: 'transparent', color: 'var(--quiet)', border: '0' },
  '.cm-cursor': { borderLeftColor: 'currentColor' },
  '.cm-tooltip': {
    background: 'var(--pico-background-color)',
    color: 'var(--pico-color)',
    border: '1px solid var(--line)',
    padding: '0.2rem 0.4rem',
  },
});

/** The fields at the end of what is written before the point; null where that names nothing. */
function fieldsAfter(path: readonly string[], { variables, types }: Dictionary): readonly DictionaryField[] | null {
  const [first, ...names] = path;
  let type = variables.find(({ name }) => name === first)?.type ?? null;
  for (const name of names)
    type = (type === null ? [] : (types[type] ?? [])).find((each) => each.name === name)?.type ?? null;
  return type === null ? null : (types[type] ?? null);
}

function meaning({ description, type }: DictionaryField, language: 'en' | 'ru'): string {
  return [type, description?.[language], description?.unit].filter((part) => part).join(' · ');
}

function completions(
  context: CompletionContext,
  dictionary: Dictionary,
  language: 'en' | 'ru',
): CompletionResult | null {
  const before = context.matchBefore(/[A-Za-z_][\w.]*/);
  if (before === null && !context.explicit) return null;
  const path = (before?.text ?? '').split('.');
  const last = path.pop() ?? '';
  const from = context.pos - last.length;
  const option = (field: DictionaryField, kind: string): Completion => ({
    ...{ label: field.name, type: kind, detail: field.type, info: meaning(field, language) },
  });
  if (path.length > 0) {
    const fields = fieldsAfter(path, dictionary);
    return fields === null ? null : { from, options: fields.map((field) => option(field, 'property')) };
  }
  const functions = dictionary.functions.map(({ name, params, result, description }) => ({
    ...{ label: name, type: 'function', detail: `(${params.join(', ')}) → ${result}`, apply: `${name}(` },
    info: description?.[language] ?? '',
  }));
  const lists = dictionary.lists.map(({ name }) => ({ label: `"${name}"`, type: 'constant' }));
  return { from, options: [...dictionary.variables.map((each) => option(each, 'variable')), ...functions, ...lists] };
}

function hover(editor: EditorView, at: number, dictionary: Dictionary, language: 'en' | 'ru') {
  const { from, text } = editor.state.doc.lineAt(at);
  for (const match of text.matchAll(/[A-Za-z_][\w.]*/g)) {
    const start = from + match.index;
    if (at < start || at > start + match[0].length) continue;
    const upTo = match[0].slice(0, at - start).split('.').length;
    const path = match[0].split('.').slice(0, upTo);
    const called = dictionary.functions.find(({ name }) => name === match[0]);
    const owner = path.length === 1 ? dictionary.variables : fieldsAfter(path.slice(0, -1), dictionary);
    const field = owner?.find(({ name }) => name === path.at(-1));
    const shown = called === undefined ? (field === undefined ? null : meaning(field, language)) : described();
    if (shown === null) return null;
    return {
      pos: start,
      end: start + match[0].length,
      create() {
        const dom = document.createElement('div');
        dom.className = 'cel-hover';
        dom.textContent = `${called === undefined ? path.join('.') : called.name}: ${shown}`;
        return { dom };
      },
    };
    function described(): string {
      return `(${called?.params.join(', ')}) → ${called?.result} · ${called?.description?.[language] ?? ''}`;
    }
  }
  return null;
}
