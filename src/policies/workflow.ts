import { randomBytes } from 'node:crypto';
import { CorridorError } from '../errors.ts';
import type { PolicyBundle } from '../profiles/bundle.ts';
import { conflictOf } from './blame.ts';
import type { CheckResult } from './check.ts';
import type { Checker } from './checker.ts';
import type { Changes, Draft, Launch } from './draft.ts';
import type { DraftBoard } from './draft-board.ts';
import * as life from './draft-life.ts';
import { merge, textOf } from './merge.ts';
import { invalidPolicy, mustBeSound } from './problems.ts';
import type { PolicyVersions } from './version.ts';
import { changed, mustBeActive, mustBundle } from './version-access.ts';

export interface WorkflowDeps {
  readonly board: DraftBoard;
  readonly versions: PolicyVersions;
  readonly checker: Checker;
  readonly now: () => number;
}

export interface DraftInput {
  readonly title: string;
  readonly reason?: string;
  /** Version that it changes; the active one where it is left out. */
  readonly base?: string;
  readonly changes?: Changes;
}

/** A draft, and what is wrong with the policy that it would make. */
export interface Saved {
  readonly draft: Draft;
  readonly check: CheckResult;
}

/** How a conflict is settled: by the draft's file, or by that of the active policy. */
export type Side = 'mine' | 'theirs';

/**
 * The life of a change of the policy up to its publication. Every text passes the compiler before it is saved; who did
 * what is the draft's own business (draft-life.ts).
 */
export class Workflow {
  readonly #deps: WorkflowDeps;

  constructor(deps: WorkflowDeps) {
    this.#deps = deps;
  }

  #doer(by: string): life.Doer {
    return { by, at: this.#deps.now() };
  }

