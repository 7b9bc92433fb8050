import type { Corridor } from '../api.ts';

/** What the service answers to the editor of a profile. */

export interface Description {
  readonly en: string;
  readonly ru: string;
  readonly unit: string | null;
}

export interface DictionaryField {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  readonly description: Description | null;
}

export interface Dictionary {
  readonly variables: readonly DictionaryField[];
  readonly types: Readonly<Record<string, readonly DictionaryField[]>>;
  readonly functions: readonly {
    readonly name: string;
    readonly params: readonly string[];
    readonly rest: string | null;
    readonly result: string;
    readonly optional: boolean;
    readonly description: Description | null;
  }[];
  readonly lists: readonly {
    readonly name: string;
    readonly keys: readonly { readonly name: string; readonly type: string }[];
    readonly columns: readonly { readonly name: string; readonly type: string }[];
    readonly rows: number;
    readonly phrases: boolean;
  }[];
  readonly codes: Readonly<Record<string, readonly string[]>>;
}

export interface ProfileForm {
  readonly id: string;
  readonly title: string;
  readonly documentation: Readonly<Partial<Record<'en' | 'ru', string>>>;
  readonly owner: string | null;
  readonly notify: readonly { readonly on: string; readonly role?: string; readonly subject?: string }[];
  readonly target: string;
  readonly corridor: string;
  readonly measures: readonly { readonly code: string; readonly instructions: string }[];
  readonly weight: number;
  readonly group: string | null;
  readonly damage: string | null;
  readonly mandatory: boolean;
  readonly scope: Readonly<{
    regimes?: readonly string[];
    offices?: readonly string[];
    procedures?: readonly string[];
    categories?: readonly string[];
    validFrom?: string;
    validUntil?: string;
  }>;
  readonly percentage: number;
  readonly onError: string;
  readonly level: 'item' | 'declaration';
  readonly when: string;
  readonly unless: string | null;
  readonly tests: readonly unknown[];
}

export interface FormProblem {
  readonly setting: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Rate {
  readonly of: number;
  readonly findings: number;
  readonly rate: number | null;
  readonly interval: { readonly low: number; readonly high: number } | null;
}

export interface Trial {
  readonly done: number;
  readonly of: number;
  readonly declarations: number;
  readonly before: Readonly<Record<Corridor, number>>;
  readonly after: Readonly<Record<Corridor, number>>;
  readonly moves: readonly { readonly from: Corridor; readonly to: Corridor; readonly declarations: number }[];
  readonly hitRate: { readonly before: Rate; readonly after: Rate };
  readonly profiles: readonly {
    readonly id: string;
    readonly hits: number;
    readonly alone: number;
    readonly faults: number;
    readonly hitRate: Rate;
    readonly samples: readonly {
      readonly submitter: string;
      readonly id: string;
      readonly version: number;
      readonly before: Corridor;
      readonly after: Corridor;
      readonly values: Readonly<Record<string, string | number | boolean | null>>;
    }[];
  }[];
  readonly offices: readonly {
    readonly office: string;
    readonly perDay: number;
    readonly busiestDay: number;
    readonly capacity: number | null;
    readonly daysOver: number;
  }[];
}

export interface DraftHead {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly revision: number;
  readonly authors: readonly string[];
}

/** After saving: the draft, and what is wrong with the policy that it makes. */
export interface SavedDraft extends DraftHead {
  readonly problems: readonly { readonly file: string; readonly line: number; readonly message: string }[];
  readonly failures: readonly { readonly file: string; readonly line: number; readonly message: string }[];
}