  /** @throws CorridorError `not_found` for a base that nobody knows, `invalid_policy` for texts that do not parse. */
  async createDraft({ title, reason = '', base, changes = {} }: DraftInput, by: string): Promise<Draft> {
    const parent = base ?? mustBeActive(this.#deps.versions).version;
    const bundle = await mustBundle(this.#deps.versions, parent);
    const { files } = changed(bundle, changes);
    if (Object.keys(changes).length > 0) {
      const { problems } = await this.#deps.checker.check({ files });
      const own = problems.filter(({ file }) => Object.hasOwn(changes, file));
      if (own.length > 0) throw invalidPolicy('The draft is not saved: its files have problems', own);
    }
    const id = randomBytes(8).toString('hex');
    return this.#deps.board.create(life.newDraft({ id, title, reason, base: parent, changes }, [], this.#doer(by)));
  }

  /** The same changes as another draft; who wrote them cannot approve them there either. */
  async copyDraft(id: string, title: string, by: string): Promise<Draft> {
    const { reason, base, changes, authors } = this.#deps.board.get(id);
    const input = { id: randomBytes(8).toString('hex'), title, reason, base, changes };
    return this.#deps.board.create(life.newDraft(input, authors, this.#doer(by)));
  }

  /** The policy as it would be by this draft alone. @throws CorridorError `not_found` */
  async draftBundle(id: string): Promise<PolicyBundle> {
    return this.#bundleOf(this.#deps.board.get(id));
  }

  async #bundleOf({ base, changes }: Draft): Promise<PolicyBundle> {
    return changed(await mustBundle(this.#deps.versions, base), changes);
  }

  /** What is wrong with it. */
  async check(id: string): Promise<CheckResult> {
    return this.#deps.checker.check(await this.draftBundle(id));
  }

  /**
   * Saves a file of a draft, takes it away (null) or back to the base (undefined).
   * @param revision That was edited; null: whichever there is.
   * @throws CorridorError `invalid_policy` where the file itself has problems: nothing is saved then. `changed_meanwhile`
   */
  async saveFile(
    id: string,
    revision: number | null,
    file: string,
    text: string | null | undefined,
    by: string,
  ): Promise<Saved> {
    const { board, checker } = this.#deps;
    const next = (draft: Draft) => life.withFile(draft, file, text, this.#doer(by));
    const draft = board.get(id);
    // What is refused anyhow need not be compiled.
    const check = await checker.check(await this.#bundleOf(next(draft)));
    const own = check.problems.filter((problem) => problem.file === file);
    if (own.length > 0) throw invalidPolicy(`${file} is not saved: it has problems`, own);
    return { draft: await board.change(id, revision ?? draft.revision, next), check };
  }

  /** The draft's text of a file, or that of its base. @throws CorridorError `not_found` */
  async fileOf(id: string, file: string): Promise<string> {
    const text = textOf(await this.draftBundle(id), file);
    if (text === null) throw new CorridorError('not_found', `The draft has no file ${file}`);
    return text;
  }

  undo(id: string, revision: number | null, to: number, by: string): Promise<Draft> {
    return this.#deps.board.change(id, revision, (draft) => life.undoneTo(draft, to, this.#doer(by)));
  }

  describe(
    id: string,
    revision: number | null,
    settings: { readonly title?: string; readonly reason?: string; readonly launch?: Launch },
    by: string,
  ): Promise<Draft> {
    return this.#deps.board.change(id, revision, (draft) => life.described(draft, settings, this.#doer(by)));
  }

  delete(id: string, revision: number | null): Promise<void> {
    const { board, now } = this.#deps;
    return board.delete(id, revision, (draft) => life.mustAllow(draft, 'delete', now()));
  }

  /** @throws CorridorError `invalid_policy` where it does not compile, or a test of a profile fails. */
  async submit(id: string, revision: number | null, by: string): Promise<Draft> {
    const { board } = this.#deps;
    const submit = (draft: Draft) => life.submitted(draft, this.#doer(by));
    const draft = board.get(id);
    submit(draft);
    mustBeSound(await this.check(id));
    return board.change(id, revision ?? draft.revision, submit);
  }

  withdraw(id: string, by: string): Promise<Draft> {
    return this.#deps.board.change(id, null, (draft) => life.withdrawn(draft, this.#doer(by)));
  }

  /** @param revision That was looked at: another one is not approved by it. */
  decide(
    id: string,
    revision: number | null,
    decision: 'approved' | 'rejected',
    comment: string,
    by: string,
  ): Promise<Draft> {
    const decided = decision === 'approved' ? life.approved : life.rejected;
    return this.#deps.board.change(id, revision, (draft) => decided(draft, comment, this.#doer(by)));
  }

  comment(id: string, text: string, by: string): Promise<Draft> {
    return this.#deps.board.change(id, null, (draft) => life.commented(draft, text, this.#doer(by)));
  }

  schedule(id: string, times: { activateAt?: number; expireAt?: number | null }, by: string): Promise<Draft> {
    return this.#deps.board.change(id, null, (draft) => {
      const { activateAt = draft.launch.activateAt, expireAt = draft.launch.expireAt } = times;
      if (activateAt === null) throw new CorridorError('invalid_request', 'Say when: activateAt');
      return life.scheduled(draft, activateAt, expireAt, this.#doer(by));
    });
  }

  /** Puts a draft onto the active version. @throws CorridorError `changed_meanwhile` for files that nobody chose for. */
  async rebase(
    id: string,
    revision: number | null,
    choices: Readonly<Record<string, Side>>,
    by: string,
  ): Promise<Saved> {
    const { board, checker } = this.#deps;
    const draft = board.get(id);
    const base = mustBeActive(this.#deps.versions).version;
    const [before, active] = [
      await mustBundle(this.#deps.versions, draft.base),
      await mustBundle(this.#deps.versions, base),
    ];
    const { changes, conflicts } = merge(before, draft.changes, active);
    const open = conflicts.filter((file) => choices[file] === undefined);
    if (open.length > 0) throw await conflictOf(this.#deps.versions, open, draft.base, base);
    const mine = conflicts
      .filter((file) => choices[file] === 'mine')
      .map((file) => [file, draft.changes[file] ?? null]);
    const kept: Changes = { ...changes, ...Object.fromEntries(mine) };
    const next = await board.change(id, revision ?? draft.revision, (each) => {
      return life.rebased(each, base, kept, this.#doer(by));
    });
    return { draft: next, check: await checker.check(changed(active, kept)) };
  }
}
